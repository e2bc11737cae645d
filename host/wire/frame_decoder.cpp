// SPDX-License-Identifier: Apache-2.0
#include "wire/frame_decoder.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "json/utf8.h"

namespace syncline::wire {

namespace {

constexpr std::size_t kMaskBytes = 4;

std::uint64_t readBigEndian(std::span<const char> bytes) {
    std::uint64_t number = 0;
    for (const char byte : bytes) number = number << 8 | static_cast<std::uint8_t>(byte);
    return number;
}

bool isKnown(std::uint8_t opcode) {
    return opcode <= 0x2 || (opcode >= 0x8 && opcode <= 0xA);
}

bool isControl(Opcode opcode) {
    return (static_cast<std::uint8_t>(opcode) & 0x8) != 0;
}

/// Bytes of the extended length that a 7-bit length announces.
std::size_t extendedBytes(std::uint8_t length) {
    if (length == 126) return 2;
    return length == 127 ? 8 : 0;
}

}  // namespace

void applyMask(std::span<char> bytes, std::array<char, 4> mask) {
    std::uint32_t four;
    std::memcpy(&four, mask.data(), sizeof four);
    const std::uint64_t eight = std::uint64_t{four} << 32 | four;
    char* const begin = bytes.data();
    std::size_t i = 0;
    for (; i + 8 <= bytes.size(); i += 8) {
        std::uint64_t word;
        std::memcpy(&word, begin + i, 8);
        word ^= eight;
        std::memcpy(begin + i, &word, 8);
    }
    for (; i < bytes.size(); ++i) begin[i] = static_cast<char>(begin[i] ^ mask[i % 4]);
}

FrameDecoder::Outcome FrameDecoder::feed(std::span<char> bytes, FrameSink& sink) {
    Outcome outcome;
    Step step = Step::proceed;
    while (step == Step::proceed && !ended_) {
        const std::span<char> rest = bytes.subspan(outcome.consumed);
        std::size_t consumed = 0;
        step = inPayload_ ? takePayload(rest, consumed, sink) : takeFrame(rest, consumed, sink);
        outcome.consumed += consumed;
    }
    if (ended_) outcome.consumed = bytes.size();
    outcome.error = error_;
    return outcome;
}

FrameDecoder::Step FrameDecoder::takeFrame(std::span<char> bytes, std::size_t& consumed,
                                           FrameSink& sink) {
    Head head;
    const Step step = readHead(bytes, head);
    if (step != Step::proceed) return step;
    const std::span<char> behind = bytes.subspan(head.size);
    const bool whole = behind.size() >= head.payloadBytes;

    if (isControl(head.opcode)) {
        if (!whole) return Step::needMore;
        consumed = head.size + head.payloadBytes;
        return takeControl(head, behind.first(head.payloadBytes), sink);
    }
    if (whole && head.final && frames_ == 0) {
        consumed = head.size + head.payloadBytes;
        return takeWhole(head, behind.first(head.payloadBytes), sink);
    }
    consumed = head.size;
    beginPayload(head);
    return Step::proceed;
}

FrameDecoder::Step FrameDecoder::readHead(std::span<const char> bytes, Head& head) {
    if (bytes.empty()) return Step::needMore;
    // One byte is enough to refuse what cannot become a frame.
    const auto first = static_cast<std::uint8_t>(bytes[0]);
    if (const Step step = checkFirstByte(first); step != Step::proceed) return step;
    if (bytes.size() < 2) return Step::needMore;
    const auto second = static_cast<std::uint8_t>(bytes[1]);
    head.opcode = static_cast<Opcode>(first & 0x0F);
    head.final = (first & 0x80) != 0;
    if ((second & 0x80) == 0) return fail(close_code::protocolError, "frame is not masked");
    const std::uint8_t length = second & 0x7F;
    if (isControl(head.opcode) && length > kControlPayloadMax) {
        return fail(close_code::protocolError, "control frame too long");
    }
    const std::size_t extended = extendedBytes(length);
    head.size = 2 + extended + kMaskBytes;
    if (bytes.size() < 2 + extended) return Step::needMore;
    head.payloadBytes = extended == 0 ? length : readBigEndian(bytes.subspan(2, extended));
    if (const Step step = checkLength(head, extended); step != Step::proceed) return step;
    if (bytes.size() < head.size) return Step::needMore;
    std::copy_n(bytes.data() + 2 + extended, kMaskBytes, head.mask.begin());
    return Step::proceed;
}

FrameDecoder::Step FrameDecoder::checkFirstByte(std::uint8_t first) {
    if ((first & 0x70) != 0) return fail(close_code::protocolError, "reserved bit set");
    if (!isKnown(first & 0x0F)) return fail(close_code::protocolError, "unknown opcode");
    const auto opcode = static_cast<Opcode>(first & 0x0F);
    const bool final = (first & 0x80) != 0;
    if (isControl(opcode)) {
        return final ? Step::proceed
                     : fail(close_code::protocolError, "control frame in fragments");
    }
    if (opcode == Opcode::continuation && frames_ == 0) {
        return fail(close_code::protocolError, "continuation of no message");
    }
    if (opcode != Opcode::continuation && frames_ > 0) {
        return fail(close_code::protocolError, "new message within a fragmented one");
    }
    if (frames_ >= limits_.framesPerMessageMax) {
        return fail(close_code::messageTooBig, "too many fragments");
    }
    return Step::proceed;
}

FrameDecoder::Step FrameDecoder::checkLength(const Head& head, std::size_t extended) {
    const std::uint64_t length = head.payloadBytes;
    const bool minimal =
        extended == 0 || (extended == 2 && length > 125) || (extended == 8 && length > 0xFFFF);
    if (!minimal) return fail(close_code::protocolError, "length not in its shortest form");
    if (length >> 63 != 0) return fail(close_code::protocolError, "length out of range");
    if (isControl(head.opcode)) return Step::proceed;
    // message_ never holds more than the limit.
    if (length > limits_.messageBytesMax - message_.size()) {
        return fail(close_code::messageTooBig, "message too big");
    }
    return Step::proceed;
}

FrameDecoder::Step FrameDecoder::takeControl(const Head& head, std::span<char> payload,
                                             FrameSink& sink) {
    applyMask(payload, head.mask);
    const std::string_view view(payload.data(), payload.size());
    if (head.opcode == Opcode::close) return takeClose(view, sink);
    const FrameSink::Next next =
        head.opcode == Opcode::ping ? sink.onPing(view) : sink.onPong(view);
    return next == FrameSink::Next::stop ? Step::stop : Step::proceed;
}

FrameDecoder::Step FrameDecoder::takeClose(std::string_view payload, FrameSink& sink) {
    if (payload.size() == 1) return fail(close_code::protocolError, "close code cut off");
    std::uint16_t code = close_code::none;
    if (!payload.empty()) {
        code = static_cast<std::uint16_t>(readBigEndian({payload.data(), 2}));
        payload.remove_prefix(2);
        if (!isCloseCodeAllowed(code)) {
            return fail(close_code::protocolError, "close code not allowed");
        }
        if (!json::isUtf8(payload))
            return fail(close_code::invalidText, "close reason is not UTF-8");
    }
    ended_ = true;
    sink.onClose(code, payload);
    return Step::stop;
}

FrameDecoder::Step FrameDecoder::takeWhole(const Head& head, std::span<char> payload,
                                           FrameSink& sink) {
    applyMask(payload, head.mask);
    const std::string_view view(payload.data(), payload.size());
    if (head.opcode == Opcode::text && !json::isUtf8(view)) {
        return fail(close_code::invalidText, "text is not UTF-8");
    }
    const FrameSink::Next next = sink.onMessage(head.opcode, view);
    return next == FrameSink::Next::stop ? Step::stop : Step::proceed;
}

void FrameDecoder::beginPayload(const Head& head) {
    if (frames_ == 0) {
        opcode_ = head.opcode;
        utf8_.reset();
    }
    ++frames_;
    final_ = head.final;
    mask_ = head.mask;
    payloadLeft_ = head.payloadBytes;
    inPayload_ = true;
}

FrameDecoder::Step FrameDecoder::takePayload(std::span<char> bytes, std::size_t& consumed,
                                             FrameSink& sink) {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(payloadLeft_, bytes.size()));
    const std::span<char> part = bytes.first(size);
    applyMask(part, mask_);
    // The mask goes on where this part ended.
    std::rotate(mask_.begin(), mask_.begin() + size % kMaskBytes, mask_.end());
    const std::string_view view(part.data(), size);
    if (opcode_ == Opcode::text && !utf8_.feed(view)) {
        return fail(close_code::invalidText, "text is not UTF-8");
    }
    message_.append(view);
    payloadLeft_ -= size;
    consumed = size;
    if (payloadLeft_ > 0) return Step::needMore;
    inPayload_ = false;
    return final_ ? finishMessage(sink) : Step::proceed;
}

FrameDecoder::Step FrameDecoder::finishMessage(FrameSink& sink) {
    if (opcode_ == Opcode::text && !utf8_.isComplete()) {
        return fail(close_code::invalidText, "text ends within a character");
    }
    // Taken out first, so that the memory is given back when the sink is done.
    const std::string message = std::exchange(message_, {});
    frames_ = 0;
    const FrameSink::Next next = sink.onMessage(opcode_, message);
    return next == FrameSink::Next::stop ? Step::stop : Step::proceed;
}

FrameDecoder::Step FrameDecoder::fail(std::uint16_t closeCode, std::string_view reason) {
    ended_ = true;
    error_ = Error{closeCode, reason};
    std::string().swap(message_);
    return Step::failed;
}

}  // namespace syncline::wire
