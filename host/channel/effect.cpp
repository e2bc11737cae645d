// SPDX-License-Identifier: Apache-2.0
#include "channel/effect.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "channel/place.h"
#include "json/merge.h"

namespace syncline::channel {

namespace {

std::vector<Touch> leavesOf(const json::Value& patch, const json::Value* current) {
    std::vector<Touch> touches;
    json::leaves(patch, [&](const json::Pointer& path, const json::Value&) {
        const std::string_view cut = cutAtArray(current, path.text());
        // Leaves beneath one array come one after another.
        if (touches.empty() || touches.back().path != cut)
            touches.push_back({std::string(cut), StampClass::write});
    });
    return touches;
}

std::vector<Touch> writes(const std::vector<std::string>& paths) {
    std::vector<Touch> touches;
    touches.reserve(paths.size());
    for (const std::string& path : paths) touches.push_back({path, StampClass::write});
    return touches;
}

}  // namespace

std::vector<Touch> touchedBy(OpKind kind, const Arguments& arguments, const json::Value* current) {
    std::vector<Touch> touches;
    switch (kind) {
        case OpKind::none:
            break;
        case OpKind::set:
        case OpKind::remove:
            touches.push_back({std::string(), StampClass::write});
            break;
        case OpKind::merge:
            return leavesOf(arguments.value, current);
        case OpKind::increment:
            touches.push_back(
                {std::string(cutAtArray(current, arguments.path.text())), StampClass::count});
            break;
    }
    return touches;
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

void applyPlainly(OpKind kind, Arguments arguments, Record& record) {
    switch (kind) {
        case OpKind::none:
            return;
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
    }
    record.deleted = kind == OpKind::remove;
}

std::size_t bytesMaxAfter(OpKind kind, const Arguments& arguments, std::size_t argumentsBytes,
                          const Record& record) {
    constexpr std::size_t kValueName = sizeof("\"value\":") - 1;
    switch (kind) {
        case OpKind::none:
            return record.bytesMax;
        case OpKind::set:
            return argumentsBytes - std::min(argumentsBytes, kValueName);
        case OpKind::merge:
            return record.bytesMax + argumentsBytes + 2;
        case OpKind::increment:
            // Each byte of the path may be escaped, each step is quotes, colon and braces.
            return record.bytesMax + 6 * arguments.path.text().size() + 32;
        case OpKind::remove:
            return 0;
    }
    return 0;
}

void stamp(Record& record, std::span<const Touch> touches, const Mark& mark,
           std::size_t stampsMax) {
    record.version = mark.seq;
    record.lastBy = mark.by;
    for (const Touch& touch : touches)
        record.stamps.mark(touch.path, touch.stampClass, mark.seq, mark.stream, stampsMax);
}

bool applyFromLog(const Effect& effect, Record& record, const Mark& mark, std::size_t stampsMax) {
    core::Result<Arguments> arguments = readArguments(effect.kind, effect.arguments);
    if (!arguments) return false;
    const json::Value* current = record.current();
    if (effect.kind == OpKind::increment && !incremented(current, *arguments)) return false;
    const std::vector<Touch> touches =
        effect.marks ? writes(*effect.marks) : touchedBy(effect.kind, *arguments, current);
    record.bytesMax = bytesMaxAfter(effect.kind, *arguments, effect.arguments.size(), record);
    applyPlainly(effect.kind, std::move(*arguments), record);
    stamp(record, touches, mark, stampsMax);
    return true;
}

}  // namespace syncline::channel
