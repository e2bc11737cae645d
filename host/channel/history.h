// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace syncline::channel {

/// What of a channel's log the storage still keeps, measured where checkpoints cut it: how far it
/// may be trimmed to keep the newest by count, bytes and age. Part of its channel's state.
class History {
public:
    struct Mark {
        std::uint64_t index = 0;
        std::uint64_t seq = 0;
        std::int64_t atMs = 0;
        std::uint64_t bytes = 0;  ///< written up to here, ever
    };

    struct Limits {
        std::uint64_t opsMax = 0;
        std::uint64_t bytesMax = 0;
        std::int64_t ageMsMax = 0;
    };

    void noteBytes(std::uint64_t bytes) { bytes_ += bytes; }
    std::uint64_t bytes() const { return bytes_; }

    /// A checkpoint covers all entries up to here.
    void addMark(std::uint64_t index, std::uint64_t seq, std::int64_t atMs);

    /// Forgets the marks that the log has passed, and answers the last of them: entries up to it
    /// need not be kept. It is answered again until trimmed() is called.
    std::optional<Mark> pass(const Limits& limits, std::uint64_t headSeq, std::int64_t nowMs);

    /// The storage was told of what pass() answered.
    void trimmed() { untrimmed_.reset(); }
    bool owesTrim() const { return untrimmed_.has_value(); }

    /// Whether pass() would find a mark of that age.
    bool reachesBack(std::int64_t ageMs, std::int64_t nowMs) const {
        return !marks_.empty() && nowMs - marks_.front().atMs >= ageMs;
    }

    /// Entries up to this seq may be gone.
    std::uint64_t passedSeq() const { return passedSeq_; }

    const std::vector<Mark>& marks() const { return marks_; }
    void restore(std::vector<Mark> marks, std::uint64_t bytes, std::uint64_t passedSeq);

private:
    std::vector<Mark> marks_;
    std::optional<Mark> untrimmed_;
    std::uint64_t bytes_ = 0;
    std::uint64_t passedSeq_ = 0;
};

}  // namespace syncline::channel
