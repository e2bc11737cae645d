// SPDX-License-Identifier: Apache-2.0
#include "channel/history.h"

#include <utility>

namespace syncline::channel {

void History::addMark(std::uint64_t index, std::uint64_t seq, std::int64_t atMs) {
    if (!marks_.empty() && marks_.back().index == index) return;
    marks_.push_back({index, seq, atMs, bytes_});
}

std::optional<History::Mark> History::pass(const Limits& limits, std::uint64_t headSeq,
                                           std::int64_t nowMs) {
    std::size_t passed = 0;
    while (passed < marks_.size()) {
        const Mark& mark = marks_[passed];
        const bool beyond = headSeq - mark.seq >= limits.opsMax ||
                            bytes_ - mark.bytes >= limits.bytesMax ||
                            nowMs - mark.atMs >= limits.ageMsMax;
        if (!beyond) break;
        ++passed;
    }
    if (passed == 0) return untrimmed_;
    untrimmed_ = marks_[passed - 1];
    marks_.erase(marks_.begin(), marks_.begin() + static_cast<std::ptrdiff_t>(passed));
    passedSeq_ = untrimmed_->seq;
    return untrimmed_;
}

void History::restore(std::vector<Mark> marks, std::uint64_t bytes, std::uint64_t passedSeq) {
    marks_ = std::move(marks);
    bytes_ = bytes;
    passedSeq_ = passedSeq;
}

}  // namespace syncline::channel
