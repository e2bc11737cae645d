// SPDX-License-Identifier: Apache-2.0
#include "net/memory_budget.h"

#include <algorithm>

namespace syncline::net {

bool MemoryBudget::take(std::size_t bytes, For purpose) {
    std::atomic<std::size_t>& pool = poolOf(purpose);
    std::size_t used = pool.load(std::memory_order_relaxed);
    do {
        if (!fits(bytes, used, purpose)) return false;
    } while (!pool.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
    return true;
}

bool MemoryBudget::fits(std::size_t bytes, std::size_t used, For purpose) const {
    const std::size_t backlogMax = bytesMax_ - bytesMax_ / 4;
    const std::size_t max = purpose == For::backlog ? backlogMax : bytesMax_;
    const std::size_t others = purpose == For::backlog
                                   ? usedBytes(For::output)
                                   : std::min(usedBytes(For::backlog), backlogMax);
    return others <= max && used <= max - others && bytes <= max - others - used;
}

BudgetPurse::BudgetPurse(MemoryBudget& budget)
    : budget_(budget), bulkBytes_(budget.bytesMax() < kSmallestSharedBytes ? 0 : kBulkBytes) {}

bool BudgetPurse::take(std::size_t bytes, For purpose) {
    if (purpose == For::backlog) return budget_.take(bytes, purpose);
    if (bytes <= spare_) {
        spare_ -= bytes;
        return true;
    }
    if (budget_.take(bytes + bulkBytes_ / 2, purpose)) {
        spare_ += bulkBytes_ / 2;
        return true;
    }
    return budget_.take(bytes, purpose);
}

void BudgetPurse::takeAnyway(std::size_t bytes, For purpose) {
    if (!take(bytes, purpose)) budget_.takeAnyway(bytes, purpose);
}

void BudgetPurse::give(std::size_t bytes, For purpose) {
    if (purpose == For::backlog) return budget_.give(bytes, purpose);
    spare_ += bytes;
    if (spare_ <= bulkBytes_) return;
    budget_.give(spare_ - bulkBytes_ / 2, purpose);
    spare_ = bulkBytes_ / 2;
}

void BudgetPurse::defer(std::size_t bytes) {
    budget_.takeAnyway(bytes, For::backlog);
    give(bytes, For::output);
}

void BudgetPurse::resume(std::size_t bytes) {
    takeAnyway(bytes, For::output);
    budget_.give(bytes, For::backlog);
}

bool BudgetPurse::hasRoom(std::size_t bytes, For purpose) const {
    return (purpose == For::output && bytes <= spare_) || budget_.hasRoom(bytes, purpose);
}

}  // namespace syncline::net
