// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "unit/channel/world.h"

namespace syncline::tests {

/// Gives every path the same verdict, or what a test's function says; keeps what it was asked.
class Judge final : public channel::ConflictStrategy {
public:
    explicit Judge(channel::Verdict verdict, bool always = false)
        : verdict_(verdict), always_(always) {}

    bool asksAlways() const override { return always_; }

    core::Result<std::vector<channel::PathVerdict>> decide(
        const channel::ConflictQuestion& question) override {
        ++asked;
        baseKnown = question.baseKnown;
        base = question.base == nullptr ? "absent" : json::toText(*question.base);
        theirBy = question.theirBy;
        paths.clear();
        stamps.clear();
        std::vector<channel::PathVerdict> verdicts;
        for (const channel::TouchedPath& path : question.paths) {
            paths.emplace_back(path.path);
            stamps.push_back(path.stampSeq);
            if (each)
                verdicts.push_back(each(path));
            else
                verdicts.push_back({verdict_, std::nullopt});
        }
        if (wrongCount) verdicts.emplace_back();
        if (error) return core::fail(*error);
        return verdicts;
    }

    std::function<channel::PathVerdict(const channel::TouchedPath&)> each;
    std::optional<core::Error> error;
    bool wrongCount = false;

    int asked = 0;
    bool baseKnown = false;
    std::string base;
    std::string theirBy;
    std::vector<std::string> paths;
    std::vector<std::uint64_t> stamps;

private:
    const channel::Verdict verdict_;
    const bool always_;
};

/// A world in which every conflict is one.
struct Strict {
    explicit Strict(channel::Verdict verdict = channel::Verdict::conflict, bool always = false)
        : judge(verdict, always) {
        world.settings.conflicts.push_back({"", "", "", &judge});
    }

    Judge judge;
    World world;
    Client ann{world, "ann"};
    Client bob{world, "bob"};
};

}  // namespace syncline::tests
