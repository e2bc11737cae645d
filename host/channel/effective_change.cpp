// SPDX-License-Identifier: Apache-2.0
#include "channel/effective_change.h"

#include <algorithm>
#include <utility>

#include "channel/member_text.h"
#include "channel/place.h"
#include "json/merge.h"

namespace syncline::channel {

namespace {

EffectiveChange withValue(OpKind kind, json::Value value) {
    EffectiveChange change;
    change.kind = kind;
    appendMember(change.text, "value", value);
    change.arguments.value = std::move(value);
    return change;
}

// Takes a seq, marks nothing.
EffectiveChange noChange(const json::Value* current) {
    EffectiveChange change;
    if (current == nullptr)
        change.kind = OpKind::remove;
    else if (current->isObject())
        change = withValue(OpKind::merge, json::Value::object());
    else
        change = withValue(OpKind::set, current->clone());
    change.marks.emplace();
    return change;
}

// Takes a leaf out of a patch, and the objects around it that are empty then: a merge of an empty
// object would make one.
void prune(json::Value& patch, json::Pointer path) {
    while (!path.isRoot()) {
        const json::Pointer parent = path.parent();
        json::Value* around = parent.resolve(patch);
        if (around == nullptr || !around->isObject()) return;
        around->erase(path.lastToken());
        if (!around->empty()) return;
        path = parent;
    }
}

// A merge cannot put an object (it would be merged) or a null (it would remove).
bool canMerge(const json::Value& value) {
    return !value.isObject() && !value.isNull();
}

EffectiveChange mergeOf(const Op& op, const json::Value* current, std::span<const Touch> touches,
                        std::vector<PathVerdict> verdicts) {
    json::Value patch = op.arguments.value.clone();
    std::vector<std::string> marks;
    std::vector<std::pair<json::Pointer, json::Value>> placed;  // what no merge can say
    for (std::size_t i = 0; i < touches.size(); ++i) {
        const json::Pointer path = *json::Pointer::parse(touches[i].path);
        PathVerdict& verdict = verdicts[i];
        if (verdict.verdict == Verdict::take) {
            marks.push_back(touches[i].path);
        } else if (verdict.verdict == Verdict::put) {
            marks.push_back(touches[i].path);
            if (canMerge(*verdict.value)) {
                place(patch, path, std::move(*verdict.value));
                continue;
            }
            placed.emplace_back(path, std::move(*verdict.value));
            prune(patch, path);
        } else {
            prune(patch, path);
        }
    }
    if (marks.empty()) return noChange(current);
    if (placed.empty()) {
        EffectiveChange change = withValue(OpKind::merge, std::move(patch));
        return change;
    }
    json::Value whole = current == nullptr ? json::Value::object() : current->clone();
    if (!patch.isObject() || !patch.empty()) json::mergePatch(whole, std::move(patch));
    if (!whole.isObject()) whole = json::Value::object();
    for (auto& [path, value] : placed) place(whole, path, std::move(value));
    EffectiveChange change = withValue(OpKind::set, std::move(whole));
    change.marks = std::move(marks);
    return change;
}

}  // namespace

EffectiveChange changeOf(const Op& op, const json::Value* current, std::span<const Touch> touches,
                         std::vector<PathVerdict> verdicts) {
    const bool whole = touches.size() == 1 && touches.front().path.empty();
    if (op.kind == OpKind::merge && !whole)
        return mergeOf(op, current, touches, std::move(verdicts));
    // What is left has one path: set and delete the record, an increment its number.
    PathVerdict& verdict = verdicts.front();
    if (verdict.verdict != Verdict::put) return noChange(current);
    if (whole) return withValue(OpKind::set, std::move(*verdict.value));
    json::Value outcome = current == nullptr ? json::Value::object() : current->clone();
    const json::Pointer path = *json::Pointer::parse(touches.front().path);
    if (!place(outcome, path, std::move(*verdict.value))) return noChange(current);
    EffectiveChange change = withValue(OpKind::set, std::move(outcome));
    change.marks = std::vector{touches.front().path};
    return change;
}

}  // namespace syncline::channel
