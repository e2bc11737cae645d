// SPDX-License-Identifier: Apache-2.0
#include "channel/effective_change.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "channel/elements.h"
#include "channel/member_text.h"
#include "channel/place.h"
#include "json/diff.h"
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

EffectiveChange mergeOf(const Change& op, const json::Value* current,
                        std::span<const Touch> touches, std::vector<PathVerdict> verdicts) {
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

/// The record as the verdicts have it, path by path.
class Outcome {
public:
    explicit Outcome(const json::Value* current) {
        if (current != nullptr) value_ = current->clone();
    }

    /// nullptr takes away what is there. False: there is no way to that place.
    bool put(const Touch& touch, const json::Value* value) {
        if (touch.path.empty()) {
            value_.reset();
            if (value != nullptr) value_ = value->clone();
            return true;
        }
        if (touch.stampClass == StampClass::listElement) return putElement(touch, value);
        return putMember(touch.path, value);
    }

    const std::optional<json::Value>& value() const { return value_; }
    json::Value take() { return std::move(*value_); }

private:
    bool putMember(const std::string& text, const json::Value* value) {
        const json::Pointer path = *json::Pointer::parse(text);
        if (value == nullptr) {
            if (value_ && path.resolve(*value_) != nullptr) place(*value_, path, std::nullopt);
            return true;
        }
        if (!value_) value_ = json::Value::object();
        return place(*value_, path, value->clone());
    }

    bool putElement(const Touch& touch, const json::Value* value) {
        const json::Pointer path = *json::Pointer::parse(touch.path);
        json::Value* list = value_ ? path.parent().resolve(*value_) : nullptr;
        if (list == nullptr || !list->isArray()) return putMember(touch.path, value);
        const std::optional<std::size_t> index = indexOf(*list, path.lastToken());
        if (index && value != nullptr)
            (*list)[*index] = value->clone();
        else if (index)
            list->erase(*index);
        else if (value != nullptr)
            list->push(value->clone());
        return true;
    }

    std::optional<json::Value> value_;
};

// The same change of a list, at another place in it.
EffectiveChange placedBehind(const Change& op, json::Value behind) {
    EffectiveChange change;
    change.kind = op.kind;
    change.arguments = op.arguments.clone();
    appendMember(change.text, "path", op.arguments.path.text());
    appendMember(change.text, "element", op.arguments.element);
    appendMember(change.text, "behind", behind);
    if (op.kind == OpKind::insert) appendMember(change.text, "value", op.arguments.value);
    change.arguments.behind = std::move(behind);
    return change;
}

// A deleted record as the op alone would have made it, if that is known.
std::optional<EffectiveChange> revived(const Dispute& dispute, MineValue& mine,
                                       std::span<const PathVerdict> verdicts) {
    const bool isThere = dispute.record != nullptr && dispute.record->current() != nullptr;
    if (isThere || !std::ranges::any_of(verdicts, &PathVerdict::revives)) return std::nullopt;
    if (!mine.fits() || mine.value() == nullptr) return std::nullopt;
    return withValue(OpKind::set, mine.value()->clone());
}

std::vector<std::string> changedTexts(const json::Value& before, const json::Value& after) {
    std::vector<std::string> texts;
    for (const json::Pointer& path : json::changedPaths(before, after))
        texts.push_back(path.text());
    return texts;
}

// Ancestors come before what is beneath them.
std::vector<std::size_t> fromTheTop(std::span<const Touch> touches) {
    std::vector<std::size_t> order(touches.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return touches[i].path.size(); });
    return order;
}

std::optional<EffectiveChange> wholeOf(const Dispute& dispute, MineValue& mine,
                                       std::vector<PathVerdict> verdicts) {
    const json::Value* current = dispute.record == nullptr ? nullptr : dispute.record->current();
    Outcome outcome(current);
    std::vector<std::string> marks;
    bool keepsPart = false;
    for (const std::size_t i : fromTheTop(dispute.touches)) {
        const Touch& touch = dispute.touches[i];
        if (touch.role == Touch::Role::checked) continue;
        const json::Value* value = nullptr;
        if (verdicts[i].verdict == Verdict::take) value = mine.at(touch);
        if (verdicts[i].verdict == Verdict::put) value = &*verdicts[i].value;
        if (verdicts[i].verdict == Verdict::keep) {
            value = valueAt(current, touch);
            keepsPart = keepsPart || touch.role == Touch::Role::named;
        } else {
            marks.push_back(touch.path);
        }
        if (!outcome.put(touch, value)) return std::nullopt;
    }
    // What is kept within what is written keeps its stamps.
    if (keepsPart && current != nullptr && outcome.value())
        marks = changedTexts(*current, *outcome.value());
    if (marks.empty()) return noChange(current);
    EffectiveChange change;
    if (outcome.value())
        change = withValue(OpKind::set, outcome.take());
    else
        change.kind = OpKind::remove;
    const bool isWhole = marks.size() == 1 && marks.front().empty();
    if (!isWhole) change.marks = std::move(marks);
    return change;
}

}  // namespace

std::optional<EffectiveChange> changeOf(const Dispute& dispute, MineValue& mine,
                                        std::vector<PathVerdict> verdicts) {
    const std::span<const Touch> touches = dispute.touches;
    const bool places = dispute.op.kind == OpKind::insert || dispute.op.kind == OpKind::move;
    if (places && verdicts.front().behind) {
        const json::Value& behind = *verdicts.front().behind;
        const bool isPlace =
            behind.isNull() || (isId(behind) && behind != dispute.op.arguments.element);
        // The log could not be read again.
        if (!isPlace) return std::nullopt;
        return placedBehind(dispute.op, std::move(*verdicts.front().behind));
    }
    if (auto change = revived(dispute, mine, verdicts)) return change;
    const bool isPlainMerge = dispute.op.kind == OpKind::merge && !touches.front().path.empty();
    const bool anyNamed = std::ranges::any_of(
        touches, [](const Touch& touch) { return touch.role == Touch::Role::named; });
    if (!isPlainMerge || anyNamed) return wholeOf(dispute, mine, std::move(verdicts));
    const json::Value* current = dispute.record == nullptr ? nullptr : dispute.record->current();
    return mergeOf(dispute.op, current, touches, std::move(verdicts));
}

}  // namespace syncline::channel
