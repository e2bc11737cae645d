// SPDX-License-Identifier: Apache-2.0
#include "channel/conflict_rules.h"

#include "channel/glob.h"

namespace syncline::channel {

namespace {

// A pattern names a path and everything beneath it: it matches one of the texts that end before a
// slash, or the whole.
bool pathMatches(std::string_view pattern, std::string_view path) {
    if (globMatches(pattern, path)) return true;
    for (std::size_t slash = path.rfind('/'); slash != std::string_view::npos && slash != 0;
         slash = path.rfind('/', slash - 1))
        if (globMatches(pattern, path.substr(0, slash))) return true;
    return false;
}

}  // namespace

ConflictRules::ConflictRules(std::span<const ConflictRule> rules, std::string_view channel) {
    for (const ConflictRule& rule : rules) {
        if (!globMatches(rule.channel, channel)) continue;
        rules_.push_back(&rule);
        if (rule.strategy != nullptr && rule.strategy->asksAlways()) anyAsksAlways_ = true;
    }
}

ConflictStrategy* ConflictRules::strategyFor(std::string_view key, std::string_view path) const {
    for (const ConflictRule* rule : rules_)
        if (globMatches(rule->key, key) && pathMatches(rule->path, path)) return rule->strategy;
    return nullptr;
}

}  // namespace syncline::channel
