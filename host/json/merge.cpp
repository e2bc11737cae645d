// SPDX-License-Identifier: Apache-2.0
#include "json/merge.h"

#include <utility>

namespace syncline::json {

void mergePatch(Value& target, Value patch) {
    if (!patch.isObject()) {
        target = std::move(patch);
        return;
    }
    if (!target.isObject()) target = Value::object();
    for (Member& member : patch.members()) {
        if (member.value.isNull()) {
            target.erase(member.key());
            continue;
        }
        Value* current = target.find(member.key());
        if (current == nullptr) current = &target.set(member.key(), Value());
        mergePatch(*current, std::move(member.value));
    }
}

void leaves(const Value& patch, const LeafVisitor& visit, const Pointer& base) {
    if (!patch.isObject() || patch.empty()) {
        visit(base, patch);
        return;
    }
    for (const Member& member : patch.members()) {
        leaves(member.value, visit, base.child(member.key()));
    }
}

}  // namespace syncline::json
