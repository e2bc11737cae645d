// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <syncline/plugin/storage_backend.hpp>
#include <unordered_map>
#include <vector>

namespace syncline::memory {

/// Channels in memory, within a limit. Owned by the plugin's instance; every function on any
/// thread. What does not fit is refused with a Refusal that may be retried, and changes nothing. A
/// part of the limit is for checkpoints alone: without them no log is trimmed.
class Store {
public:
    explicit Store(std::size_t bytesMax) : bytesMax_(bytesMax) {}

    void commit(Appends appends);
    void load(std::string_view channel, const Reader& reader) const;
    void readLog(std::string_view channel, std::uint64_t firstSeq, std::uint64_t lastSeq,
                 const Reader& reader) const;
    void checkpoint(const Checkpoint& checkpoint);
    void trim(std::string_view channel, std::uint64_t belowIndex);
    void list(const Reader& reader) const;
    void drop(std::string_view channel);

    std::size_t bytes() const;

private:
    struct KeptEntry {
        std::uint64_t index = 0;
        std::uint64_t seq = 0;
        std::int64_t atMs = 0;
        std::string body;
    };
    struct KeptHead {
        std::string epoch;
        std::uint64_t index = 0;
        std::uint64_t seq = 0;
        std::string head;
    };
    using Items = std::map<std::string, std::string, std::less<>>;

    struct Channel {
        std::uint64_t lastIndex = 0;
        std::optional<KeptHead> checkpoint;
        Items records;
        Items streams;
        std::deque<KeptEntry> log;
    };
    struct Hash : std::hash<std::string_view> {
        using is_transparent = void;
    };

    static std::size_t bytesOf(const Channel& channel);
    static void pour(const std::vector<KeptEntry>& entries, const Reader& reader);
    std::uint64_t lastIndex(std::string_view channel) const;
    std::vector<bool> fitting(Appends appends) const;
    void requireRoom(std::size_t more, std::size_t less, std::size_t limit) const;
    static std::size_t bytesIn(const Items& items, std::string_view name);
    void requireRoomFor(const Checkpoint& checkpoint, const Channel* channel) const;
    void append(const Append& append);
    void put(Items& items, const StoredItem& item);

    const std::size_t bytesMax_;
    mutable std::mutex mutex_;
    std::size_t bytes_ = 0;
    std::unordered_map<std::string, Channel, Hash, std::equal_to<>> channels_;
};

}  // namespace syncline::memory
