// SPDX-License-Identifier: Apache-2.0
#include "channel/conflict_ruling.h"

#include <algorithm>
#include <utility>

#include "channel/elements.h"
#include "json/pointer.h"

namespace syncline::channel {

namespace {

/// The touches that one strategy is asked about, as it sees them.
class Question {
public:
    Question(const Dispute& dispute, ConflictStrategy& strategy, BaseValue& base, MineValue& mine)
        : dispute_(dispute), strategy_(strategy), base_(base), mine_(mine) {}

    void add(std::size_t touch) { touches_.push_back(touch); }
    bool empty() const { return touches_.empty(); }
    const ConflictStrategy& strategy() const { return strategy_; }

    /// Puts a verdict per touch in its place.
    core::Result<void> ask(std::vector<PathVerdict>& verdicts) {
        ConflictQuestion question = frame();
        for (const std::size_t touch : touches_) paths_.push_back(seen(touch, question.base));
        question.paths = paths_;
        core::Result<std::vector<PathVerdict>> answers = strategy_.decide(question);
        if (!answers) return core::fail(answers.error());
        if (answers->size() != touches_.size())
            return core::fail(core::Code::pluginFailed,
                              "a conflict strategy gave another number of verdicts than of paths");
        for (std::size_t i = 0; i < touches_.size(); ++i)
            verdicts[touches_[i]] = simplest(std::move((*answers)[i]), paths_[i]);
        return {};
    }

private:
    ConflictQuestion frame() {
        const Change& op = dispute_.op;
        ConflictQuestion question;
        question.channel = dispute_.channel;
        question.key = op.key;
        question.kind = nameOf(op.kind);
        question.baseKnown = base_.known();
        question.base = base_.value();
        question.current = current();
        question.by = dispute_.by;
        question.theirBy = dispute_.theirBy;
        question.nowMs = dispute_.nowMs;
        if (!op.hlc.isNull()) question.hlc = &op.hlc;
        question.baseSeq = op.base;
        if (dispute_.record != nullptr) question.version = dispute_.record->version;
        if (op.kind == OpKind::patch && strategy_.asksAlways())
            question.misfitStep = misfitStep(current(), op.arguments.value, dispute_.bounds);
        question.clocks = clocks();
        if (op.kind == OpKind::increment) {
            by_ = json::Value(op.arguments.by);
            question.incoming = &by_;
        } else if (isElementKind(op.kind) && op.arguments.value.isNull()) {
            question.incoming = &op.arguments.element;
        } else if (op.kind != OpKind::remove) {
            question.incoming = &op.arguments.value;
        }
        return question;
    }

    std::span<const SeenClock> clocks() {
        if (dispute_.record == nullptr) return {};
        const StampClass own = dispute_.touches[touches_.front()].stampClass;
        const bool mayCommute = own == StampClass::count || own == StampClass::setElement;
        for (const PathStamps::Stamp& stamp : dispute_.record->stamps.all()) {
            if (!stamp.clock) continue;
            const auto order = stamp.stream <=> dispute_.stream;
            clocks_.push_back({stamp.path, *stamp.clock,
                               order < 0   ? -1
                               : order > 0 ? 1
                                           : 0,
                               mayCommute && stamp.stampClass == own});
        }
        return clocks_;
    }

    TouchedPath seen(std::size_t index, const json::Value* base) {
        const Touch& touch = dispute_.touches[index];
        TouchedPath seen;
        seen.path = touch.path;
        seen.base = valueAt(base, touch);
        seen.current = valueAt(current(), touch);
        seen.incoming = incoming(touch);
        seen.stampSeq = dispute_.hits[index].seq;
        seen.conflicts = seen.stampSeq != 0;
        if (seen.stampSeq == 0 && dispute_.record != nullptr)
            seen.stampSeq =
                dispute_.record->stamps.conflict(touch.path, touch.stampClass, dispute_.stream, 0)
                    .seq;
        return seen;
    }

