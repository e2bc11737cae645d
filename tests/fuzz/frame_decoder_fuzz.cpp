// SPDX-License-Identifier: Apache-2.0
// Frames decode the same however the stream is cut, and stay within their limits.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "expect.h"
#include "json/utf8.h"
#include "wire/frame_decoder.h"

namespace {

using namespace syncline;

constexpr wire::FrameDecoder::Limits kLimits{.messageBytesMax = 1000, .framesPerMessageMax = 5};

struct Log final : wire::FrameSink {
    Next onMessage(wire::Opcode opcode, std::string_view payload) override {
        SYNCLINE_EXPECT(payload.size() <= kLimits.messageBytesMax);
        SYNCLINE_EXPECT(opcode != wire::Opcode::text || json::isUtf8(payload));
        return add(opcode == wire::Opcode::text ? 't' : 'b', payload);
    }
    Next onPing(std::string_view payload) override { return add('p', payload); }
    Next onPong(std::string_view payload) override { return add('q', payload); }
    void onClose(std::uint16_t code, std::string_view reason) override {
        SYNCLINE_EXPECT(code == wire::close_code::none || wire::isCloseCodeAllowed(code));
        SYNCLINE_EXPECT(json::isUtf8(reason));
        add('c', reason);
    }
    Next add(char what, std::string_view payload) {
        text += what;
        text += std::to_string(payload.size());
        text += payload;
        return Next::proceed;
    }

    std::string text;
};

std::string decode(std::string_view bytes, std::size_t step) {
    wire::FrameDecoder decoder(kLimits);
    Log log;
    std::string held;
    while (!bytes.empty()) {
        held += bytes.substr(0, step);
        bytes.remove_prefix(std::min(step, bytes.size()));
        const wire::FrameDecoder::Outcome outcome = decoder.feed(held, log);
        SYNCLINE_EXPECT(outcome.consumed <= held.size());
        held.erase(0, outcome.consumed);
        SYNCLINE_EXPECT(held.size() <= 139);
        if (outcome.error) return log.text + "!" + std::to_string(outcome.error->closeCode);
    }
    return log.text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t step = 1 + data[0] % 16;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    SYNCLINE_EXPECT(decode(bytes, bytes.size() + 1) == decode(bytes, step));
    return 0;
}
