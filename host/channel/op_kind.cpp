// SPDX-License-Identifier: Apache-2.0
#include "channel/op_kind.h"

#include <array>
#include <span>
#include <utility>

#include "core/ids.h"
#include "json/parse.h"
#include "json/write.h"

namespace syncline::channel {

namespace {

using core::Code;
using core::fail;

constexpr std::array<std::pair<std::string_view, OpKind>, 5> kKinds{{
    {"set", OpKind::set},
    {"merge", OpKind::merge},
    {"increment", OpKind::increment},
    {"delete", OpKind::remove},
    {"void", OpKind::none},
}};

// An increment creates what is missing on its way; this bounds how deep a record becomes by it.
constexpr std::size_t kPathTokensMax = 32;

// What was stored passed all limits when it came; only the hard ones still hold.
constexpr json::ParseLimits kTrusted{1'000, static_cast<std::size_t>(-1), false};

std::span<const std::string_view> argumentNames(OpKind kind) {
    static constexpr std::array<std::string_view, 1> kValue{"value"};
    static constexpr std::array<std::string_view, 2> kIncrement{"path", "by"};
    switch (kind) {
        case OpKind::set:
        case OpKind::merge:
            return kValue;
        case OpKind::increment:
            return kIncrement;
        default:
            return {};
    }
}

core::Result<Arguments> takeIncrement(const json::Value& message) {
    const json::Value* path = message.find("path");
    if (path == nullptr || !path->isString()) return fail(Code::badField, "path: a string is due");
    const json::Value* by = message.find("by");
    if (by == nullptr || !by->isNumber()) return fail(Code::badField, "by: a number is due");
    core::Result<json::Pointer> pointer = json::Pointer::parse(path->asString());
    if (!pointer) return fail(Code::badField, "path: " + pointer.error().reason);
    if (pointer->tokens().size() > kPathTokensMax)
        return fail(Code::badField, "path: at most 32 steps deep");
    return Arguments{{}, std::move(*pointer), by->asNumber()};
}

}  // namespace

std::string_view nameOf(OpKind kind) {
    for (const auto& [name, known] : kKinds)
        if (known == kind) return name;
    return {};
}

std::optional<OpKind> kindNamed(std::string_view name) {
    for (const auto& [known, kind] : kKinds)
        if (known == name) return kind;
    return std::nullopt;
}

std::string argumentsText(OpKind kind, const json::Value& message) {
    std::string text;
    for (const std::string_view name : argumentNames(kind)) {
        const json::Value* argument = message.find(name);
        if (argument == nullptr) continue;
        if (!text.empty()) text += ',';
        json::writeString(name, text);
        text += ':';
        json::write(*argument, text);
    }
    return text;
}

std::uint64_t changeHash(std::string_view key, std::string_view kindName,
                         std::string_view argumentsText) {
    return core::stableHash(argumentsText, core::stableHash(key, core::stableHash(kindName)));
}

core::Result<Arguments> takeArguments(OpKind kind, json::Value& message) {
    if (kind == OpKind::increment) return takeIncrement(message);
    if (kind == OpKind::remove || kind == OpKind::none) return Arguments{};
    json::Value* value = message.find("value");
    if (value == nullptr) return fail(Code::badField, "value: is missing");
    return Arguments{std::move(*value), {}, 0};
}

core::Result<Arguments> readArguments(OpKind kind, std::string_view text) {
    std::string object;
    object.reserve(text.size() + 2);
    object += '{';
    object += text;
    object += '}';
    core::Result<json::Value> message = json::parse(object, kTrusted);
    if (!message) return fail(message.error());
    return takeArguments(kind, *message);
}

}  // namespace syncline::channel
