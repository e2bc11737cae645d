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
    std::size_t max = bytesMax_;
    for (const For other : {For::output, For::backlog, For::shared})
        if (other != purpose) max -= std::min(max, shareOf(other));
    max = std::min(max, maxOf(purpose));
    return used <= max && bytes <= max - used;
}

std::size_t MemoryBudget::maxOf(For purpose) const {
    switch (purpose) {
        case For::backlog:
            return bytesMax_ / 2;
        case For::shared:
            return bytesMax_ / 4;
        case For::output:
            break;
    }
    return bytesMax_;
}

std::size_t MemoryBudget::shareOf(For purpose) const {
    return std::min(usedBytes(purpose), maxOf(purpose));
}

BudgetPurse::BudgetPurse(MemoryBudget& budget)
    : budget_(budget), bulkBytes_(budget.bytesMax() < kSmallestSharedBytes ? 0 : kBulkBytes) {}

bool BudgetPurse::take(std::size_t bytes, For purpose) {
    if (bytes == 0) return true;
    if (purpose != For::output) return budget_.take(bytes, purpose);
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
    if (purpose != For::output) return budget_.give(bytes, purpose);
    spare_ += bytes;
    if (spare_ <= bulkBytes_) return;
    budget_.give(spare_ - bulkBytes_ / 2, purpose);
    spare_ = bulkBytes_ / 2;
}

bool BudgetPurse::defer(std::size_t bytes) {
    // First out of the one pool, so that the whole has room for it in the other.
    give(bytes, For::output);
    if (take(bytes, For::backlog)) return true;
    takeAnyway(bytes, For::output);
    return false;
}

void BudgetPurse::resume(std::size_t bytes) {
    takeAnyway(bytes, For::output);
    budget_.give(bytes, For::backlog);
}

bool BudgetPurse::hasRoom(std::size_t bytes, For purpose) const {
    return (purpose == For::output && bytes <= spare_) || budget_.hasRoom(bytes, purpose);
}

}  // namespace syncline::net
