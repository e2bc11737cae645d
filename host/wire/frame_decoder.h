// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "wire/frame.h"
#include "wire/utf8.h"

namespace syncline::wire {

/// Receives what a FrameDecoder finds. The views are valid during the call. A call that answers
/// `stop` ends feed() behind that frame; the bytes after it stay unconsumed.
class FrameSink {
public:
    enum class Next { proceed, stop };

    virtual Next onMessage(Opcode opcode, std::string_view payload) = 0;  ///< text or binary
    virtual Next onPing(std::string_view payload) = 0;
    virtual Next onPong(std::string_view payload) = 0;
    /// The peer closes; nothing follows. `code` is close_code::none when the frame was empty.
    virtual void onClose(std::uint16_t code, std::string_view reason) = 0;

protected:
    ~FrameSink() = default;
};

/// Turns a client's bytes into messages (RFC 6455), in place: a message that came whole in one
/// frame is handed on as a view into the caller's buffer. Only a message in pieces is gathered in
/// memory of the decoder, which is given back with the message.
///
///     bytes --head, mask--> payload --control--> onPing, onPong, onClose
///                              \--data, whole--> onMessage(view into bytes)
///                               \--data, in part--> message_ --last fragment--> onMessage
///
/// One per connection, owned by its handler; [its shard].
class FrameDecoder {
public:
    struct Limits {
        std::size_t messageBytesMax = 1024 * 1024;
        std::size_t framesPerMessageMax = 1024;
    };

    /// The connection has to be closed with this code.
    struct Error {
        std::uint16_t closeCode;
        std::string_view reason;  ///< a literal
    };

    struct Outcome {
        std::size_t consumed = 0;
        std::optional<Error> error;
    };

    explicit FrameDecoder(Limits limits) : limits_(limits) {}

    /// Unmasks and consumes what it can. At most a head and a control frame's payload (139 bytes)
    /// stay unconsumed for want of more. After an error or a close frame all input is swallowed.
    Outcome feed(std::span<char> bytes, FrameSink& sink);

    /// Memory held for an unfinished message.
    std::size_t bufferedBytes() const { return message_.capacity(); }

private:
    struct Head {
        Opcode opcode = Opcode::continuation;
        bool final = false;
        std::size_t size = 0;  ///< bytes of the head, mask included
        std::uint64_t payloadBytes = 0;
        std::array<char, 4> mask{};
    };

    enum class Step { proceed, needMore, stop, failed };

    Step readHead(std::span<const char> bytes, Head& head);
    Step checkFirstByte(std::uint8_t first);
    Step checkLength(const Head& head, std::size_t extended);
    Step takeFrame(std::span<char> bytes, std::size_t& consumed, FrameSink& sink);
    Step takeControl(const Head& head, std::span<char> payload, FrameSink& sink);
    Step takeClose(std::string_view payload, FrameSink& sink);
    Step takeWhole(const Head& head, std::span<char> payload, FrameSink& sink);
    void beginPayload(const Head& head);
    Step takePayload(std::span<char> bytes, std::size_t& consumed, FrameSink& sink);
    Step finishMessage(FrameSink& sink);
    Step fail(std::uint16_t closeCode, std::string_view reason);

    const Limits limits_;
    std::string message_;
    std::uint64_t payloadLeft_ = 0;
    std::size_t frames_ = 0;  ///< of the message under way; 0: there is none
    std::array<char, 4> mask_{};
    Utf8Validator utf8_;
    Opcode opcode_ = Opcode::text;
    bool inPayload_ = false;
    bool final_ = false;
    bool ended_ = false;
    std::optional<Error> error_;
};

/// XORs `bytes` with the mask, whose first byte applies to the first one (RFC 6455, section 5.3).
void applyMask(std::span<char> bytes, std::array<char, 4> mask);

}  // namespace syncline::wire
