// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "connection.h"
#include "settings.h"
#include "unfolded.h"

namespace syncline::sqlite {

/// Reads one snapshot of the folded file and joins it with what is not folded yet. Tails must be
/// taken from Unfolded before the call: what is folded in between is then seen twice, never missed.
/// One thread at a time; FoldedReaders lends them.
class FoldedReader {
public:
    static Result<std::unique_ptr<FoldedReader>> open(const Settings& settings);

    /// The last index that the folded file knows; 0 for a channel that is not there.
    Result<std::uint64_t> lastIndex(std::string_view channel);

    Result<void> load(std::string_view channel, const std::vector<TailBlock>& tail,
                      const Reader& reader);
    Result<void> readLog(std::string_view channel, std::uint64_t firstSeq, std::uint64_t lastSeq,
                         const std::vector<TailBlock>& tail, const Reader& reader);

    /// Pours the names that the folded file knows and those in `unfolded`, each once.
    Result<void> list(const std::vector<std::string>& unfolded, const Reader& reader);

    Connection& connection() { return *db_; }

private:
    class Pour;
    struct Channel {
        std::uint64_t id = 0;
        std::uint64_t lastIndex = 0;
    };
    struct Range {  ///< of indexes; 0 and 0: nothing
        std::uint64_t first = 0;
        std::uint64_t last = 0;
    };

    explicit FoldedReader(std::unique_ptr<Connection> db);

    Result<Channel> find(std::string_view name);
    Result<bool> pourCheckpoint(std::string_view name, std::uint64_t id, std::uint64_t& index,
                                const Reader& reader);
    Result<bool> pourItems(Statement& select, std::uint64_t id,
                           bool (Reader::*take)(const StoredItem&) const, const Reader& reader);
    Result<void> pourSegments(std::string_view name, std::uint64_t id, std::uint64_t firstIndex,
                              std::uint64_t lastIndex, Pour& pour);
    Result<void> pourTail(std::string_view name, const std::vector<TailBlock>& tail, Pour& pour);
    Result<Range> rangeOf(std::uint64_t id, std::uint64_t firstSeq, std::uint64_t lastSeq);
    Failure damaged(std::string_view channel, const std::string& what) const;

    std::unique_ptr<Connection> db_;
    Statement begin_;
    Statement end_;
    Statement selectChannel_;
    Statement selectCheckpoint_;
    Statement selectRecords_;
    Statement selectStreams_;
    Statement selectSegments_;
    Statement selectRange_;
    Statement selectNames_;
};

}  // namespace syncline::sqlite
