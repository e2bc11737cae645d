// SPDX-License-Identifier: Apache-2.0
#include "bridge/strategy_adapter.h"

#include <cstddef>
#include <deque>
#include <optional>
#include <string>
#include <utility>

#include "bridge/builder.h"
#include "bridge/builder_table.h"
#include "bridge/entered.h"
#include "bridge/plugin_error.h"

namespace syncline::bridge {

namespace {

using channel::ConflictQuestion;
using channel::PathVerdict;
using channel::TouchedPath;
using channel::Verdict;

std::optional<Verdict> toVerdict(syncline_verdict verdict) {
    switch (verdict) {
        case SYNCLINE_KEEP:
            return Verdict::keep;
        case SYNCLINE_TAKE:
            return Verdict::take;
        case SYNCLINE_PUT:
            return Verdict::put;
        case SYNCLINE_REFUSE_OP:
            return Verdict::refuse;
        case SYNCLINE_CONFLICT:
            return Verdict::conflict;
        default:
            return std::nullopt;
    }
}

/// Takes a plugin's verdicts on one question. On the stack of the decision.
class Collector {
public:
    Collector(const ConflictQuestion& question, channel::ConflictStrategy* otherwise)
        : question_(question),
          otherwise_(otherwise),
          verdicts_(question.paths.size()),
          stopped_(question.paths.size()),
          kept_(question.paths.size()),
          table_{sizeof(syncline_verdicts), this,    &give,       &builder, &built, &askOtherwise,
                 &askOtherwiseAt,           &refuse, &takeBehind, &revive,  &stamp} {}
    Collector(const Collector&) = delete;
    Collector& operator=(const Collector&) = delete;

    const syncline_verdicts* table() const { return &table_; }

    /// One verdict per path, or what the plugin did wrong.
    core::Result<std::vector<PathVerdict>> take() {
        if (failure_) return core::fail(std::move(*failure_));
        std::vector<PathVerdict> complete;
        complete.reserve(verdicts_.size());
        for (std::optional<PathVerdict>& verdict : verdicts_) {
            if (!verdict) return core::fail(wrong("a path was left without a verdict"));
            complete.push_back(std::move(*verdict));
            if (clock_) complete.back().clock = clock_;
        }
        return complete;
    }

private:
    static Collector& of(const syncline_verdicts* verdicts) {
        return *static_cast<Collector*>(verdicts->context);
    }

    static core::Error wrong(const char* what) {
        blameCurrent(what);
        return core::Error::of(core::Code::pluginFailed,
                               std::string("the conflict strategy failed: ") + what);
    }

    /// Where the verdict on that path goes; null when there is no such place.
    std::optional<PathVerdict>* place(std::size_t index) {
        if (index >= verdicts_.size()) {
            failure_ = wrong("a verdict on a path that was not asked about");
        } else if (verdicts_[index]) {
            failure_ = wrong("two verdicts on one path");
        } else {
            return &verdicts_[index];
        }
        return nullptr;
    }

    static void give(const syncline_verdicts* verdicts, std::size_t index, syncline_verdict number,
                     const syncline_value* value) noexcept {
        Collector& self = of(verdicts);
        const auto verdict = toVerdict(number);
        std::optional<PathVerdict>* place = self.place(index);
        if (place == nullptr) return;
        if (!verdict || (*verdict == Verdict::put && value == nullptr)) {
            self.failure_ = wrong("no known verdict, or none to put");
            return;
        }
        place->emplace(PathVerdict{*verdict});
        const bool stops = *verdict == Verdict::refuse || *verdict == Verdict::conflict;
        if (stops) (*place)->places = std::move(self.stopped_[index]);
        if (*verdict == Verdict::put) (*place)->value = toValue(value)->clone();
        if (*verdict == Verdict::conflict) (*place)->value = self.keptAs(index, value);
    }

    /// How the conflict on that path is kept: as the plugin says, or as one that it asked did.
    std::optional<json::Value> keptAs(std::size_t index, const syncline_value* value) {
        if (value != nullptr && toValue(value)->isObject()) return toValue(value)->clone();
        return std::move(kept_[index]);
    }

