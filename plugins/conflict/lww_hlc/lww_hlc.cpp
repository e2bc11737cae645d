// SPDX-License-Identifier: Apache-2.0
#include <merging/paths.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <syncline/plugin.hpp>
#include <vector>

namespace {

using syncline::Builder;
using syncline::ConfigError;
using syncline::Conflict;
using syncline::Hlc;
using syncline::Path;
using syncline::PathClock;
using syncline::Value;
using syncline::Verdicts;
using syncline::merging::isAtOrBeneath;
using Tokens = std::vector<std::string>;

/// What stands beneath a path although the path is written: what was written later.
class Later {
public:
    Later(std::string_view top, const Value& current) : top_(top.size()), current_(current) {}

    /// Within an array nothing stands for itself: then it is the array.
    void add(std::string_view path) {
        Tokens way;
        Value value = current_;
        for (std::string& name : syncline::merging::tokens(path.substr(top_))) {
            if (value.isArray()) break;
            value = value[name];
            way.push_back(std::move(name));
        }
        ways_.push_back(std::move(way));
    }

    bool empty() const { return ways_.empty(); }

    /// The incoming value with what is later put over it; objects on the way are made.
    void write(const Value& incoming, Builder& out) {
        std::sort(ways_.begin(), ways_.end());
        writeAt(incoming, current_, {0, ways_.size(), 0}, nullptr, out);
    }

private:
    /// The ways from `first` on that have their first `depth` steps in common.
    struct Range {
        std::size_t first;
        std::size_t last;
        std::size_t depth;
    };

    void writeAt(const Value& incoming, const Value& current, const Range& range,
                 const std::string* name, Builder& out) const {
        const bool isEnd = range.first < range.last && ways_[range.first].size() == range.depth;
        const bool isPlain = range.first == range.last;
        if (isEnd || isPlain) {
            const Value& value = isEnd ? current : incoming;
            if (!value.exists()) return;
            if (name != nullptr) out.key(*name);
            out.add(value);
            return;
        }
        if (name != nullptr) out.key(*name);
        out.object([&](Builder& members) {
            for (const auto [own, value] : incoming.members())
                if (rangeOf(range, own).first == rangeOf(range, own).last)
                    members.key(own).add(value);
            for (std::size_t i = range.first; i < range.last;) {
                const std::string& step = ways_[i][range.depth];
                const Range within = rangeOf(range, step);
                writeAt(incoming[step], current[step], within, &step, members);
                i = within.last;
            }
        });
    }

    Range rangeOf(const Range& range, std::string_view step) const {
        Range within = {range.first, range.first, range.depth + 1};
        for (std::size_t i = range.first; i < range.last; ++i) {
            if (ways_[i][range.depth] == step)
                within.last = i + 1;
            else if (within.last == within.first)
                within.first = within.last = i + 1;
        }
        if (within.first == range.last) within.last = within.first;
        return within;
    }

    std::size_t top_;
    Value current_;
    std::vector<Tokens> ways_;
};

std::int64_t msOf(std::string_view text) {
    struct Unit {
        std::string_view name;
        std::int64_t ms;
    };
    constexpr Unit kUnits[] = {
        {"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};
    constexpr std::int64_t kMost = 365LL * 86'400'000;
    std::int64_t number = 0;
    std::size_t digits = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9' && number < kMost)
        number = number * 10 + (text[digits++] - '0');
    for (const Unit& unit : kUnits)
        if (digits != 0 && text.substr(digits) == unit.name && number <= kMost / unit.ms)
            return number * unit.ms;
    throw ConfigError("/skew", "'" + std::string(text) + "' is outside of 0s to 365d");
}

/// Of two writes the one with the later clock stands, and the client decides where the clocks are
/// the same, in whatever order they come.
class LwwHlc final : public syncline::ConflictStrategy {
public:
    void configure(const Value& config) override {
        skewMs_ = msOf(config["skew"].string("1m"));
        refuses_ = config["beyond"].string() == "refuse";
    }

    void decide(const Conflict& conflict, Verdicts& verdicts) override {
        Hlc time = {conflict.nowMs(), 0};
        if (conflict.hlc().exists()) {
            time = {conflict.hlc().at(0).integer(),
                    static_cast<std::uint32_t>(conflict.hlc().at(1).integer())};
        }
        const std::int64_t latestMs = conflict.nowMs() + skewMs_;
        if (time.ms > latestMs) {
            if (refuses_) return refuseAll(conflict, time, latestMs, verdicts);
            time = {latestMs, 0};
        }
        verdicts.stamp(time);
        for (std::size_t i = 0; i < conflict.pathCount(); ++i)
            decidePath(conflict, conflict.path(i), i, time, verdicts);
    }

private:
    static bool isLater(const PathClock& clock, const Hlc& time) {
        if (clock.time.ms != time.ms) return clock.time.ms > time.ms;
        if (clock.time.counter != time.counter) return clock.time.counter > time.counter;
        return clock.author > 0;
    }

    static void decidePath(const Conflict& conflict, const Path& path, std::size_t index,
                           const Hlc& time, Verdicts& verdicts) {
        Later later(path.path, path.current);
        for (std::size_t i = 0; i < conflict.pathClockCount(); ++i) {
            const PathClock clock = conflict.pathClock(i);
            if (clock.commutes || !isLater(clock, time)) continue;
            if (isAtOrBeneath(path.path, clock.path)) return verdicts.keep(index);
            if (isAtOrBeneath(clock.path, path.path)) later.add(clock.path);
        }
        if (later.empty() || path.current == path.incoming) return verdicts.take(index);
        verdicts.put(index, [&](Builder& out) { later.write(path.incoming, out); });
    }

    static void refuseAll(const Conflict& conflict, const Hlc& time, std::int64_t latestMs,
                          Verdicts& verdicts) {
        for (std::size_t i = 0; i < conflict.pathCount(); ++i) {
            verdicts.refuseOp(i, "the clock of this client is too far ahead", [&](Builder& detail) {
                detail.object([&](Builder& members) {
                    members.set("hlc", static_cast<double>(time.ms))
                        .set("latest", static_cast<double>(latestMs));
                });
            });
        }
    }

    std::int64_t skewMs_ = 60'000;
    bool refuses_ = false;
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.lww_hlc", "1.0.0",
                syncline::conflictStrategy<LwwHlc>("lww_hlc").asksAlways().describes(
                    "The write with the later hybrid logical clock stands."))
