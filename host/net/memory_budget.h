// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>

namespace syncline::net {

/// Bytes that all connections of the server together may hold in their outboxes. Owned by the
/// server; [any thread].
class MemoryBudget {
public:
    explicit MemoryBudget(std::size_t bytesMax) : bytesMax_(bytesMax) {}

    /// Takes `bytes` if no more than `bytesMax` of the budget are used then; else nothing, and
    /// answers false.
    [[nodiscard]] bool take(std::size_t bytes, std::size_t bytesMax);

    /// Takes `bytes` even past the limit: they exist already and can only be counted.
    void takeAnyway(std::size_t bytes) { used_.fetch_add(bytes, std::memory_order_relaxed); }

    void give(std::size_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }

    std::size_t usedBytes() const { return used_.load(std::memory_order_relaxed); }
    std::size_t bytesMax() const { return bytesMax_; }

private:
    const std::size_t bytesMax_;
    std::atomic<std::size_t> used_{0};
};

/// One shard's purse: it takes from the budget in bulk, so that a send touches no cache line of
/// another shard. At most `kBulkBytes` lie in it unused; none when the budget is smaller than
/// `kSmallestSharedBytes`. Owned by a reactor; [its thread].
///
/// Peers that do not read may use three quarters of the budget together. The last quarter is for
/// output that leaves with this tick, so that frozen clients cannot starve those who read.
class BudgetPurse {
public:
    static constexpr std::size_t kBulkBytes = 256 * 1024;
    static constexpr std::size_t kSmallestSharedBytes = 64 * kBulkBytes;

    explicit BudgetPurse(MemoryBudget& budget);
    ~BudgetPurse() { budget_.give(spare_); }
    BudgetPurse(const BudgetPurse&) = delete;
    BudgetPurse& operator=(const BudgetPurse&) = delete;

    enum class For { output, backlog };

    [[nodiscard]] bool take(std::size_t bytes, For purpose);
    void takeAnyway(std::size_t bytes);
    void give(std::size_t bytes);

    /// Whether take() would succeed.
    bool hasRoom(std::size_t bytes, For purpose) const;

private:
    std::size_t bytesMaxFor(For purpose) const;

    MemoryBudget& budget_;
    const std::size_t bulkBytes_;
    std::size_t spare_ = 0;
};

}  // namespace syncline::net