    static syncline_builder* builder(const syncline_verdicts* verdicts) noexcept {
        Collector& self = of(verdicts);
        self.builder_.clear();
        return toHandle(&self.builder_);
    }

    static const syncline_value* built(const syncline_verdicts* verdicts) noexcept {
        return toHandle(of(verdicts).builder_.result());
    }

    static void refuse(const syncline_verdicts* verdicts, std::size_t index, syncline_text reason,
                       const syncline_value* detail) noexcept {
        std::optional<PathVerdict>* place = of(verdicts).place(index);
        if (place == nullptr) return;
        place->emplace(PathVerdict{Verdict::refuse}).reason = toView(reason);
        if (detail != nullptr) (*place)->detail = toValue(detail)->clone();
    }

    static void takeBehind(const syncline_verdicts* verdicts, std::size_t index,
                           const syncline_value* element) noexcept {
        Collector& self = of(verdicts);
        std::optional<PathVerdict>* place = self.place(index);
        if (place == nullptr) return;
        if (element == nullptr) {
            self.failure_ = wrong("behind nothing at all");
            return;
        }
        place->emplace(PathVerdict{Verdict::take}).behind = toValue(element)->clone();
    }

    static void revive(const syncline_verdicts* verdicts, std::size_t index) noexcept {
        std::optional<PathVerdict>* place = of(verdicts).place(index);
        if (place != nullptr) place->emplace(PathVerdict{Verdict::take}).revives = true;
    }

    static void stamp(const syncline_verdicts* verdicts, std::int64_t ms,
                      std::uint32_t counter) noexcept {
        of(verdicts).clock_ = channel::Hlc{ms, counter};
    }

    static void askOtherwise(const syncline_verdicts* verdicts, std::size_t index) noexcept {
        Collector& self = of(verdicts);
        std::optional<PathVerdict>* place = self.place(index);
        if (place == nullptr) return;
        if (self.otherwise_ == nullptr) {
            place->emplace(PathVerdict{Verdict::conflict});
            return;
        }
        if (auto answer = self.askAbout(self.question_.paths[index]))
            place->emplace(std::move(*answer));
    }

    static syncline_verdict askOtherwiseAt(const syncline_verdicts* verdicts, std::size_t index,
                                           const syncline_path* place,
                                           const syncline_value** value) noexcept {
        Collector& self = of(verdicts);
        if (index >= self.verdicts_.size() || place == nullptr || value == nullptr) {
            self.failure_ = wrong("a question about a place of no path");
            return SYNCLINE_CONFLICT;
        }
        PathVerdict answer;  // a conflict
        if (self.otherwise_ != nullptr) {
            auto asked = self.askAbout({toView(place->path), toValue(place->base),
                                        toValue(place->current), toValue(place->incoming),
                                        place->stamp_seq, self.question_.paths[index].conflicts});
            if (!asked) return SYNCLINE_CONFLICT;
            answer = std::move(*asked);
        }
        switch (answer.verdict) {
            case Verdict::keep:
                return SYNCLINE_KEEP;
            case Verdict::take:
                return SYNCLINE_TAKE;
            case Verdict::put:
                *value = toHandle(&self.put_.emplace_back(std::move(*answer.value)));
                return SYNCLINE_PUT;
            case Verdict::refuse:
            case Verdict::conflict:
                break;
        }
        self.stopped_[index].emplace_back(toView(place->path));
        if (answer.value) self.kept_[index] = std::move(answer.value);
        return answer.verdict == Verdict::refuse ? SYNCLINE_REFUSE_OP : SYNCLINE_CONFLICT;
    }

    /// What the next strategy says about one path; nothing, and the failure is noted, if it fails.
    std::optional<PathVerdict> askAbout(const TouchedPath& path) {
        ConflictQuestion narrowed = question_;
        narrowed.paths = {&path, 1};
        auto answer = otherwise_->decide(narrowed);
        if (answer) return std::move(answer->front());
        failure_ = std::move(answer.error());
        return std::nullopt;
    }

