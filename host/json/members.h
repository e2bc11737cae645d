// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "json/key_index.h"
#include "json/value.h"

namespace syncline::json {

/// The storage of one object; its Value owns it. Few members are looked up one by one, more than
/// kLinearMax through an index. An erased member leaves a gap; when half are gaps, everything moves
/// together and the memory goes back: so erasing many costs no more than adding them did.
class Members {
public:
    static constexpr std::size_t kLinearMax = 16;

    /// Takes alternating names and values. Answers the index (among the pairs) of the first name
    /// that was there before, or nothing when all went well.
    std::optional<std::size_t> fill(std::span<Value> namesAndValues);

    std::size_t size() const { return live_; }
    std::span<Member> slots() { return slots_; }  ///< with gaps

    Member* find(std::string_view key);
    Value& set(std::string_view key, Value value);
    bool erase(std::string_view key);

    std::unique_ptr<Members> clone() const;
    std::size_t bytes() const;  ///< without what the values themselves hold

private:
    std::uint32_t positionOf(std::string_view key) const;
    std::uint32_t positionAmongFew(std::string_view key) const;
    std::uint32_t indexed(std::uint32_t hash, std::string_view key) const;
    void buildIndex();
    void closeGaps();

    std::vector<Member> slots_;
    std::size_t live_ = 0;
    std::unique_ptr<KeyIndex> index_;
};

}  // namespace syncline::json
