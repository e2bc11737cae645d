// SPDX-License-Identifier: Apache-2.0
#include "channel/effect.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "channel/elements.h"
#include "channel/patching.h"
#include "channel/place.h"
#include "json/merge.h"
#include "json/patch.h"
#include "json/write.h"

namespace syncline::channel {

namespace {

std::vector<Touch> leavesOf(const json::Value& patch, const json::Value* current) {
    std::vector<Touch> touches;
    json::leaves(patch, [&](const json::Pointer& path, const json::Value&) {
        const std::string_view cut = cutAtReplaced(current, path.text());
        // Leaves beneath one replaced value come one after another.
        if (touches.empty() || touches.back().path != cut)
            touches.push_back({std::string(cut), StampClass::write, Touch::Role::written});
    });
    return touches;
}

std::vector<Touch> writes(const std::vector<std::string>& paths) {
    std::vector<Touch> touches;
    touches.reserve(paths.size());
    for (const std::string& path : paths)
        touches.push_back({path, StampClass::write, Touch::Role::written});
    return touches;
}

Touch elementTouch(OpKind kind, const Arguments& arguments, const json::Value* current) {
    const std::string& path = arguments.path.text();
    Touch touch{std::string(cutAtArray(current, path)), StampClass::setElement,
                Touch::Role::written};
    if (kind == OpKind::include || kind == OpKind::exclude) return touch;
    touch.stampClass = StampClass::listElement;
    // An array within an array: elements of the outer one cannot be told apart by their indexes.
    if (touch.path == path) touch.path += '/' + json::Pointer::escape(idText(arguments.element));
    return touch;
}

// What was applied once is applied again, whatever the limits are now.
constexpr std::size_t kAny = static_cast<std::size_t>(-1);
constexpr json::PatchLimits kUnlimitedPatch{kAny, kAny, kAny};

}  // namespace

std::vector<Touch> touchedBy(OpKind kind, const Arguments& arguments, const json::Value* current) {
    std::vector<Touch> touches;
    switch (kind) {
        case OpKind::none:
            break;
        case OpKind::set:
        case OpKind::remove:
            touches.push_back({std::string(), StampClass::write, Touch::Role::written});
            break;
        case OpKind::merge:
            return leavesOf(arguments.value, current);
        case OpKind::increment:
            touches.push_back({std::string(cutAtArray(current, arguments.path.text())),
                               StampClass::count, Touch::Role::written});
            break;
        case OpKind::patch:
            return touchedByPatch(arguments.value, current);
        default:
            touches.push_back(elementTouch(kind, arguments, current));
            break;
    }
    return touches;
}

const json::Value* valueAt(const json::Value* root, const Touch& touch) {
    if (root == nullptr || touch.path.empty()) return root;
    const json::Pointer path = *json::Pointer::parse(touch.path);
    if (touch.stampClass != StampClass::listElement) return path.resolve(*root);
    const json::Value* list = path.parent().resolve(*root);
    if (list == nullptr || !list->isArray()) return path.resolve(*root);
    const std::optional<std::size_t> index = indexOf(*list, path.lastToken());
    return index ? &(*list)[*index] : nullptr;
}

core::Result<double> incremented(const json::Value* current, const Arguments& arguments) {
    double number = 0;
    const json::Value* at = current == nullptr ? nullptr : arguments.path.resolve(*current);
    if (at != nullptr) {
        if (!at->isNumber())
            return core::fail(core::Code::notANumber, "there is no number at the path");
        number = at->asNumber();
    } else if (current != nullptr) {
        // Nothing there: the way to it must lead through objects.
        json::Pointer parent = arguments.path;
        const json::Value* above = nullptr;
        while (above == nullptr) {
            parent = parent.parent();
            above = parent.resolve(*current);
        }
        if (!above->isObject())
            return core::fail(core::Code::notANumber, "the path leads through no object");
    }
    const double result = number + arguments.by;
    if (!(std::abs(result) <= static_cast<double>(json::kIntegerMax)))
        return core::fail(core::Code::numberOutOfRange, "the result is beyond 2^53 - 1");
    return result;
}

bool applyPlainly(OpKind kind, Arguments arguments, Record& record) {
    switch (kind) {
        case OpKind::none:
            return true;
        case OpKind::set:
            record.value = std::move(arguments.value);
            break;
        case OpKind::merge:
            json::mergePatch(record.value, std::move(arguments.value));
            break;
        case OpKind::increment: {
            const double result = *incremented(record.current(), arguments);
            if (!record.value.isObject() && !record.value.isArray() && !arguments.path.isRoot())
                record.value = json::Value::object();
            place(record.value, arguments.path, json::Value(result));
            break;
        }
        case OpKind::remove:
            record.value = json::Value();
            break;
        case OpKind::patch:
            if (record.deleted) record.value = json::Value();
            if (!json::applyPatch(record.value, arguments.value, kUnlimitedPatch)) return false;
            break;
        default:
            if (record.deleted)
                record.value =
                    arguments.path.isRoot() ? json::Value::array() : json::Value::object();
            applyElements(kind, std::move(arguments), record.value);
            break;
    }
    record.deleted = kind == OpKind::remove;
    return true;
}

std::size_t bytesMaxAfter(OpKind kind, const Arguments& arguments, std::size_t argumentsBytes,
                          const Record& record) {
    constexpr std::size_t kValueName = sizeof("\"value\":") - 1;
    constexpr std::size_t kEscapedMax = 6;
    switch (kind) {
        case OpKind::none:
            return record.bytesMax;
        case OpKind::set:
            return argumentsBytes - std::min(argumentsBytes, kValueName);
        case OpKind::merge:
            return record.bytesMax + argumentsBytes + 2;
        case OpKind::increment:
            // Each byte of the path may be escaped, each step is quotes, colon and braces.
            return record.bytesMax + kEscapedMax * arguments.path.text().size() + 32;
        case OpKind::include:
        case OpKind::insert:
            return record.bytesMax + argumentsBytes + kEscapedMax * arguments.path.text().size() +
                   32;
        case OpKind::exclude:
        case OpKind::move:
        case OpKind::erase:
            return record.bytesMax;
        case OpKind::remove:
        case OpKind::patch:
            return 0;
    }
    return 0;
}

void stamp(Record& record, std::span<const Touch> touches, const Mark& mark,
           std::size_t stampsMax) {
    record.version = mark.seq;
    record.lastBy = mark.by;
    for (const Touch& touch : touches)
        if (touch.role == Touch::Role::written)
            record.stamps.mark(touch.path, touch.stampClass, mark.seq, mark.stream, stampsMax,
                               mark.clock);
}

bool applyFromLog(const Effect& effect, Record& record, const Mark& mark, std::size_t stampsMax) {
    core::Result<Arguments> arguments = readArguments(effect.kind, effect.arguments);
    if (!arguments) return false;
    const json::Value* current = record.current();
    if (effect.kind == OpKind::increment && !incremented(current, *arguments)) return false;
    if (isElementKind(effect.kind) && !checkElements(effect.kind, *arguments, current, kAny))
        return false;
    const std::vector<Touch> touches =
        effect.marks ? writes(*effect.marks) : touchedBy(effect.kind, *arguments, current);
    record.bytesMax = bytesMaxAfter(effect.kind, *arguments, effect.arguments.size(), record);
    if (!applyPlainly(effect.kind, std::move(*arguments), record)) return false;
    if (effect.kind == OpKind::patch) record.bytesMax = json::toText(record.value).size();
    stamp(record, touches, {mark.seq, mark.stream, mark.by, effect.clock}, stampsMax);
    return true;
}

}  // namespace syncline::channel
