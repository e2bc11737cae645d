// SPDX-License-Identifier: Apache-2.0
#include "channel/undo.h"

#include <utility>

#include "channel/bytes.h"
#include "channel/effect.h"
#include "channel/elements.h"
#include "channel/patching.h"
#include "channel/place.h"
#include "json/parse.h"
#include "json/pointer.h"
#include "json/write.h"

namespace syncline::channel {

namespace {

constexpr json::ParseLimits kTrusted{1'000, static_cast<std::size_t>(-1), false};

// A step is a path and the JSON text of what was there: an empty text where nothing was.
void appendStep(std::string_view path, const json::Value* before, std::string& undo) {
    appendText(undo, path);
    std::string text;
    if (before != nullptr) json::write(*before, text);
    appendText(undo, text);
}

void appendMergeSteps(const json::Value& patch, const json::Value* current,
                      const json::Pointer& path, std::string& undo) {
    // From here on down the merge makes everything anew.
    if (!patch.isObject() || current == nullptr || !current->isObject()) {
        appendStep(path.text(), current, undo);
        return;
    }
    for (const json::Member& member : patch.members())
        appendMergeSteps(member.value, current->find(member.key()), path.child(member.key()), undo);
}

// What makes the objects that are missing on its way: the topmost of them is the place.
void appendTopmostStep(const json::Pointer& path, const json::Value* current, std::string& undo) {
    if (current == nullptr) return appendStep("", nullptr, undo);
    json::Pointer place = path;
    while (!place.isRoot() && place.parent().resolve(*current) == nullptr) place = place.parent();
    appendStep(place.text(), place.resolve(*current), undo);
}

// Arrays may be long, so what was done to one is taken back, not what it was: the path with this
// before it, and as text what goes, where what it was comes back, and what that is.
constexpr char kElementMark = '*';

void appendElementStep(OpKind kind, const Arguments& arguments, const json::Value* current,
                       std::string& undo) {
    const json::Value* array = current == nullptr ? nullptr : arguments.path.resolve(*current);
    if (array == nullptr) {
        if (kind == OpKind::include || kind == OpKind::insert)
            appendTopmostStep(arguments.path, current, undo);
        return;
    }
    const ElementStep step = stepOf(kind, arguments, *array);
    if (!step.erased && !step.inserted) return;
    json::Value back = json::Value::array();
    back.push(step.inserted ? json::Value(*step.inserted) : json::Value());
    back.push(step.erased ? json::Value(*step.erased) : json::Value());
    if (step.erased) back.push((*array)[*step.erased].clone());
    appendText(undo, kElementMark + arguments.path.text());
    appendText(undo, json::toText(back));
}

std::optional<std::size_t> indexIn(const json::Value& back, std::size_t place, std::size_t end) {
    if (place >= back.size()) return std::nullopt;
    const std::optional<std::int64_t> index = back[place].toInteger();
    if (!index || *index < 0 || static_cast<std::size_t>(*index) >= end) return std::nullopt;
    return static_cast<std::size_t>(*index);
}

bool takeBackElement(std::string_view path, std::string_view text,
                     std::optional<json::Value>& value) {
    const core::Result<json::Pointer> pointer = json::Pointer::parse(path);
    core::Result<json::Value> back = json::parse(text, kTrusted);
    json::Value* array = pointer && value ? pointer->resolve(*value) : nullptr;
    if (array == nullptr || !array->isArray() || !back || !back->isArray()) return false;
    if (back->size() > 0 && !(*back)[0].isNull()) {
        const std::optional<std::size_t> inserted = indexIn(*back, 0, array->size());
        if (!inserted) return false;
        array->erase(*inserted);
    }
    if (back->size() < 3) return true;
    const std::optional<std::size_t> erased = indexIn(*back, 1, array->size() + 1);
    if (!erased) return false;
    array->insert(*erased, std::move((*back)[2]));
    return true;
}

}  // namespace

std::string undoOf(OpKind kind, const Arguments& arguments, const json::Value* current) {
    std::string undo;
    switch (kind) {
        case OpKind::none:
            break;
        case OpKind::set:
        case OpKind::remove:
            appendStep("", current, undo);
            break;
        case OpKind::merge:
            appendMergeSteps(arguments.value, current, {}, undo);
            break;
        case OpKind::increment:
            appendTopmostStep(arguments.path, current, undo);
            break;
        case OpKind::patch:
            for (const Touch& touch : touchedByPatch(arguments.value, current))
                if (touch.role == Touch::Role::written)
                    appendStep(touch.path, valueAt(current, touch), undo);
            break;
        default:
            appendElementStep(kind, arguments, current, undo);
            break;
    }
    return undo;
}

std::vector<UndoStep> undoSteps(std::string_view undo) {
    std::vector<UndoStep> steps;
    ByteReader bytes(undo);
    while (bytes.ok() && !bytes.atEnd()) {
        UndoStep step;
        step.path = bytes.text();
        step.text = bytes.text();
        step.isElement = step.path.starts_with(kElementMark);
        if (step.isElement) step.path.remove_prefix(1);
        if (bytes.ok()) steps.push_back(step);
    }
    return steps;
}

bool applyUndo(std::string_view undo, std::optional<json::Value>& value) {
    ByteReader steps(undo);
    while (!steps.atEnd()) {
        const std::string_view where = steps.text();
        const std::string_view text = steps.text();
        if (!steps.ok()) return false;
        if (where.starts_with(kElementMark)) {
            if (!takeBackElement(where.substr(1), text, value)) return false;
            continue;
        }
        const core::Result<json::Pointer> path = json::Pointer::parse(where);
        if (!path) return false;
        std::optional<json::Value> before;
        if (!text.empty()) {
            core::Result<json::Value> parsed = json::parse(text, kTrusted);
            if (!parsed) return false;
            before = std::move(*parsed);
        }
        if (path->isRoot()) {
            value = std::move(before);
        } else if (!value || !place(*value, *path, std::move(before))) {
            return false;
        }
    }
    return true;
}

}  // namespace syncline::channel
