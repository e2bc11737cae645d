// SPDX-License-Identifier: Apache-2.0
#include "syncline/testing/ledger.h"

#include <syncline/abi.h>

#include <algorithm>

namespace syncline::conformance {

void Ledger::blame(const std::string& misconduct) {
    const std::lock_guard lock(mutex_);
    const bool known =
        std::find(misconduct_.begin(), misconduct_.end(), misconduct) != misconduct_.end();
    if (!known) misconduct_.push_back(misconduct);
}

std::vector<std::string> Ledger::misconduct() const {
    const std::lock_guard lock(mutex_);
    return misconduct_;
}

void Ledger::countUse(const char* table) {
    const std::lock_guard lock(mutex_);
    ++uses_[table];
}

std::size_t Ledger::uses(const std::string& table) const {
    const std::lock_guard lock(mutex_);
    const auto found = uses_.find(table);
    return found == uses_.end() ? 0 : found->second;
}

std::size_t Ledger::usesOfServices() const {
    const std::lock_guard lock(mutex_);
    std::size_t sum = 0;
    for (const auto& [table, count] : uses_) {
        if (table != SYNCLINE_VALUE_TABLE && table != SYNCLINE_BUILDER_TABLE) sum += count;
    }
    return sum;
}

}  // namespace syncline::conformance
