// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace syncline::json {

/// Finds the position of a member by its key in constant time: an open-addressed table of 8 bytes
/// a slot. It holds hashes and positions only; the members are its owner's.
///
/// Keys come from whoever sends JSON, so they are hashed by SipHash-1-3 under keys drawn at the
/// start of the process: nobody can choose keys that collide. No visible order depends on them.
class KeyIndex {
public:
    static constexpr std::uint32_t kNone = 0xffffffff;

    explicit KeyIndex(std::size_t expectedCount);

    static std::uint32_t hash(std::string_view key);

    /// The position entered under `hash` for which `isIt` holds, or kNone.
    template <class Predicate>
    std::uint32_t find(std::uint32_t hash, const Predicate& isIt) const {
        for (std::size_t at = hash & mask_;; at = (at + 1) & mask_) {
            const Slot& slot = slots_[at];
            if (slot.position == kNone) return kNone;
            if (slot.hash == hash && isIt(slot.position)) return slot.position;
        }
    }

    void insert(std::uint32_t hash, std::uint32_t position);
    void erase(std::uint32_t hash, std::uint32_t position);

    std::size_t bytes() const { return sizeof(*this) + slots_.capacity() * sizeof(Slot); }

private:
    struct Slot {
        std::uint32_t hash = 0;
        std::uint32_t position = kNone;
    };

    void place(Slot slot);
    void grow();

    std::vector<Slot> slots_;
    std::size_t mask_ = 0;
    std::size_t count_ = 0;
};

}  // namespace syncline::json
