// SPDX-License-Identifier: Apache-2.0
#include "channel/op_kind.h"

#include <array>
#include <span>
#include <utility>

#include "channel/bytes.h"
#include "channel/member_text.h"
#include "core/ids.h"
#include "json/parse.h"
#include "json/write.h"

namespace syncline::channel {

namespace {

using core::Code;
using core::fail;

constexpr std::array<std::pair<std::string_view, OpKind>, 11> kKinds{{
    {"set", OpKind::set},
    {"merge", OpKind::merge},
    {"increment", OpKind::increment},
    {"delete", OpKind::remove},
    {"void", OpKind::none},
    {"patch", OpKind::patch},
    {"add", OpKind::include},
    {"remove", OpKind::exclude},
    {"insert", OpKind::insert},
    {"move", OpKind::move},
    {"erase", OpKind::erase},
}};

// What is missing on the way is created; this bounds how deep a record becomes by it.
constexpr std::size_t kPathTokensMax = 32;

constexpr std::size_t kIdBytesMax = 255;

// What was stored passed all limits when it came; only the hard ones still hold.
constexpr json::ParseLimits kTrusted{1'000, static_cast<std::size_t>(-1), false};

std::span<const std::string_view> argumentNames(OpKind kind) {
    static constexpr std::array<std::string_view, 1> kValue{"value"};
    static constexpr std::array<std::string_view, 2> kIncrement{"path", "by"};
    static constexpr std::array<std::string_view, 1> kPatch{"patch"};
    static constexpr std::array<std::string_view, 2> kSet{"path", "value"};
    static constexpr std::array<std::string_view, 4> kInsert{"path", "element", "behind", "value"};
    static constexpr std::array<std::string_view, 3> kMove{"path", "element", "behind"};
    static constexpr std::array<std::string_view, 2> kErase{"path", "element"};
    switch (kind) {
        case OpKind::set:
        case OpKind::merge:
            return kValue;
        case OpKind::increment:
            return kIncrement;
        case OpKind::patch:
            return kPatch;
        case OpKind::include:
        case OpKind::exclude:
            return kSet;
        case OpKind::insert:
            return kInsert;
        case OpKind::move:
            return kMove;
        case OpKind::erase:
            return kErase;
        case OpKind::none:
        case OpKind::remove:
            break;
    }
    return {};
}

core::Result<json::Pointer> readPath(const json::Value& message) {
    const json::Value* path = message.find("path");
    if (path == nullptr || !path->isString()) return fail(wrongMember("path", "a string is due"));
    core::Result<json::Pointer> pointer = json::Pointer::parse(path->asString());
    if (!pointer) return fail(wrongMember("path", pointer.error().reason));
    if (pointer->tokens().size() > kPathTokensMax)
        return fail(wrongMember("path", "at most 32 steps deep"));
    return pointer;
}

core::Result<Arguments> takeIncrement(const json::Value& message) {
    core::Result<json::Pointer> path = readPath(message);
    if (!path) return fail(std::move(path.error()));
    const json::Value* by = message.find("by");
    if (by == nullptr || !by->isNumber()) return fail(wrongMember("by", "a number is due"));
    Arguments arguments;
    arguments.path = std::move(*path);
    arguments.by = by->asNumber();
    return arguments;
}

core::Result<Arguments> takeValue(json::Value& message, std::string_view name) {
    json::Value* value = message.find(name);
    if (value == nullptr) return fail(wrongMember(name, "is missing"));
    Arguments arguments;
    arguments.value = std::move(*value);
    return arguments;
}

core::Result<Arguments> takePatch(json::Value& message) {
    core::Result<Arguments> arguments = takeValue(message, "patch");
    if (arguments && !arguments->value.isArray())
        return fail(wrongMember("patch", "an array of steps is due"));
    return arguments;
}

// The members that insert, move and erase have in common.
core::Result<void> takeElement(OpKind kind, json::Value& message, Arguments& arguments) {
    json::Value* element = message.find("element");
    if (element == nullptr || !isId(*element))
        return fail(wrongMember("element", "a string of 1 to 255 bytes or a number is due"));
    arguments.element = std::move(*element);
    json::Value* behind = kind == OpKind::erase ? nullptr : message.find("behind");
    if (behind == nullptr) return {};
    if (!behind->isNull() && !isId(*behind))
        return fail(wrongMember("behind", "the id of an element or null is due"));
    if (*behind == arguments.element)
        return fail(wrongMember("behind", "nothing stands behind itself"));
    arguments.behind = std::move(*behind);
    return {};
}

core::Result<void> checkInserted(const Arguments& arguments) {
    if (!arguments.value.isObject()) return fail(wrongMember("value", "an object is due"));
    const json::Value* own = arguments.value.find("id");
    if (own != nullptr && *own != arguments.element)
        return fail(wrongMember("value", "its id is another than the element's"));
    return {};
}

core::Result<Arguments> takeElementArguments(OpKind kind, json::Value& message) {
    core::Result<json::Pointer> path = readPath(message);
    if (!path) return fail(std::move(path.error()));
    const bool hasValue = kind != OpKind::move && kind != OpKind::erase;
    core::Result<Arguments> arguments =
        hasValue ? takeValue(message, "value") : core::Result<Arguments>(Arguments());
    if (!arguments) return arguments;
    arguments->path = std::move(*path);
    if (kind == OpKind::include || kind == OpKind::exclude) return arguments;
    if (auto taken = takeElement(kind, message, *arguments); !taken)
        return fail(std::move(taken.error()));
    if (kind != OpKind::insert) return arguments;
    if (auto fits = checkInserted(*arguments); !fits) return fail(std::move(fits.error()));
    return arguments;
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

std::uint64_t batchHash(std::span<const std::uint64_t> changeHashes) {
    std::string hashes;
    for (const std::uint64_t hash : changeHashes) appendFixed64(hashes, hash);
    return core::stableHash(hashes, core::stableHash("several"));
}

core::Error wrongMember(std::string_view name, std::string_view why) {
    core::Error error =
        core::Error::of(Code::badField, std::string(name) + ": " + std::string(why));
    appendMember(error.detail = "{", "pointer", "/" + std::string(name));
    error.detail += '}';
    return error;
}

bool isId(const json::Value& value) {
    if (value.isNumber()) return true;
    return value.isString() && !value.asString().empty() && value.asString().size() <= kIdBytesMax;
}

std::string idText(const json::Value& id) {
    return id.isString() ? std::string(id.asString()) : json::toText(id);
}

Arguments Arguments::clone() const {
    Arguments copy;
    copy.value = value.clone();
    copy.path = path;
    copy.by = by;
    copy.element = element.clone();
    if (behind) copy.behind = behind->clone();
    return copy;
}

core::Result<Arguments> takeArguments(OpKind kind, json::Value& message) {
    switch (kind) {
        case OpKind::none:
        case OpKind::remove:
            return Arguments();
        case OpKind::set:
        case OpKind::merge:
            return takeValue(message, "value");
        case OpKind::increment:
            return takeIncrement(message);
        case OpKind::patch:
            return takePatch(message);
        default:
            return takeElementArguments(kind, message);
    }
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
