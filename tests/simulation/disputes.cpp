// SPDX-License-Identifier: Apache-2.0
#include "simulation/disputes.h"

#include <algorithm>

#include "channel/open_conflicts.h"
#include "json/parse.h"
#include "json/write.h"
#include "simulation/members.h"

namespace syncline::simulation {

using channel::Effect;
using channel::Entry;
using channel::OpenConflicts;
using channel::OpKind;
using channel::Outcome;

namespace {

json::Value membersOf(const std::string& text) {
    auto parsed = json::parse("{" + text + "}");
    return parsed ? std::move(*parsed) : json::Value::object();
}

bool isResolution(const Entry& entry) {
    return textOf(membersOf(entry.submitted), "kind") == kResolve;
}

const Effect* endOf(const Entry& entry) {
    const auto found = std::ranges::find_if(entry.effects, [](const Effect& effect) {
        return OpenConflicts::isKey(effect.key) && effect.kind == OpKind::remove;
    });
    return found == entry.effects.end() ? nullptr : &*found;
}

// When it expires, and to what: "mine" or "theirs".
std::pair<std::optional<std::int64_t>, std::string> expiryOf(const json::Value& conflict) {
    const json::Value* expires = conflict.find("expires");
    if (expires == nullptr) return {};
    return {expires->find("at")->toInteger(), std::string(textOf(*expires, "take"))};
}

// The op that was not applied is what the record is changed by, where nothing can prevent it.
std::string notMine(const json::Value& conflict, const Entry& entry) {
    const json::Value& op = *conflict.find("op");
    const std::string_view kind = textOf(op, "kind");
    if (kind != "set" && kind != "merge" && kind != "delete") return {};
    const Effect& effect = entry.effects.front();
    const bool isIt = entry.effects.size() == 2 && effect.key == textOf(conflict, "key") &&
                      channel::nameOf(effect.kind) == kind;
    json::Value did = membersOf(effect.arguments);
    did.set("kind", kind);
    std::string one;
    std::string other;
    json::writeCanonical(did, one);
    json::writeCanonical(op, other);
    return isIt && one == other ? "" : "mine was due, and is not what was done";
}

std::string misresolved(const json::Value& conflict, const Entry& entry, const Deed& deed) {
    const json::Value& change = deed.changes[0];
    if (textOf(conflict, "key") != textOf(change, "key")) return "it is about another record";
    return textOf(change, "take") == "mine" ? notMine(conflict, entry) : "";
}

std::string misexpired(const json::Value& conflict, const Entry& entry) {
    const auto [atMs, take] = expiryOf(conflict);
    if (!atMs || *atMs > entry.atMs) return "it expires before its time";
    if (take == "mine") return notMine(conflict, entry);
    return entry.effects.size() == 1 ? "" : "theirs was due, and the record is changed";
}

// What is told to somebody who wanted to resolve a conflict, and did not.
std::string missed(const Replica& before, const Entry& entry, const Deed& deed) {
    const std::string id(textOf(deed.changes[0], "conflict"));
    const bool isOpen = before.find(OpenConflicts::keyOf(id)) != nullptr;
    if (entry.verdict.outcome == Outcome::conflict && !isOpen)
        return "conflict " + id + " is told to be open, and is not";
    const json::Value extra = membersOf(entry.verdict.extra);
    const json::Value* detail = extra.find("detail");
    const bool saysGone =
        numberOf(extra, "code") == 1204 && detail != nullptr && textOf(*detail, "conflict") == id;
    return saysGone && isOpen ? "conflict " + id + " is told to be gone, and is open" : "";
}

}  // namespace

bool resolves(const Deed& deed) {
    return deed.changes.size() == 1 && textOf(deed.changes[0], "kind") == kResolve;
}

bool ends(const Entry& entry, const Deed& deed) {
    const json::Value& change = deed.changes[0];
    const Effect* end = endOf(entry);
    if (end == nullptr || end->key != OpenConflicts::keyOf(textOf(change, "conflict")))
        return false;
    if (textOf(change, "take") == "theirs") return entry.effects.size() == 1;
    const Effect& effect = entry.effects.front();
    const json::Value* value = change.find("value");
    return value == nullptr || (entry.effects.size() == 2 && effect.kind == OpKind::set &&
                                *membersOf(effect.arguments).find("value") == *value);
}

std::string announced(const Entry& entry) {
    if (entry.verdict.outcome != Outcome::conflict || isResolution(entry)) return {};
    return std::string(textOf(membersOf(entry.verdict.extra), "conflict"));
}

std::string misjudged(const Replica& before, const Entry* previous, const Entry& entry,
                      const Deed* deed) {
    const std::string due = previous == nullptr ? "" : announced(*previous);
    const bool opens = entry.stream.isNobody() && entry.effects.size() == 1 &&
                       entry.effects.front().kind == OpKind::set;
    const std::string opened = opens ? entry.effects.front().key : "";
    if (opened != (due.empty() ? "" : OpenConflicts::keyOf(due)))
        return "conflict " + due + " was due to be kept, and " + opened + " is";
    if (opens) return opened == OpenConflicts::keyOf(std::to_string(entry.seq)) ? "" : "its id";
    if (deed != nullptr && resolves(*deed) && entry.effects.empty() &&
        entry.verdict.outcome != Outcome::voided)
        return missed(before, entry, *deed);
    const Effect* end = endOf(entry);
    if (end == nullptr) return entry.stream.isNobody() ? "the server writes on its own" : "";
    const Replica::Held* open = before.find(end->key);
    if (open == nullptr) return end->key + " ends twice";
    std::string wrong;
    if (entry.stream.isNobody())
        wrong = misexpired(open->value, entry);
    else if (deed != nullptr)
        wrong = misresolved(open->value, entry, *deed);
    return wrong.empty() ? wrong : end->key + ": " + wrong;
}

std::optional<Ending> endingOf(const Entry& entry) {
    if (endOf(entry) != nullptr)
        return entry.stream.isNobody() ? Ending::expired : Ending::resolved;
    if (entry.verdict.outcome == Outcome::conflict)
        return isResolution(entry) ? std::optional(Ending::movedOn) : std::nullopt;
    const json::Value extra = membersOf(entry.verdict.extra);
    const json::Value* detail = extra.find("detail");
    const bool isGone = entry.verdict.outcome == Outcome::rejected && detail != nullptr &&
                        detail->contains("conflict");
    return isGone ? std::optional(Ending::tooLate) : std::nullopt;
}

std::vector<std::string> overdue(const Replica& state, std::int64_t wallMs) {
    std::vector<std::string> keys;
    for (const auto& [key, held] : state.records())
        if (OpenConflicts::isKey(key))
            if (const auto atMs = expiryOf(held.value).first; atMs && *atMs <= wallMs)
                keys.push_back(key);
    return keys;
}

}  // namespace syncline::simulation
