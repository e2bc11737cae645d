// SPDX-License-Identifier: Apache-2.0
#include "wire/message.h"

#include <utility>

#include "json/parse.h"
#include "json/utf8.h"
#include "wire/traceparent.h"

namespace syncline::wire {

namespace {

constexpr std::size_t kNameBytesMax = 255;

tl::unexpected<core::Error> badField(std::string_view what) {
    return core::fail(core::Code::badField, std::string(what));
}

core::Result<void> append(std::vector<ClientMessage>& messages, json::Value object) {
    core::Result<ClientMessage> message = messageFrom(std::move(object));
    if (!message) return core::fail(std::move(message.error()));
    messages.push_back(std::move(*message));
    return {};
}

/// C0 and DEL are one byte each; C1 (U+0080 to U+009F) is C2 80 to C2 9F.
bool hasControlCharacter(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x20 || byte == 0x7F) return true;
        if (byte == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0) return true;
    }
    return false;
}

}  // namespace

core::Result<std::vector<ClientMessage>> parseMessages(std::string_view frame,
                                                       const MessageLimits& limits) {
    json::ParseLimits parseLimits;
    parseLimits.depthMax = limits.depthMax;
    core::Result<json::Value> parsed = json::parse(frame, parseLimits);
    if (!parsed) return core::fail(std::move(parsed.error()));

    std::vector<ClientMessage> messages;
    if (parsed->isObject()) {
        if (auto result = append(messages, std::move(*parsed)); !result) {
            return core::fail(std::move(result.error()));
        }
        return messages;
    }
    if (!parsed->isArray()) {
        return core::fail(core::Code::notJson, "a frame is an object or an array of objects");
    }
    if (parsed->size() > limits.messagesMax) {
        return core::fail(core::Code::tooLarge, "more than " + std::to_string(limits.messagesMax) +
                                                    " messages in a frame");
    }
    messages.reserve(parsed->size());
    for (json::Value& element : parsed->elements()) {
        if (!element.isObject()) {
            return core::fail(core::Code::notJson, "a frame's array holds objects only");
        }
        if (auto result = append(messages, std::move(element)); !result) {
            return core::fail(std::move(result.error()));
        }
    }
    return messages;
}

core::Result<ClientMessage> messageFrom(json::Value object) {
    if (!object.isObject()) return core::fail(core::Code::notJson, "a message is an object");
    ClientMessage message;
    const json::Value* type = object.find("type");
    if (type == nullptr) return badField("type is missing");
    if (!type->isString() || type->asString().empty()) return badField("type is not a name");
    message.type = type->asString();
    if (const json::Value* id = object.find("id")) {
        if (!id->isNumber() && !id->isString()) return badField("id is no number or string");
        message.id = id->clone();
    }
    if (const json::Value* channel = object.find("channel")) {
        if (!channel->isString()) return badField("channel is no string");
        message.channel = channel->asString();
    }
    const json::Value* trace = object.find("traceparent");
    if (trace != nullptr && trace->isString() && isTraceparent(trace->asString())) {
        message.traceparent = trace->asString();
    }
    message.body = std::move(object);
    return message;
}

core::Result<void> checkName(std::string_view name) {
    const auto badName = [](std::string reason) {
        return core::fail(core::Code::badName, std::move(reason));
    };
    if (name.empty()) return badName("a name has at least one byte");
    if (name.size() > kNameBytesMax) return badName("a name has at most 255 bytes");
    if (!json::isUtf8(name)) return badName("a name is UTF-8");
    if (name.front() == '$') return badName("names that begin with $ are reserved");
    if (hasControlCharacter(name)) return badName("a name has no control characters");
    return {};
}

}  // namespace syncline::wire
