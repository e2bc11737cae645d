// SPDX-License-Identifier: Apache-2.0
#include "net/memory_budget.h"

namespace syncline::net {

bool MemoryBudget::take(std::size_t bytes, std::size_t bytesMax) {
    std::size_t used = used_.load(std::memory_order_relaxed);
    do {
        if (used > bytesMax || bytes > bytesMax - used) return false;
    } while (!used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed));
    return true;
}

BudgetPurse::BudgetPurse(MemoryBudget& budget)
    : budget_(budget), bulkBytes_(budget.bytesMax() < kSmallestSharedBytes ? 0 : kBulkBytes) {}

bool BudgetPurse::take(std::size_t bytes, For purpose) {
    // What lies in the purse is for output; a backlog is rare enough to ask the budget.
    if (purpose == For::output && bytes <= spare_) {
        spare_ -= bytes;
        return true;
    }
    const std::size_t bytesMax = bytesMaxFor(purpose);
    if (budget_.take(bytes + bulkBytes_ / 2, bytesMax)) {
        spare_ += bulkBytes_ / 2;
        return true;
    }
    return budget_.take(bytes, bytesMax);
}

void BudgetPurse::takeAnyway(std::size_t bytes) {
    if (!take(bytes, For::output)) budget_.takeAnyway(bytes);
}

void BudgetPurse::give(std::size_t bytes) {
    spare_ += bytes;
    if (spare_ <= bulkBytes_) return;
    budget_.give(spare_ - bulkBytes_ / 2);
    spare_ = bulkBytes_ / 2;
}

bool BudgetPurse::hasRoom(std::size_t bytes, For purpose) const {
    if (purpose == For::output && bytes <= spare_) return true;
    const std::size_t used = budget_.usedBytes();
    const std::size_t bytesMax = bytesMaxFor(purpose);
    return used <= bytesMax && bytes <= bytesMax - used;
}

std::size_t BudgetPurse::bytesMaxFor(For purpose) const {
    const std::size_t all = budget_.bytesMax();
    return purpose == For::output ? all : all - all / 4;
}

}  // namespace syncline::net
