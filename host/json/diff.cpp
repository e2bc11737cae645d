// SPDX-License-Identifier: Apache-2.0
#include "json/diff.h"

#include <utility>

#include "json/merge.h"

namespace syncline::json {

namespace {

void collectChanges(const Pointer& path, const Value& before, const Value& after,
                    std::vector<Pointer>& into) {
    if (!before.isObject() || !after.isObject()) {
        if (!(before == after)) into.push_back(path);
        return;
    }
    for (const Member& member : before.members()) {
        const Pointer place = path.child(member.key());
        const Value* now = after.find(member.key());
        if (now == nullptr) {
            into.push_back(place);
        } else {
            collectChanges(place, member.value, *now, into);
        }
    }
    for (const Member& member : after.members()) {
        if (before.contains(member.key())) continue;
        const Pointer place = path.child(member.key());
        leaves(
            member.value, [&](const Pointer& leaf, const Value&) { into.push_back(leaf); }, place);
    }
}

/// Whether a merge can bring this value in where no object was: it drops nulls within objects.
bool survivesMerge(const Value& value) {
    for (const Member& member : value.members()) {
        if (member.value.isNull() || !survivesMerge(member.value)) return false;
    }
    return true;
}

/// The patch for one place, into `patch`; false when there is none.
bool diffInto(const Value& before, const Value& after, Value& patch) {
    if (!before.isObject() || !after.isObject()) {
        patch = after.clone();
        return survivesMerge(after);
    }
    const Value absent;
    patch = Value::object();
    for (const Member& member : before.members()) {
        if (!after.contains(member.key())) patch.set(member.key(), Value());
    }
    for (const Member& member : after.members()) {
        const Value* previous = before.find(member.key());
        if (previous != nullptr && *previous == member.value) continue;
        if (member.value.isNull()) return false;
        Value below;
        if (!diffInto(previous == nullptr ? absent : *previous, member.value, below)) return false;
        patch.set(member.key(), std::move(below));
    }
    return true;
}

}  // namespace

std::vector<Pointer> changedPaths(const Value& before, const Value& after) {
    std::vector<Pointer> paths;
    collectChanges(Pointer(), before, after, paths);
    return paths;
}

std::optional<Value> diffAsMerge(const Value& before, const Value& after) {
    Value patch;
    if (!diffInto(before, after, patch)) return std::nullopt;
    return patch;
}

}  // namespace syncline::json
