// SPDX-License-Identifier: Apache-2.0
#include "json/key_index.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <utility>

#include "core/ids.h"

namespace syncline::json {

namespace {

using HashKeys = std::array<std::uint64_t, 2>;

HashKeys drawHashKeys() {
    std::array<unsigned char, sizeof(HashKeys)> bytes{};
    core::SystemRandom().fill(bytes.data(), bytes.size());
    HashKeys keys;
    std::memcpy(keys.data(), bytes.data(), bytes.size());
    return keys;
}

/// SipHash (Aumasson and Bernstein, 2012) with one round a word and three at the end.
class SipHash {
public:
    explicit SipHash(const HashKeys& keys)
        : v0_(keys[0] ^ 0x736f6d6570736575ULL),
          v1_(keys[1] ^ 0x646f72616e646f6dULL),
          v2_(keys[0] ^ 0x6c7967656e657261ULL),
          v3_(keys[1] ^ 0x7465646279746573ULL) {}

    std::uint64_t of(std::string_view text) {
        std::size_t at = 0;
        for (; at + 8 <= text.size(); at += 8) take(word(text.substr(at, 8)));
        take(word(text.substr(at)) | static_cast<std::uint64_t>(text.size()) << 56);
        v2_ ^= 0xff;
        for (int i = 0; i < 3; ++i) round();
        return v0_ ^ v1_ ^ v2_ ^ v3_;
    }

private:
    static std::uint64_t word(std::string_view bytes) {
        std::uint64_t value = 0;
        if (!bytes.empty()) std::memcpy(&value, bytes.data(), bytes.size());
        return value;
    }

    void take(std::uint64_t value) {
        v3_ ^= value;
        round();
        v0_ ^= value;
    }

    void round() {
        v0_ += v1_;
        v2_ += v3_;
        v1_ = std::rotl(v1_, 13) ^ v0_;
        v3_ = std::rotl(v3_, 16) ^ v2_;
        v0_ = std::rotl(v0_, 32);
        v2_ += v1_;
        v0_ += v3_;
        v1_ = std::rotl(v1_, 17) ^ v2_;
        v3_ = std::rotl(v3_, 21) ^ v0_;
        v2_ = std::rotl(v2_, 32);
    }

    std::uint64_t v0_, v1_, v2_, v3_;
};

}  // namespace

KeyIndex::KeyIndex(std::size_t expectedCount)
    : slots_(std::bit_ceil(std::max<std::size_t>(32, expectedCount * 2))),
      mask_(slots_.size() - 1) {}

std::uint32_t KeyIndex::hash(std::string_view key) {
    static const HashKeys keys = drawHashKeys();
    return static_cast<std::uint32_t>(SipHash(keys).of(key));
}

void KeyIndex::insert(std::uint32_t hash, std::uint32_t position) {
    if ((count_ + 1) * 4 > slots_.size() * 3) grow();
    place({hash, position});
    ++count_;
}

void KeyIndex::erase(std::uint32_t hash, std::uint32_t position) {
    std::size_t gap = hash & mask_;
    while (slots_[gap].position != position) gap = (gap + 1) & mask_;
    // Entries behind the gap move up unless that would put them before their home.
    for (std::size_t at = (gap + 1) & mask_; slots_[at].position != kNone; at = (at + 1) & mask_) {
        const std::size_t home = slots_[at].hash & mask_;
        if (((at - home) & mask_) >= ((at - gap) & mask_)) {
            slots_[gap] = slots_[at];
            gap = at;
        }
    }
    slots_[gap] = Slot{};
    --count_;
}

void KeyIndex::place(Slot slot) {
    std::size_t at = slot.hash & mask_;
    while (slots_[at].position != kNone) at = (at + 1) & mask_;
    slots_[at] = slot;
}

void KeyIndex::grow() {
    std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(slots_.size() * 2));
    mask_ = slots_.size() - 1;
    for (const Slot& slot : old) {
        if (slot.position != kNone) place(slot);
    }
}

}  // namespace syncline::json
