// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "channel/entry.h"

namespace syncline::channel {

/// The newest committed effects of a channel, dense, in memory: what most clients that come back
/// lack, and what the values at a base are rebuilt from. Part of its channel's state.
class LogTail {
public:
    /// What one entry overwrote of one record.
    struct Overwritten {
        std::string key;
        std::uint64_t previousVersion = 0;
        std::string undo;
    };

    struct Item {
        std::uint64_t seq = 0;
        std::uint64_t previousSum = 0;
        std::uint64_t sum = 0;
        std::int64_t atMs = 0;
        std::string update;                    ///< the push, as JSON text
        std::vector<Overwritten> overwritten;  ///< each record once
    };

    /// Takes the effects of an entry that follows the last one, and their undo out of them.
    /// `previousSum`: before it.
    const Item& push(Entry& entry, std::uint64_t previousSum, std::string update);

    /// What an entry overwrote of each record, taken out of its effects.
    static std::vector<Overwritten> takeOverwritten(std::vector<Effect>& effects);

    /// nullptr when it is not in memory.
    const Item* find(std::uint64_t seq) const;

    /// What the effect at `seq` overwrote of that record; nullptr when it is not in memory.
    const Overwritten* find(std::uint64_t seq, std::string_view key) const;

    bool empty() const { return items_.empty(); }
    std::uint64_t firstSeq() const { return items_.front().seq; }
    std::size_t bytes() const { return bytes_; }
    std::size_t size() const { return items_.size(); }

    /// Forgets the oldest until all limits hold.
    void trim(std::size_t itemsMax, std::size_t bytesMax, std::int64_t oldestAtMs);
    void clear();

private:
    static std::size_t bytesOf(const Item& item);
    void popFront();

    std::deque<Item> items_;
    std::size_t bytes_ = 0;
};

}  // namespace syncline::channel
