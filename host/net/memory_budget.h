// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>

namespace syncline::net {

/// Bytes that all connections of the server together may hold in their outboxes, in two pools.
/// Owned by the server; [any thread].
///
///     backlog   what the kernel has refused and waits for the peer: three quarters of the whole
///     output    what leaves with this tick: whatever the backlog leaves, a quarter at least
///
/// So peers that do not read cannot starve those who do. What one tick adds to the backlog exists
/// already and can only be counted, so the backlog may be overdrawn; output does not feel that.
class MemoryBudget {
public:
    enum class For { output, backlog };

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
        return (purpose == For::output ? output_ : backlog_).load(std::memory_order_relaxed);
    }
    std::size_t usedBytes() const { return usedBytes(For::output) + usedBytes(For::backlog); }
    std::size_t bytesMax() const { return bytesMax_; }

private:
    std::atomic<std::size_t>& poolOf(For purpose) {
        return purpose == For::output ? output_ : backlog_;
    }
    bool fits(std::size_t bytes, std::size_t used, For purpose) const;

    const std::size_t bytesMax_;
    std::atomic<std::size_t> output_{0};
    std::atomic<std::size_t> backlog_{0};
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

    /// `bytes` that were taken for output have become a backlog.
    void defer(std::size_t bytes);
    /// And the other way round.
    void resume(std::size_t bytes);

    /// Whether take() would succeed.
    bool hasRoom(std::size_t bytes, For purpose) const;

private:
    MemoryBudget& budget_;
    const std::size_t bulkBytes_;
    std::size_t spare_ = 0;
};

}  // namespace syncline::net
