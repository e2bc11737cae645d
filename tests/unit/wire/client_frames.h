// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "wire/frame.h"
#include "wire/frame_decoder.h"

namespace syncline::wire::tests {

/// A frame as a client sends it, or as it must not.
struct ClientFrame {
    std::uint8_t opcode = 0x1;
    std::string payload = {};
    bool final = true;
    std::uint8_t reserved = 0;  ///< 0x40, 0x20, 0x10
    bool masked = true;
    int lengthBytes = -1;  ///< 0, 2 or 8 bytes of extended length; -1: the shortest form
    std::array<char, 4> mask{'\x37', '\xfa', '\x21', '\x3d'};

    std::string bytes() const {
        std::string out;
        out += static_cast<char>((final ? 0x80 : 0) | reserved | opcode);
        int form = lengthBytes;
        if (form < 0) form = payload.size() < 126 ? 0 : payload.size() <= 0xFFFF ? 2 : 8;
        const std::uint8_t maskBit = masked ? 0x80 : 0;
        const std::size_t seven = form == 0 ? payload.size() : form == 2 ? 126 : 127;
        out += static_cast<char>(maskBit | seven);
        for (int shift = 8 * (form - 1); shift >= 0; shift -= 8) {
            out += static_cast<char>(std::uint64_t{payload.size()} >> shift);
        }
        if (!masked) return out + payload;
        out.append(mask.data(), mask.size());
        for (std::size_t i = 0; i < payload.size(); ++i) {
            out += static_cast<char>(payload[i] ^ mask[i % 4]);
        }
        return out;
    }
};

inline std::string text(std::string payload, bool final = true) {
    return ClientFrame{.opcode = 0x1, .payload = std::move(payload), .final = final}.bytes();
}

inline std::string binary(std::string payload, bool final = true) {
    return ClientFrame{.opcode = 0x2, .payload = std::move(payload), .final = final}.bytes();
}

inline std::string continuation(std::string payload, bool final = true) {
    return ClientFrame{.opcode = 0x0, .payload = std::move(payload), .final = final}.bytes();
}

inline std::string ping(std::string payload) {
    return ClientFrame{.opcode = 0x9, .payload = std::move(payload)}.bytes();
}

inline std::string pong(std::string payload) {
    return ClientFrame{.opcode = 0xA, .payload = std::move(payload)}.bytes();
}

inline std::string closing(std::string payload) {
    return ClientFrame{.opcode = 0x8, .payload = std::move(payload)}.bytes();
}

inline std::string closing(std::uint16_t code, std::string_view reason = {}) {
    std::string payload{static_cast<char>(code >> 8), static_cast<char>(code)};
    payload.append(reason);
    return closing(std::move(payload));
}

/// Everything that came, as one readable line: `text:hello ping:x close:1000,bye error:1002`.
class FrameLog final : public FrameSink {
public:
    std::string line;
    int stopAfter = -1;  ///< answer `stop` to the n-th call from now

    Next onMessage(Opcode opcode, std::string_view payload) override {
        return add(opcode == Opcode::text ? "text:" : "binary:", payload);
    }
    Next onPing(std::string_view payload) override { return add("ping:", payload); }
    Next onPong(std::string_view payload) override { return add("pong:", payload); }
    void onClose(std::uint16_t code, std::string_view reason) override {
        add("close:", std::to_string(code) + "," + std::string(reason));
    }

    Next add(std::string_view what, std::string_view payload) {
        if (!line.empty()) line += ' ';
        line.append(what).append(shortened(payload));
        return --stopAfter == 0 ? Next::stop : Next::proceed;
    }

private:
    static std::string shortened(std::string_view payload) {
        if (payload.size() <= 60) return std::string(payload);
        return std::to_string(payload.size()) + "x" + payload.front();
    }
};

}  // namespace syncline::wire::tests
