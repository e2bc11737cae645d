// SPDX-License-Identifier: Apache-2.0
#include "row_codec.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include "checksum.h"

namespace syncline::sqlite {
namespace {

constexpr char format = 1;
constexpr std::size_t checksumBytes = sizeof(std::uint64_t);

void putVarint(std::string& to, std::uint64_t value) {
    while (value >= 0x80) {
        to.push_back(static_cast<char>(value | 0x80));
        value >>= 7;
    }
    to.push_back(static_cast<char>(value));
}

std::size_t varintBytes(std::uint64_t value) {
    return static_cast<std::size_t>(std::bit_width(value | 1) + 6) / 7;
}

void putText(std::string& to, std::string_view text) {
    putVarint(to, text.size());
    to.append(text);
}

bool takeVarint(std::string_view& from, std::uint64_t& value) {
    value = 0;
    for (unsigned shift = 0; shift < 64 && !from.empty(); shift += 7) {
        const auto byte = static_cast<unsigned char>(from.front());
        from.remove_prefix(1);
        value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
        if (byte < 0x80) return true;
    }
    return false;
}

bool takeText(std::string_view& from, std::string_view& text) {
    std::uint64_t size = 0;
    if (!takeVarint(from, size) || size > from.size()) return false;
    text = from.substr(0, size);
    from.remove_prefix(size);
    return true;
}

// Small numbers of either sign become small varints.
std::uint64_t zigzag(std::int64_t value) {
    return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}

std::int64_t unzigzag(std::uint64_t value) {
    return static_cast<std::int64_t>(value >> 1) ^ -static_cast<std::int64_t>(value & 1);
}

std::size_t bytesOf(const Entry& entry) {
    return varintBytes(entry.seq) + varintBytes(zigzag(entry.atMs)) +
           varintBytes(entry.body.size()) + entry.body.size();
}

void count(Block& block, std::uint64_t seq) {
    if (seq == 0) return;
    block.firstSeq = block.firstSeq == 0 ? seq : std::min(block.firstSeq, seq);
    block.lastSeq = std::max(block.lastSeq, seq);
}

/// Walks the entries once: they must fill their bytes exactly and be as many as the block says.
bool measure(Block& block, std::string_view entries) {
    EntryCursor cursor(entries, block.firstIndex);
    std::uint64_t index = block.firstIndex - 1;
    while (const auto entry = cursor.next()) {
        index = entry->index;
        count(block, entry->seq);
    }
    return !cursor.damaged() && index == block.lastIndex;
}

bool takeBlock(std::string_view& from, const std::string& whole, Block& block) {
    std::string_view channel;
    std::string_view epoch;
    std::uint64_t entryCount = 0;
    std::string_view entries;
    if (!takeText(from, channel) || !takeText(from, epoch) || !takeVarint(from, block.firstIndex) ||
        !takeVarint(from, entryCount) || !takeText(from, entries)) {
        return false;
    }
    if (block.firstIndex == 0 || entryCount == 0) return false;
    block.channel = channel;
    block.epoch = epoch;
    block.lastIndex = block.firstIndex + entryCount - 1;
    block.offset = static_cast<std::size_t>(entries.data() - whole.data());
    block.size = entries.size();
    return measure(block, entries);
}

}  // namespace

void appendEntry(std::string& to, const Entry& entry) {
    putVarint(to, entry.seq);
    putVarint(to, zigzag(entry.atMs));
    putText(to, entry.body);
}

std::optional<Entry> EntryCursor::next() {
    if (rest_.empty() || damaged_) return std::nullopt;
    Entry entry{};
    std::uint64_t at = 0;
    if (!takeVarint(rest_, entry.seq) || !takeVarint(rest_, at) || !takeText(rest_, entry.body)) {
        damaged_ = true;
        return std::nullopt;
    }
    entry.index = nextIndex_++;
    entry.atMs = unzigzag(at);
    return entry;
}

std::uint64_t Row::entryCount() const {
    std::uint64_t sum = 0;
    for (const Block& block : blocks) sum += block.lastIndex - block.firstIndex + 1;
    return sum;
}

RowWriter::RowWriter(std::uint64_t id, std::size_t bytesExpected) {
    bytes_.reserve(bytesExpected);
    bytes_.push_back(format);
    row_.id = id;
}

void RowWriter::add(const Append& append) {
    if (append.entryCount() == 0) return;
    Block block;
    block.firstIndex = append.expectedIndex() + 1;
    block.lastIndex = append.expectedIndex() + append.entryCount();
    for (std::size_t i = 0; i < append.entryCount(); ++i) block.size += bytesOf(append.entry(i));
    const Name channel = put(append.channel());
    names_.emplace_back(channel, put(append.epoch()));
    putVarint(bytes_, block.firstIndex);
    putVarint(bytes_, append.entryCount());
    putVarint(bytes_, block.size);
    block.offset = bytes_.size();
    for (std::size_t i = 0; i < append.entryCount(); ++i) {
        const Entry entry = append.entry(i);
        appendEntry(bytes_, entry);
        count(block, entry.seq);
    }
    row_.blocks.push_back(block);
}

RowWriter::Name RowWriter::put(std::string_view name) {
    putText(bytes_, name);
    return {bytes_.size() - name.size(), name.size()};
}

Row RowWriter::take() {
    const std::uint64_t sum = checksum(bytes_, row_.id);
    bytes_.append(reinterpret_cast<const char*>(&sum), checksumBytes);
    row_.bytes = std::make_shared<const std::string>(std::move(bytes_));
    const std::string_view whole(*row_.bytes);
    for (std::size_t i = 0; i < names_.size(); ++i) {
        const auto& [channel, epoch] = names_[i];
        row_.blocks[i].channel = whole.substr(channel.offset, channel.size);
        row_.blocks[i].epoch = whole.substr(epoch.offset, epoch.size);
    }
    return std::move(row_);
}

std::optional<Row> readRow(std::uint64_t id, std::string bytes) {
    if (bytes.size() < 1 + checksumBytes) return std::nullopt;
    Row row;
    row.id = id;
    row.bytes = std::make_shared<const std::string>(std::move(bytes));
    std::string_view rest(*row.bytes);
    std::uint64_t sum = 0;
    std::memcpy(&sum, rest.data() + rest.size() - checksumBytes, checksumBytes);
    rest.remove_suffix(checksumBytes);
    if (sum != checksum(rest, id) || rest.front() != format) return std::nullopt;
    rest.remove_prefix(1);
    while (!rest.empty()) {
        Block block;
        if (!takeBlock(rest, *row.bytes, block)) return std::nullopt;
        row.blocks.push_back(block);
    }
    return row;
}

}  // namespace syncline::sqlite
