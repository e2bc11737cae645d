// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace syncline::channel {

// The primitives of everything that this folder stores: numbers as LEB128 varints or 8 bytes little
// endian, texts with their length in front.

inline void appendVarint(std::string& out, std::uint64_t number) {
    std::array<char, 10> bytes;
    std::size_t size = 0;
    for (; number >= 0x80; number >>= 7) bytes[size++] = static_cast<char>((number & 0x7f) | 0x80);
    bytes[size++] = static_cast<char>(number);
    out.append(bytes.data(), size);
}

inline std::array<char, 8> fixed64(std::uint64_t number) {
    std::array<char, 8> bytes;
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<char>((number >> (8 * i)) & 0xff);
    return bytes;
}

inline void appendFixed64(std::string& out, std::uint64_t number) {
    const std::array<char, 8> bytes = fixed64(number);
    out.append(bytes.data(), bytes.size());
}

inline void appendText(std::string& out, std::string_view text) {
    appendVarint(out, text.size());
    out += text;
}

/// Reads what the functions above wrote. Reading beyond the end, or a number that is too long,
/// makes ok() false for good, and every further answer empty: callers check once, at the end.
class ByteReader {
public:
    explicit ByteReader(std::string_view bytes) : rest_(bytes) {}

    bool ok() const { return ok_; }
    bool atEnd() const { return rest_.empty(); }
    std::string_view rest() const { return rest_; }

    std::uint8_t byte() {
        if (rest_.empty()) return fail();
        const auto value = static_cast<std::uint8_t>(rest_.front());
        rest_.remove_prefix(1);
        return value;
    }

    std::uint64_t varint() {
        std::uint64_t number = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            const std::uint8_t next = byte();
            if (!ok_ || (shift == 63 && next > 1)) return fail();
            number |= static_cast<std::uint64_t>(next & 0x7f) << shift;
            if ((next & 0x80) == 0) return number;
        }
        return fail();
    }

    std::uint64_t fixed64() {
        if (rest_.size() < 8) return fail();
        std::uint64_t number = 0;
        for (unsigned i = 0; i < 8; ++i)
            number |= static_cast<std::uint64_t>(static_cast<unsigned char>(rest_[i])) << (8 * i);
        rest_.remove_prefix(8);
        return number;
    }

    std::string_view text() {
        const std::uint64_t size = varint();
        if (!ok_ || size > rest_.size()) {
            fail();
            return {};
        }
        const std::string_view taken = rest_.substr(0, size);
        rest_.remove_prefix(size);
        return taken;
    }

    /// A count of things that take at least one byte each: never more than there are bytes.
    std::size_t count() {
        const std::uint64_t number = varint();
        return number > rest_.size() ? fail() : static_cast<std::size_t>(number);
    }

private:
    std::uint8_t fail() {
        ok_ = false;
        rest_ = {};
        return 0;
    }

    std::string_view rest_;
    bool ok_ = true;
};

}  // namespace syncline::channel
