// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <syncline/plugin/storage_backend.hpp>
#include <utility>
#include <vector>

namespace syncline::sqlite {

/// Encoded entries: for each `seq` and `at` as varints, the size of the body, the body. Their
/// indexes follow from the first one, so blocks that follow each other can simply be joined.
void appendEntry(std::string& to, const Entry& entry);

/// Reads encoded entries.
class EntryCursor {
public:
    EntryCursor(std::string_view bytes, std::uint64_t firstIndex)
        : rest_(bytes), nextIndex_(firstIndex) {}

    /// Empty at the end, and where the bytes stop making sense: damaged() tells which.
    std::optional<Entry> next();
    bool damaged() const { return damaged_; }

private:
    std::string_view rest_;
    std::uint64_t nextIndex_;
    bool damaged_ = false;
};

/// Consecutive entries of one channel inside a journal row that several blocks share. Its texts lie
/// in the row's bytes.
struct Block {
    std::string_view channel;
    std::string_view epoch;
    std::uint64_t firstIndex = 0;
    std::uint64_t lastIndex = 0;
    std::uint64_t firstSeq = 0;  ///< the smallest that is not 0; 0: there is none
    std::uint64_t lastSeq = 0;   ///< the largest
    std::size_t offset = 0;      ///< of the encoded entries in the row
    std::size_t size = 0;
};

/// One commit: what stands in one row of the journal.
struct Row {
    std::uint64_t id = 0;
    std::shared_ptr<const std::string> bytes;  ///< shared with readers that outlive the fold
    std::vector<Block> blocks;

    std::uint64_t entryCount() const;
    std::string_view entries(const Block& block) const {
        return std::string_view(*bytes).substr(block.offset, block.size);
    }
};

/// Builds a row from appends.
///
///     format | { channel, epoch, first index, count, size, entries }* | checksum
class RowWriter {
public:
    /// `bytesExpected`: room that is made for the row at once.
    explicit RowWriter(std::uint64_t id, std::size_t bytesExpected = 0);

    void add(const Append& append);
    bool empty() const { return row_.blocks.empty(); }

    /// Seals the row. The writer is spent.
    Row take();

private:
    struct Name {
        std::size_t offset;
        std::size_t size;
    };
    Name put(std::string_view name);

    Row row_;
    std::string bytes_;
    std::vector<std::pair<Name, Name>> names_;  ///< of the blocks: channel and epoch
};

/// Takes a row apart again; empty when it is not what take() once made for this id.
std::optional<Row> readRow(std::uint64_t id, std::string bytes);

}  // namespace syncline::sqlite
