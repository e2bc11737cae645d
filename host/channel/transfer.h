// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "channel/channel_loading.h"
#include "channel/storage.h"
#include "core/result.h"

struct evp_md_ctx_st;

namespace syncline::channel {

// A channel as lines of JSON, to be moved from one storage to another:
//
//     {"kind":"channel","format":1,"channel","epoch","index","seq","sum","at","head"}
//     {"kind":"record","key","version","by","value" or "deleted","stamps","image"}   each record
//     {"kind":"stream","id","user","high","outcomes","image"}                        each stream
//     {"kind":"entry","index","seq","at","by","keys","image"}                        the kept log
//     {"kind":"end","records","streams","entries","sha256"}
//
// `head` and `image` are what checkpoints and logs hold (image_codec.h, entry_codec.h), in base64;
// the members beside them are for people, and have to say the same. `sha256` is of all bytes before
// the last line. [a thread that may block]

/// Which `format` this program writes and knows.
inline constexpr int kTransferFormat = 1;

struct TransferCounts {
    std::size_t records = 0;
    std::size_t streams = 0;
    std::size_t entries = 0;
    std::uint64_t seq = 0;
};

/// SHA-256 over lines, each with the line end behind it.
class LineDigest {
public:
    LineDigest();
    void add(std::string_view line);
    std::string hex();  ///< once, at the end

private:
    struct Free {
        void operator()(evp_md_ctx_st* context) const;
    };
    std::unique_ptr<evp_md_ctx_st, Free> context_;
};

/// Gives the lines of a channel, without line ends. Errors: noSuchChannel for one that the storage
/// does not have, else what is wrong with it.
core::Result<TransferCounts> exportChannel(Storage& storage, const LoadSettings& settings,
                                           std::int64_t nowMs,
                                           const std::function<void(std::string_view)>& write);

/// Lines of a channel on their way in. Nothing is written before all of them were taken and are
/// right: take() for each, then writeTo().
class ChannelImport {
public:
    /// Errors: badField, with what is wrong with this line.
    core::Result<void> take(std::string_view line);

    /// Whether the last line was taken.
    bool isComplete() const { return ended_; }

    const std::string& channel() const { return header_.channel; }  ///< as it was called

    /// Writes it under that name. Errors: what the storage says; a channel that is not empty.
    core::Result<TransferCounts> writeTo(Storage& storage, const std::string& name);

private:
    class Line;

    core::Result<void> takeHeader(const Line& line);
    core::Result<void> takeRecord(const Line& line);
    core::Result<void> takeStream(const Line& line);
    core::Result<void> takeEntry(const Line& line);
    core::Result<void> takeEnd(const Line& line);
    core::Result<void> fill(Storage& storage, const std::string& name);
    core::Result<void> commitLog(Storage& storage, const std::string& name);

    LineDigest digest_;
    Checkpoint header_;  ///< with all records and streams
    std::uint64_t sum_ = 0;
    std::vector<StoredEntry> entries_;
    std::optional<std::uint64_t> chained_;  ///< the sum of the last entry
    std::set<std::string, std::less<>> keys_;
    std::set<std::string, std::less<>> ids_;
    bool begun_ = false;
    bool ended_ = false;
};

}  // namespace syncline::channel
