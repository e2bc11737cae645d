// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <limits>
#include <syncline/plugin.hpp>

namespace {

using syncline::Builder;
using syncline::ConfigError;
using syncline::Conflict;
using syncline::Path;
using syncline::Value;
using syncline::Verdicts;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Increments add up, within bounds. A number that is written is a new start.
class Counter final : public syncline::ConflictStrategy {
public:
    void configure(const Value& config) override {
        least_ = config["min"].number(-kInfinity);
        most_ = config["max"].number(kInfinity);
        clamps_ = config["beyond"].string() == "clamp";
        if (least_ > most_) throw ConfigError("/min", "is larger than 'max'");
    }

    void decide(const Conflict& conflict, Verdicts& verdicts) override {
        for (std::size_t i = 0; i < conflict.pathCount(); ++i) {
            const Path path = conflict.path(i);
            if (conflict.kind() == "increment")
                count(path, i, verdicts);
            else if (path.current == path.incoming)
                verdicts.take(i);
            else if (path.conflicts)
                verdicts.otherwise(i);
            else
                start(path, i, verdicts);
        }
    }

private:
    bool isBounded() const { return least_ != -kInfinity || most_ != kInfinity; }

    void count(const Path& path, std::size_t index, Verdicts& verdicts) const {
        if (!path.current.exists() || path.current.isNumber())
            return bound(path.incoming.number(), index, verdicts);
        // A number within an array is not seen here; anything else is an error of the op's own.
        if (path.current.isArray() && isBounded())
            return verdicts.refuseOp(index, "a counter with bounds cannot be within an array");
        verdicts.take(index);
    }

    void start(const Path& path, std::size_t index, Verdicts& verdicts) const {
        if (path.incoming.isNumber()) return bound(path.incoming.number(), index, verdicts);
        if (path.current.isNumber() && path.incoming.exists())
            return verdicts.refuseOp(index, "a counter is a number");
        if (!fits(path.incoming))
            return verdicts.refuseOp(index, "a number is beyond the bounds of the counter");
        verdicts.take(index);
    }

    void bound(double result, std::size_t index, Verdicts& verdicts) const {
        if (result >= least_ && result <= most_) return verdicts.take(index);
        const double limit = result < least_ ? least_ : most_;
        if (clamps_) return verdicts.put(index, [&](Builder& out) { out.add(limit); });
        verdicts.refuseOp(index, "the counter would leave its bounds", [&](Builder& detail) {
            detail.object([&](Builder& members) {
                members.set(result < least_ ? "min" : "max", limit).set("result", result);
            });
        });
    }

    // All numbers within a value that holds counters.
    bool fits(const Value& value) const {
        if (value.isNumber()) return value.number() >= least_ && value.number() <= most_;
        if (!value.isObject()) return true;
        for (const auto [name, member] : value.members())
            if (!fits(member)) return false;
        return true;
    }

    double least_ = -kInfinity;
    double most_ = kInfinity;
    bool clamps_ = false;
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.counter", "1.0.0",
                syncline::conflictStrategy<Counter>("counter").asksAlways().describes(
                    "Increments add up, within bounds."))
