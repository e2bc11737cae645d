// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

namespace syncline::observe {

/// Numbers that only grow: one row per shard (or other thread that counts), added up when somebody
/// looks. Each row has one writer and cache lines of its own, so that counting is a plain load and
/// store. Owned by what is counted.
class CounterTable {
public:
    CounterTable(std::size_t rowCount, std::size_t columnCount);

    /// [the one thread of that row]
    void add(std::size_t row, std::size_t column, std::uint64_t by = 1) {
        std::atomic<std::uint64_t>& cell = cellAt(row, column);
        cell.store(cell.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
    }

    /// The sum over all rows as of about now. [any thread]
    std::uint64_t total(std::size_t column) const;
    std::uint64_t at(std::size_t row, std::size_t column) const;

    std::size_t rowCount() const { return rowCount_; }
    std::size_t columnCount() const { return columnCount_; }

private:
    static constexpr std::size_t kCellsPerLine = 8;

    struct alignas(64) Line {
        std::array<std::atomic<std::uint64_t>, kCellsPerLine> cells{};
    };

    std::atomic<std::uint64_t>& cellAt(std::size_t row, std::size_t column) {
        return lines_[row * linesPerRow_ + column / kCellsPerLine].cells[column % kCellsPerLine];
    }

    const std::size_t rowCount_;
    const std::size_t columnCount_;
    const std::size_t linesPerRow_;
    std::vector<Line> lines_;
};

/// A table whose columns are the values of an enumeration that ends with `count_`.
template <class Name>
    requires std::is_enum_v<Name>
class Counters {
public:
    explicit Counters(std::size_t shardCount)
        : table_(shardCount, static_cast<std::size_t>(Name::count_)) {}

    /// [that shard's thread]
    void add(std::size_t shard, Name name, std::uint64_t by = 1) {
        table_.add(shard, static_cast<std::size_t>(name), by);
    }

    /// [any thread]
    std::uint64_t total(Name name) const { return table_.total(static_cast<std::size_t>(name)); }

private:
    CounterTable table_;
};

}  // namespace syncline::observe
