// SPDX-License-Identifier: Apache-2.0
#include "channel/undo.h"

#include <utility>

#include "channel/bytes.h"
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

// An increment makes the objects that are missing on its way: the topmost of them is the place.
void appendIncrementStep(const json::Pointer& path, const json::Value* current, std::string& undo) {
    if (current == nullptr) return appendStep("", nullptr, undo);
    json::Pointer place = path;
    while (!place.isRoot() && place.parent().resolve(*current) == nullptr) place = place.parent();
    appendStep(place.text(), place.resolve(*current), undo);
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
            appendIncrementStep(arguments.path, current, undo);
            break;
    }
    return undo;
}

bool applyUndo(std::string_view undo, std::optional<json::Value>& value) {
    ByteReader steps(undo);
    while (!steps.atEnd()) {
        const core::Result<json::Pointer> path = json::Pointer::parse(steps.text());
        const std::string_view text = steps.text();
        if (!steps.ok() || !path) return false;
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