    const json::Value* incoming(const Touch& touch) {
        const Change& op = dispute_.op;
        switch (op.kind) {
            case OpKind::remove:
                return nullptr;
            case OpKind::increment: {
                const core::Result<double> sum = incremented(current(), op.arguments);
                sum_ = json::Value(sum.value_or(op.arguments.by));
                return &sum_;
            }
            case OpKind::set:
                return valueAt(&op.arguments.value, touch);
            case OpKind::merge:
                if (touch.role != Touch::Role::named) return mergedIn(touch);
                break;
            default:
                break;
        }
        return mine_.at(touch);
    }

    // What a merge puts at a leaf of it: a null removes.
    const json::Value* mergedIn(const Touch& touch) const {
        const json::Value* value = valueAt(&dispute_.op.arguments.value, touch);
        return value != nullptr && value->isNull() && !touch.path.empty() ? nullptr : value;
    }

    const json::Value* current() const {
        return dispute_.record == nullptr ? nullptr : dispute_.record->current();
    }

    // A value that is one of the two sides' is that side: so the op stays what it was if it can.
    // What is written with a clock leaves its stamp, even when it changes nothing.
    PathVerdict simplest(PathVerdict verdict, const TouchedPath& path) const {
        const std::optional<json::Value>& behind = dispute_.op.arguments.behind;
        if (verdict.behind && behind && *verdict.behind == *behind) verdict.behind.reset();
        if (current() != nullptr) verdict.revives = false;
        if (verdict.verdict != Verdict::put) return verdict;
        if (!verdict.value)
            verdict.verdict = Verdict::keep;
        else if (path.incoming != nullptr && *verdict.value == *path.incoming)
            verdict.verdict = Verdict::take;
        else if (path.current != nullptr && *verdict.value == *path.current && !verdict.clock)
            verdict.verdict = Verdict::keep;
        return verdict;
    }

    const Dispute& dispute_;
    ConflictStrategy& strategy_;
    BaseValue& base_;
    MineValue& mine_;
    std::vector<std::size_t> touches_;
    std::vector<TouchedPath> paths_;
    std::vector<SeenClock> clocks_;
    json::Value by_;
    json::Value sum_;
};

// Which strategy is asked about what.
std::vector<Question> questionsOf(const Dispute& dispute, const ConflictRules& rules,
                                  BaseValue& base, MineValue& mine) {
    std::vector<Question> questions;
    for (std::size_t i = 0; i < dispute.touches.size(); ++i) {
        ConflictStrategy* strategy = rules.strategyFor(dispute.op.key, dispute.touches[i].path);
        if (strategy == nullptr) continue;
        if (dispute.hits[i].seq == 0 && !strategy->asksAlways()) continue;
        const auto same = std::ranges::find_if(questions, [strategy](const Question& question) {
            return &question.strategy() == strategy;
        });
        if (same != questions.end())
            same->add(i);
        else
            questions.emplace_back(dispute, *strategy, base, mine).add(i);
    }
    return questions;
}

// The paths of all verdicts of that kind.
std::vector<std::string> pathsWith(Verdict wanted, const std::vector<PathVerdict>& verdicts,
                                   std::span<const Touch> touches) {
    std::vector<std::string> paths;
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
        if (verdicts[i].verdict != wanted) continue;
        if (verdicts[i].places.empty()) paths.push_back(touches[i].path);
        for (const std::string& place : verdicts[i].places) paths.push_back(place);
    }
    return paths;
}

// The first that is given.
void giveReason(std::vector<PathVerdict>& verdicts, Ruling& ruling) {
    const auto given = std::ranges::find_if(verdicts, [](const PathVerdict& verdict) {
        return verdict.verdict == Verdict::refuse && !verdict.reason.empty();
    });
    if (given == verdicts.end()) return;
    ruling.reason = std::move(given->reason);
    ruling.detail = std::move(given->detail);
}

Ruling combined(std::vector<PathVerdict> verdicts, std::span<const Touch> touches) {
    // What is only looked at can stop an op, and that is all.
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
        const Verdict verdict = verdicts[i].verdict;
        const bool stops = verdict == Verdict::refuse || verdict == Verdict::conflict;
        if (touches[i].role == Touch::Role::checked && !stops)
            verdicts[i] = PathVerdict{Verdict::take};
    }
    Ruling ruling;
    for (const PathVerdict& verdict : verdicts)
        ruling.clock = std::max(ruling.clock, verdict.clock);
    if (ruling.paths = pathsWith(Verdict::refuse, verdicts, touches); !ruling.paths.empty()) {
        ruling.kind = Ruling::Kind::refuse;
        giveReason(verdicts, ruling);
        return ruling;
    }
    if (ruling.paths = pathsWith(Verdict::conflict, verdicts, touches); !ruling.paths.empty()) {
        ruling.kind = Ruling::Kind::conflict;
        for (PathVerdict& verdict : verdicts)
            if (verdict.verdict == Verdict::conflict && verdict.value && ruling.kept.isNull())
                ruling.kept = std::move(*verdict.value);
        return ruling;
    }
    const auto isTaken = [](const PathVerdict& verdict) {
        return verdict.verdict == Verdict::take && !verdict.behind && !verdict.revives;
    };
    if (std::ranges::all_of(verdicts, isTaken)) return ruling;
    ruling.kind = Ruling::Kind::changed;
    ruling.verdicts = std::move(verdicts);
    return ruling;
}

}  // namespace