    const ConflictQuestion& question_;
    channel::ConflictStrategy* const otherwise_;
    std::vector<std::optional<PathVerdict>> verdicts_;
    std::vector<std::vector<std::string>> stopped_;  ///< by path: places that must not be
    std::vector<std::optional<json::Value>> kept_;   ///< by path: how its conflict is kept
    std::deque<json::Value> put_;                    ///< lent to the plugin
    std::optional<core::Error> failure_;
    std::optional<channel::Hlc> clock_;
    Builder builder_;
    const syncline_verdicts table_;
};

std::vector<syncline_path> toPaths(const ConflictQuestion& question) {
    std::vector<syncline_path> paths;
    paths.reserve(question.paths.size());
    for (const TouchedPath& path : question.paths) {
        paths.push_back({sizeof(syncline_path), toText(path.path), toHandle(path.base),
                         toHandle(path.current), toHandle(path.incoming), path.stampSeq,
                         path.conflicts ? 1U : 0U});
    }
    return paths;
}

std::vector<syncline_clock> toClocks(const ConflictQuestion& question) {
    std::vector<syncline_clock> clocks;
    clocks.reserve(question.clocks.size());
    for (const channel::SeenClock& seen : question.clocks)
        clocks.push_back({sizeof(syncline_clock), toText(seen.path), seen.clock.ms,
                          seen.clock.counter, seen.author, seen.commutes ? 1U : 0U});
    return clocks;
}

syncline_conflict toConflict(const ConflictQuestion& question,
                             const std::vector<syncline_path>& paths,
                             const std::vector<syncline_clock>& clocks) {
    syncline_conflict conflict = {};
    conflict.size = sizeof conflict;
    conflict.channel = toText(question.channel);
    conflict.key = toText(question.key);
    conflict.kind = toText(question.kind);
    conflict.base_known = question.baseKnown ? 1 : 0;
    conflict.base = toHandle(question.base);
    conflict.current = toHandle(question.current);
    conflict.incoming = toHandle(question.incoming);
    conflict.paths = paths.data();
    conflict.path_count = paths.size();
    conflict.by = toText(question.by);
    conflict.their_by = toText(question.theirBy);
    conflict.now_ms = question.nowMs;
    conflict.hlc = toHandle(question.hlc);
    conflict.has_base = question.baseSeq ? 1 : 0;
    conflict.base_seq = question.baseSeq.value_or(0);
    conflict.version = question.version;
    conflict.misfit_step =
        question.misfitStep ? static_cast<std::int32_t>(*question.misfitStep) : -1;
    conflict.clocks = clocks.data();
    conflict.clock_count = clocks.size();
    return conflict;
}

}  // namespace

core::Result<std::vector<PathVerdict>> StrategyAdapter::decide(const ConflictQuestion& question) {
    const std::int64_t sinceNs = instance_.runtime().clock().steadyNs();
    const std::vector<syncline_path> paths = toPaths(question);
    const std::vector<syncline_clock> clocks = toClocks(question);
    const syncline_conflict conflict = toConflict(question, paths, clocks);
    Collector collector(question, otherwise_);
    syncline_error error = emptyError();
    core::Result<std::vector<PathVerdict>> verdicts;
    const syncline_status status =
        callPlugin(instance_, "decide", syncline_status{SYNCLINE_FAILED}, [&] {
            const syncline_status answered =
                instance_.functions<syncline_conflict_strategy>().decide(
                    instance_.self(), &conflict, collector.table(), &error);
            if (answered == SYNCLINE_OK) verdicts = collector.take();
            return answered;
        });
    measure(sinceNs, question);
    if (status != SYNCLINE_OK) return core::fail(toError(error));
    return verdicts;
}

void StrategyAdapter::measure(std::int64_t sinceNs, const ConflictQuestion& question) {
    const std::int64_t tookUs = (instance_.runtime().clock().steadyNs() - sinceNs) / 1'000;
    if (tookUs <= instance_.traits().decideUsMax) return;
    slow_.fetch_add(1, std::memory_order_relaxed);
    instance_.conduct().misbehaved("a decision on channel '" + std::string(question.channel) +
                                   "' took " + std::to_string(tookUs) + " us of at most " +
                                   std::to_string(instance_.traits().decideUsMax));
}

}  // namespace syncline::bridge
