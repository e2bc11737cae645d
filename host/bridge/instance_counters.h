// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace syncline::bridge {

/// The counters that one instance has made. Adding is one relaxed instruction. [any thread]
class InstanceCounters {
public:
    static constexpr std::uint32_t kMax = 64;

    struct Reading {
        std::string name;
        std::string help;
        std::uint64_t value = 0;
    };

    /// The one of that name, made if need be; nothing when there are kMax already.
    std::optional<std::uint32_t> make(std::string_view name, std::string_view help) {
        const std::lock_guard lock(mutex_);
        const std::uint32_t count = count_;
        for (std::uint32_t i = 0; i < count; ++i) {
            if (labels_[i].name == name) return i;
        }
        if (count == kMax) return std::nullopt;
        labels_[count] = {std::string(name), std::string(help), 0};
        count_ = count + 1;
        return count;
    }

    /// False: there is none of that number.
    bool add(std::uint32_t counter, std::uint64_t by) {
        if (counter >= count_) return false;
        values_[counter].fetch_add(by, std::memory_order_relaxed);
        return true;
    }

    std::vector<Reading> read() const {
        const std::lock_guard lock(mutex_);
        const std::uint32_t count = count_;
        std::vector<Reading> readings(labels_.begin(), labels_.begin() + count);
        for (std::uint32_t i = 0; i < count; ++i) {
            readings[i].value = values_[i].load(std::memory_order_relaxed);
        }
        return readings;
    }

private:
    mutable std::mutex mutex_;
    std::array<Reading, kMax> labels_;
    std::atomic<std::uint32_t> count_{0};
    std::array<std::atomic<std::uint64_t>, kMax> values_{};
};

}  // namespace syncline::bridge
