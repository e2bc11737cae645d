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
        if (!rule.path.empty()) anyNamesPaths_ = true;
    }
}

const ConflictRule* ConflictRules::ruleFor(std::string_view key, std::string_view path) const {
    for (const ConflictRule* rule : rules_)
        if (globMatches(rule->key, key) && pathMatches(rule->path, path)) return rule;
    return nullptr;
}

ConflictStrategy* ConflictRules::strategyFor(std::string_view key, std::string_view path) const {
    const ConflictRule* rule = ruleFor(key, path);
    return rule == nullptr ? nullptr : rule->strategy;
}

void ConflictRules::addNamed(std::string_view key, const json::Pointer& path,
                             const json::Value* before, const json::Value* after,
                             std::vector<Touch>& touches) const {
    const ConflictRule* around = ruleFor(key, path.text());
    const auto look = [&](std::string_view name, const json::Value* from, const json::Value* to) {
        if (from != nullptr && to != nullptr && *from == *to) return;
        const json::Pointer place = path.child(name);
        if (ruleFor(key, place.text()) != around)
            touches.push_back({place.text(), StampClass::write, Touch::Role::named});
        addNamed(key, place, from, to, touches);
    };
    if (before != nullptr)
        for (const json::Member& member : before->members())
            look(member.key(), &member.value,
                 after == nullptr ? nullptr : after->find(member.key()));
    if (after == nullptr) return;
    for (const json::Member& member : after->members())
        if (before == nullptr || !before->contains(member.key()))
            look(member.key(), nullptr, &member.value);
}

}  // namespace syncline::channel
