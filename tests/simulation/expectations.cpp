// SPDX-License-Identifier: Apache-2.0
#include "simulation/expectations.h"

#include <algorithm>
#include <string_view>

#include "json/parse.h"
#include "simulation/disputes.h"

namespace syncline::simulation {

namespace {

bool isAtOrBeneath(std::string_view path, std::string_view top) {
    return path.starts_with(top) &&
           (path.size() == top.size() || top.empty() || path[top.size()] == '/');
}

bool related(std::string_view one, std::string_view other) {
    return isAtOrBeneath(one, other) || isAtOrBeneath(other, one);
}

std::pair<std::uint64_t, std::uint64_t> nameOf(const channel::StreamId& stream) {
    return {stream.high, stream.low};
}

/// What a rule makes of a conflict, for the rules of simulation.yaml whose outcome is plain.
enum class Upon : std::uint8_t { conflict, applied, taken, open };

Upon uponConflict(std::string_view key) {
    if (key.starts_with("wins:")) return Upon::conflict;
    if (key.starts_with("order:") || key.starts_with("count:")) return Upon::applied;
    if (key.starts_with("mine:")) return Upon::taken;
    return Upon::open;
}

bool tookEffect(const channel::Entry& entry) {
    return channel::tookEffect(entry.verdict.outcome);
}

void collectLeaves(const json::Value& value, const std::string& path,
                   std::vector<std::string>& into) {
    if (!value.isObject() || value.empty()) {
        into.push_back(path);
        return;
    }
    for (const json::Member& member : value.members())
        collectLeaves(member.value, path + "/" + std::string(member.key()), into);
}

}  // namespace

std::optional<std::vector<Expectations::Touch>> Expectations::touchedBy(const json::Value& change) {
    const std::string_view kind = change.find("kind")->asString();
    if (kind == "set" || kind == "delete") return std::vector<Touch>{{"", false}};
    if (kind == "increment")
        return std::vector<Touch>{{std::string(change.find("path")->asString()), true}};
    if (kind != "merge") return std::nullopt;
    std::vector<std::string> paths;
    collectLeaves(*change.find("value"), "", paths);
    std::vector<Touch> touches;
    for (std::string& path : paths) touches.push_back({std::move(path), false});
    return touches;
}

bool Expectations::meets(const std::string& key, const Touch& touch, std::uint64_t base,
                         const channel::StreamId& stream) const {
    const auto marks = marks_.find(key);
    if (marks == marks_.end()) return false;
    return std::ranges::any_of(marks->second, [&](const Mark& mark) {
        return mark.seq > base && mark.stream != nameOf(stream) && related(mark.path, touch.path) &&
               !(mark.counts && touch.counts);
    });
}

std::uint64_t Expectations::surelyKnownFrom(const std::string& key, std::string_view kind,
                                            std::uint64_t base) const {
    const auto deleted = deleted_.find(key);
    const bool makesAnew = (kind == "set" || base == 0) && deleted != deleted_.end();
    return makesAnew ? std::max(base, deleted->second) : base;
}

std::string Expectations::judge(const Deed& deed, const channel::Entry& entry, bool exact) const {
    using channel::Outcome;
    if (deed.after != 0 && entry.verdict.outcome != Outcome::voided) {
        const auto stream = tookEffect_.find(nameOf(entry.stream));
        const bool built = stream != tookEffect_.end() && stream->second.contains(deed.after) &&
                           stream->second.at(deed.after);
        if (!built && tookEffect(entry)) return "it builds on an op that had no effect";
    }
    if (deed.changes.size() != 1) return {};
    const json::Value& change = deed.changes[0];
    const std::string key(change.find("key")->asString());
    if (resolves(deed)) return judgeResolution(key, change, entry, exact);
    const Upon upon = uponConflict(key);
    if (upon == Upon::open || unclear_.contains(key)) return {};
    const auto touches = touchedBy(change);
    if (upon == Upon::applied && touches && entry.verdict.outcome == Outcome::conflict)
        return "a conflict, though the last to arrive wins";
    if (upon == Upon::applied && touches && entry.verdict.outcome == Outcome::merged)
        return "something else than was asked, though the last to arrive wins";
    if (upon == Upon::taken && touches && entry.verdict.outcome == Outcome::conflict)
        return "a conflict, though the incoming op wins";
    if (!touches || upon != Upon::conflict) return {};
    const json::Value* base = change.find("base");
    const auto baseSeq = static_cast<std::uint64_t>(base == nullptr ? 0 : base->asNumber());
    const auto meetsAnyFrom = [&](std::uint64_t from) {
        return base != nullptr && std::ranges::any_of(*touches, [&](const Touch& touch) {
                   return meets(key, touch, from, entry.stream);
               });
    };
    const bool meetsOne = meetsAnyFrom(baseSeq);
    const bool mustKnow =
        exact ? meetsOne
              : meetsAnyFrom(surelyKnownFrom(key, change.find("kind")->asString(), baseSeq));
    if (mustKnow && tookEffect(entry)) return "applied, though somebody else changed it since";
    if (exact && !meetsOne && entry.verdict.outcome == Outcome::conflict)
        return "a conflict, though nobody else changed it since";
    return {};
}

// Whoever resolves a conflict has seen a version of its record; that of somebody else is another.
std::string Expectations::judgeResolution(const std::string& key, const json::Value& change,
                                          const channel::Entry& entry, bool exact) const {
    const json::Value* base = change.find("base");
    const bool meetsOne =
        base != nullptr &&
        meets(key, {"", false}, static_cast<std::uint64_t>(base->asNumber()), entry.stream);
    if (unclear_.contains(key) || !exact) return {};
    if (meetsOne && tookEffect(entry)) return "resolved, though somebody else changed it since";
    if (!meetsOne && entry.verdict.outcome == channel::Outcome::conflict)
        return "a conflict again, though nobody else changed it since";
    return {};
}

void Expectations::note(const channel::Entry& entry) {
    tookEffect_[nameOf(entry.stream)][entry.n] = tookEffect(entry);
    for (const channel::Effect& effect : entry.effects) {
        const auto arguments = json::parse("{" + effect.arguments + "}");
        json::Value change = arguments ? arguments->clone() : json::Value::object();
        change.set("kind", channel::nameOf(effect.kind));
        if (effect.kind == channel::OpKind::remove) deleted_[effect.key] = entry.seq;
        const auto touches = touchedBy(change);
        if (!touches || effect.marks) {
            unclear_[effect.key] = true;
            continue;
        }
        std::vector<Mark>& marks = marks_[effect.key];
        for (const Touch& touch : *touches) {
            if (!touch.counts)
                std::erase_if(
                    marks, [&](const Mark& mark) { return isAtOrBeneath(mark.path, touch.path); });
            marks.push_back({touch.path, touch.counts, entry.seq, nameOf(entry.stream)});
        }
    }
}

}  // namespace syncline::simulation
