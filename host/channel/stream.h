// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace syncline::channel {

/// What became of a number. Stored: never renumber.
enum class Outcome : std::uint8_t {
    applied = 1,
    merged = 2,    ///< applied, but not as it was submitted
    conflict = 3,  ///< the server's value stands
    rejected = 4,
    voided = 5,
};

/// What clients, exports and metrics are told it was.
constexpr std::string_view outcomeName(Outcome outcome) {
    switch (outcome) {
        case Outcome::applied:
            return "applied";
        case Outcome::merged:
            return "merged";
        case Outcome::conflict:
            return "conflict";
        case Outcome::rejected:
            return "rejected";
        case Outcome::voided:
            return "void";
    }
    return {};
}

inline bool tookEffect(Outcome outcome) {
    return outcome == Outcome::applied || outcome == Outcome::merged;
}

/// All that is needed to answer an op, at first and again.
struct StoredVerdict {
    Outcome outcome = Outcome::applied;
    std::uint64_t hash = 0;  ///< of key, kind and arguments
    std::uint64_t seq = 0;   ///< 0 unless it took effect
    std::string key;
    std::string extra;  ///< further members of the answer, as JSON text without braces
};

/// The ops of one (user, client) in one channel: which numbers are consumed, and by what. Part of
/// its channel's state.
class Stream {
public:
    std::string user;
    std::int64_t lastUsedMs = 0;  ///< Unix time, by the clock as it was then; never before `born`
    bool keyed = false;           ///< of an Idempotency-Key: its only number is 1

    std::uint64_t high() const { return high_; }
    std::uint64_t forgotten() const { return forgotten_; }
    std::size_t bytes() const { return bytes_; }  ///< of the kept outcomes' texts
    std::size_t kept() const { return verdicts_.size() - dropped_; }

    /// The outcome of `n`; nullptr when it is not consumed yet or forgotten.
    const StoredVerdict* find(std::uint64_t n) const;

    /// Consumes the next number.
    void add(StoredVerdict verdict);

    /// Forgets the outcomes of all numbers up to `done`, which are settled at the client.
    void forget(std::uint64_t done);

    /// Whether `n` was applied or merged. Outlives forget() for the newest refusals; when even that
    /// is not known any more, the answer is no.
    bool tookEffect(std::uint64_t n) const;

    /// For checkpoints: the forgotten numbers that did not take effect, and up to where that is
    /// unknown.
    const std::vector<std::uint64_t>& refused() const { return refused_; }
    std::uint64_t unknownUpTo() const { return unknownUpTo_; }
    void restore(std::uint64_t forgotten, std::uint64_t unknownUpTo,
                 std::vector<std::uint64_t> refused);

private:
    static constexpr std::size_t kRefusedMax = 64;

    std::uint64_t high_ = 0;
    std::uint64_t forgotten_ = 0;
    std::uint64_t unknownUpTo_ = 0;
    std::size_t bytes_ = 0;
    std::size_t dropped_ = 0;              // of verdicts_: its first ones are forgotten
    std::vector<StoredVerdict> verdicts_;  // behind dropped_: of forgotten_ + 1 to high_
    std::vector<std::uint64_t> refused_;
};

}  // namespace syncline::channel
