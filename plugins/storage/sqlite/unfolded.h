// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "row_codec.h"

namespace syncline::sqlite {

using SharedRow = std::shared_ptr<const Row>;

/// A block of a row that is not folded yet, kept alive by its row.
struct TailBlock {
    SharedRow row;
    const Block* block = nullptr;

    std::string_view entries() const { return row->entries(*block); }
};

/// The commits that are in the journal and not yet in the folded file, and the last index of the
/// channels that were used lately. Owned by the backend; every function on any thread.
class Unfolded {
public:
    explicit Unfolded(std::size_t headsMax) : headsMax_(headsMax) {}

    /// The channel's last index, if it is known here; otherwise the folded file knows it.
    std::optional<std::uint64_t> lastIndex(std::string_view channel) const;

    /// Keeps what the folded file knew, unless something newer is here already.
    void remember(std::string_view channel, std::uint64_t lastIndex);

    /// A row that is durable in the journal.
    void add(Row row);

    /// The oldest rows, at least one if there is any, until they reach `bytesMax`.
    std::vector<SharedRow> oldest(std::size_t bytesMax) const;

    /// The rows up to this one are durable in the folded file.
    void folded(std::uint64_t throughId);

    /// The blocks of one channel, in order.
    std::vector<TailBlock> tail(std::string_view channel) const;

    /// The channels that have blocks here.
    std::vector<std::string> channels() const;

    /// Forgets the last index of a channel; false when blocks of it are still here.
    bool forget(std::string_view channel);

    struct Size {
        std::size_t ops = 0;
        std::size_t bytes = 0;
        std::uint64_t lastId = 0;  ///< of the newest row that was ever added
        std::uint64_t foldedId = 0;
    };
    Size size() const;

    /// Before anything else: up to where rows are folded, and which number was the last one given.
    void startAt(std::uint64_t foldedId, std::uint64_t lastId);

private:
    struct Channel {
        std::uint64_t lastIndex = 0;
        std::deque<TailBlock> blocks;
    };
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };

    Channel& at(std::string_view channel);
    void forgetIdleHeads();

    const std::size_t headsMax_;
    mutable std::mutex mutex_;
    std::deque<SharedRow> rows_;
    std::unordered_map<std::string, Channel, Hash, std::equal_to<>> channels_;
    Size size_;
};

}  // namespace syncline::sqlite
