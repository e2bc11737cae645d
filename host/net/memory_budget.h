// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>

namespace syncline::net {

/// Bytes that all connections of the server together may hold in their outboxes, in three pools.
/// Owned by the server; [any thread].
///
///     backlog   a connection's own bytes that the kernel has refused: at most half of the whole
///     shared    references to buffers of many connections that it has refused: a quarter
///     output    what leaves with this tick: whatever the others leave, a quarter at least
///
/// So peers that do not read cannot starve those who do. References that a tick adds can only be
/// counted, for what they point at is there already, once for all: `shared` may be overdrawn, and
/// the others do not feel by how much.
class MemoryBudget {
public:
    enum class For { output, backlog, shared };

    explicit MemoryBudget(std::size_t bytesMax) : bytesMax_(bytesMax) {}

    /// Takes `bytes` if they fit; else nothing, and answers false.
    [[nodiscard]] bool take(std::size_t bytes, For purpose);

    /// Takes `bytes` even past the limit.
    void takeAnyway(std::size_t bytes, For purpose) {
        poolOf(purpose).fetch_add(bytes, std::memory_order_relaxed);
    }

    void give(std::size_t bytes, For purpose) {
        poolOf(purpose).fetch_sub(bytes, std::memory_order_relaxed);
    }

    /// Whether take() would succeed.
    bool hasRoom(std::size_t bytes, For purpose) const {
        return fits(bytes, usedBytes(purpose), purpose);
    }

    std::size_t usedBytes(For purpose) const {
        return used_[static_cast<std::size_t>(purpose)].load(std::memory_order_relaxed);
    }
    std::size_t usedBytes() const {
        return usedBytes(For::output) + usedBytes(For::backlog) + usedBytes(For::shared);
    }
    std::size_t bytesMax() const { return bytesMax_; }

private:
    std::atomic<std::size_t>& poolOf(For purpose) {
        return used_[static_cast<std::size_t>(purpose)];
    }
    std::size_t maxOf(For purpose) const;
    /// What of a pool's share is taken, which an overdraft does not exceed.
    std::size_t shareOf(For purpose) const;
    bool fits(std::size_t bytes, std::size_t used, For purpose) const;

    const std::size_t bytesMax_;
    std::array<std::atomic<std::size_t>, 3> used_{};
};

/// One shard's purse: it takes output from the budget in bulk, so that a send touches no cache line
/// of another shard. At most `kBulkBytes` lie in it unused; none when the budget is smaller than
/// `kSmallestSharedBytes`. Owned by a reactor; [its thread].
class BudgetPurse {
public:
    using For = MemoryBudget::For;

    static constexpr std::size_t kBulkBytes = 256 * 1024;
    static constexpr std::size_t kSmallestSharedBytes = 64 * kBulkBytes;

    explicit BudgetPurse(MemoryBudget& budget);
    ~BudgetPurse() { budget_.give(spare_, For::output); }
    BudgetPurse(const BudgetPurse&) = delete;
    BudgetPurse& operator=(const BudgetPurse&) = delete;

    [[nodiscard]] bool take(std::size_t bytes, For purpose);
    void takeAnyway(std::size_t bytes, For purpose);
    void give(std::size_t bytes, For purpose);

    /// `bytes` that were taken for output become a backlog. False: it has no room, and they stay.
    [[nodiscard]] bool defer(std::size_t bytes);
    /// The other way round, which always goes.
    void resume(std::size_t bytes);

    /// Whether take() would succeed.
    bool hasRoom(std::size_t bytes, For purpose) const;

private:
    MemoryBudget& budget_;
    const std::size_t bulkBytes_;
    std::size_t spare_ = 0;
};

}  // namespace syncline::net