bool applyAlone(const Change& op, const PatchBounds& bounds, Record& record) {
    if (op.kind == OpKind::patch) {
        core::Result<json::Value> outcome = patched(record.current(), op.arguments.value, bounds);
        if (!outcome) return false;
        record.value = std::move(*outcome);
        record.deleted = false;
        return true;
    }
    if (op.kind == OpKind::increment && !incremented(record.current(), op.arguments)) return false;
    if (isElementKind(op.kind) &&
        !checkElements(op.kind, op.arguments, record.current(), bounds.depthMax))
        return false;
    return applyPlainly(op.kind, op.arguments.clone(), record);
}

Record recordOf(const json::Value* value) {
    Record record;
    if (value == nullptr) return record;
    record.value = value->clone();
    record.deleted = false;
    return record;
}

bool BaseValue::known() {
    rebuild();
    return known_;
}

const json::Value* BaseValue::value() {
    rebuild();
    return known_ && value_ ? &*value_ : nullptr;
}

void BaseValue::rebuild() {
    if (asked_) return;
    asked_ = true;
    const Change& op = dispute_.op;
    if (!op.base) return;
    if (dispute_.record == nullptr)
        known_ = *op.base >= dispute_.state.committed().floor;
    else
        known_ = dispute_.state.rebuild(op.key, *dispute_.record, *op.base, value_);
}

bool MineValue::fits() {
    make();
    return fits_;
}

const json::Value* MineValue::value() {
    make();
    return record_.current();
}

void MineValue::make() {
    if (std::exchange(made_, true)) return;
    if (base_.known()) {
        record_ = recordOf(base_.value());
        fits_ = applyAlone(dispute_.op, dispute_.bounds, record_);
    }
    if (fits_) return;
    record_ = recordOf(dispute_.record == nullptr ? nullptr : dispute_.record->current());
    fits_ = applyAlone(dispute_.op, dispute_.bounds, record_);
}

core::Result<Ruling> ruleOn(const Dispute& dispute, const ConflictRules& rules, BaseValue& base,
                            MineValue& mine) {
    std::vector<Question> questions = questionsOf(dispute, rules, base, mine);
    if (questions.empty()) return Ruling{};
    std::vector<PathVerdict> verdicts(dispute.touches.size());
    for (PathVerdict& verdict : verdicts) verdict.verdict = Verdict::take;
    for (Question& question : questions)
        if (core::Result<void> asked = question.ask(verdicts); !asked)
            return core::fail(std::move(asked.error()));
    return combined(std::move(verdicts), dispute.touches);
}

}  // namespace syncline::channel
