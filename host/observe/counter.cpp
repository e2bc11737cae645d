// SPDX-License-Identifier: Apache-2.0
#include "observe/counter.h"

#include <cassert>

namespace syncline::observe {

CounterTable::CounterTable(std::size_t rowCount, std::size_t columnCount)
    : rowCount_(rowCount),
      columnCount_(columnCount),
      linesPerRow_((columnCount + kCellsPerLine - 1) / kCellsPerLine),
      lines_(rowCount * linesPerRow_) {}

std::uint64_t CounterTable::total(std::size_t column) const {
    std::uint64_t sum = 0;
    for (std::size_t row = 0; row < rowCount_; ++row) sum += at(row, column);
    return sum;
}

std::uint64_t CounterTable::at(std::size_t row, std::size_t column) const {
    assert(row < rowCount_ && column < columnCount_);
    const Line& line = lines_[row * linesPerRow_ + column / kCellsPerLine];
    return line.cells[column % kCellsPerLine].load(std::memory_order_relaxed);
}

}  // namespace syncline::observe
