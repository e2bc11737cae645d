// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spdlog/logger.h>

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "core/clock.h"

namespace syncline::bridge {

/// What is held against one component instance: uses of the host that the contract forbids, and
/// completions that came too late. Never fatal: counted, and logged at most once a second. Shared
/// by the instance and by what it has posted to shards, which may arrive after the instance has
/// gone. [any thread]
class Conduct {
public:
    Conduct(std::string instance, std::shared_ptr<spdlog::logger> log, const core::Clock& clock);

    void misbehaved(std::string_view what) noexcept;
    void late() noexcept;

    std::uint64_t misbehaviours() const { return misbehaviours_.load(std::memory_order_relaxed); }
    std::uint64_t lateCompletions() const { return late_.load(std::memory_order_relaxed); }

private:
    void tell(std::string_view verdict, std::string_view what) noexcept;

    const std::string instance_;
    const std::shared_ptr<spdlog::logger> log_;
    const core::Clock& clock_;
    std::atomic<std::uint64_t> misbehaviours_{0};
    std::atomic<std::uint64_t> late_{0};
    std::atomic<std::uint64_t> unlogged_{0};
    std::atomic<std::int64_t> nextLineMs_;
};

/// Blames the instance whose function this thread is in; on a thread of a plugin's own, nobody.
void blameCurrent(std::string_view what) noexcept;

}  // namespace syncline::bridge
