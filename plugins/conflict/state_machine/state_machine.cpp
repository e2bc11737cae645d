// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <map>
#include <string>
#include <syncline/plugin.hpp>
#include <vector>

namespace {

using syncline::Builder;
using syncline::ConfigError;
using syncline::Conflict;
using syncline::Path;
using syncline::Value;
using syncline::Verdicts;

using States = std::vector<std::string>;

bool has(const States& states, std::string_view state) {
    return std::find(states.begin(), states.end(), state) != states.end();
}

/// A state goes only where a table lets it go. Where it is counts, not where the author saw it.
class StateMachine final : public syncline::ConflictStrategy {
public:
    void configure(const Value& config) override {
        const Value transitions = config["transitions"];
        for (const auto [from, targets] : transitions.members()) {
            States& next = next_[std::string(from)];
            for (const Value target : targets) {
                check(transitions, target, "/transitions");
                next.emplace_back(target.string());
            }
        }
        for (const Value state : config["initial"]) {
            check(transitions, state, "/initial");
            initial_.emplace_back(state.string());
        }
        mayRemove_ = config["removal"].string() == "allow";
    }

    void decide(const Conflict& conflict, Verdicts& verdicts) override {
        for (std::size_t i = 0; i < conflict.pathCount(); ++i) {
            const Path path = conflict.path(i);
            if (path.current == path.incoming || isLegal(path.current, path.incoming))
                verdicts.take(i);
            else
                refuse(path, i, verdicts);
        }
    }

private:
    static void check(const Value& transitions, const Value& state, const char* where) {
        if (transitions.contains(state.string())) return;
        throw ConfigError(where, "'" + std::string(state.string()) +
                                     "' is no state: name it under 'transitions', with [] if it "
                                     "is a last one");
    }

    bool isLegal(const Value& from, const Value& to) const {
        if (!to.exists()) return mayRemove_;
        if (!to.isString()) return false;
        if (!from.exists()) {
            if (initial_.empty()) return next_.count(std::string(to.string())) != 0;
            return has(initial_, to.string());
        }
        const auto next = next_.find(std::string(from.string()));
        // From what is no state, only a fresh start.
        if (!from.isString() || next == next_.end()) return isLegal(Value(), to);
        return has(next->second, to.string());
    }

    static void refuse(const Path& path, std::size_t index, Verdicts& verdicts) {
        const auto name = [](const Value& state) {
            return state.exists() ? state.serialize() : std::string("nothing");
        };
        const std::string reason =
            "no transition leads from " + name(path.current) + " to " + name(path.incoming);
        verdicts.refuseOp(index, reason, [&](Builder& detail) {
            detail.object([&](Builder& members) {
                if (path.current.exists()) members.set("from", path.current);
                if (path.incoming.exists()) members.set("to", path.incoming);
            });
        });
    }

    std::map<std::string, States> next_;
    States initial_;
    bool mayRemove_ = false;
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.state_machine", "1.0.0",
                syncline::conflictStrategy<StateMachine>("state_machine")
                    .asksAlways()
                    .describes("A state goes only where a table of transitions lets it go."))
