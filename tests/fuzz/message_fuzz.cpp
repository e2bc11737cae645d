// SPDX-License-Identifier: Apache-2.0
// What is taken as messages is written back as the same messages, and within its limits.
#include <cstddef>
#include <cstdint>
#include <string>

#include "expect.h"
#include "json/utf8.h"
#include "json/write.h"
#include "wire/message.h"
#include "wire/reply.h"

namespace {

using namespace syncline;

constexpr wire::MessageLimits kLimits{.depthMax = 10, .messagesMax = 5};

void check(const wire::ClientMessage& message) {
    SYNCLINE_EXPECT(!message.type.empty());
    SYNCLINE_EXPECT(message.id.isNull() || message.id.isNumber() || message.id.isString());
    SYNCLINE_EXPECT(message.body.isObject());
    SYNCLINE_EXPECT(json::isUtf8(message.type) && json::isUtf8(message.channel));
    static_cast<void>(wire::checkName(message.channel));
    const auto again = wire::parseMessages(json::toText(message.body), kLimits);
    SYNCLINE_EXPECT(again && again->size() == 1);
    SYNCLINE_EXPECT(again->front().body == message.body && again->front().id == message.id);

    std::string reply;
    wire::appendError(reply, message.id, core::Error::of(core::Code::busy, message.type),
                      message.channel);
    SYNCLINE_EXPECT(wire::parseMessages(reply, kLimits));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view frame(reinterpret_cast<const char*>(data), size);
    static_cast<void>(wire::checkName(frame));
    const auto messages = wire::parseMessages(frame, kLimits);
    if (!messages) return 0;
    SYNCLINE_EXPECT(messages->size() <= kLimits.messagesMax);
    for (const wire::ClientMessage& message : *messages) check(message);
    return 0;
}
