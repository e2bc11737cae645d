// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <functional>
#include <mutex>
#include <string>

namespace syncline::sqlite {

/// What is wrong with a storage at the moment, put together from its parts. Tells the host when
/// that changes, not each time it is found again. Every function on any thread.
class Health {
public:
    enum class Part { committing, folding, reading };

    /// `reason` is empty when all is well.
    using Report = std::function<void(const std::string& reason)>;

    explicit Health(Report report) : report_(std::move(report)) {}

    void well(Part part) { set(part, {}); }
    void unwell(Part part, const std::string& reason) { set(part, reason); }

    bool isWell(Part part) const {
        const std::lock_guard lock(mutex_);
        return reasons_[static_cast<std::size_t>(part)].empty();
    }

private:
    void set(Part part, const std::string& reason) {
        const std::lock_guard lock(mutex_);
        std::string& known = reasons_[static_cast<std::size_t>(part)];
        if (known == reason) return;
        known = reason;
        for (const std::string& each : reasons_) {
            if (!each.empty()) return report_(each);
        }
        report_({});
    }

    const Report report_;
    mutable std::mutex mutex_;
    std::array<std::string, 3> reasons_;
};

}  // namespace syncline::sqlite
