// SPDX-License-Identifier: Apache-2.0
#include "bridge/conduct.h"

#include <limits>
#include <utility>

#include "bridge/instance.h"
#include "bridge/thread_state.h"

namespace syncline::bridge {

namespace {

constexpr std::int64_t kLineEveryMs = 1'000;

}  // namespace

Conduct::Conduct(std::string instance, std::shared_ptr<spdlog::logger> log,
                 const core::Clock& clock)
    : instance_(std::move(instance)),
      log_(std::move(log)),
      clock_(clock),
      nextLineMs_(std::numeric_limits<std::int64_t>::min()) {}

void Conduct::misbehaved(std::string_view what) noexcept {
    misbehaviours_.fetch_add(1, std::memory_order_relaxed);
    tell("misbehaves", what);
}

void Conduct::late() noexcept {
    late_.fetch_add(1, std::memory_order_relaxed);
    tell("answers late", "the call had ended by its deadline");
}

void Conduct::tell(std::string_view verdict, std::string_view what) noexcept {
    unlogged_.fetch_add(1, std::memory_order_relaxed);
    const std::int64_t now = clock_.steadyMs();
    std::int64_t next = nextLineMs_.load(std::memory_order_relaxed);
    if (now < next || !nextLineMs_.compare_exchange_strong(next, now + kLineEveryMs)) return;
    const std::uint64_t count = unlogged_.exchange(0, std::memory_order_relaxed);
    log_->warn("{} {}: {} ({} since the last line)", instance_, verdict, what, count);
}

void blameCurrent(std::string_view what) noexcept {
    if (threadState.instance != nullptr) threadState.instance->conduct().misbehaved(what);
}

}  // namespace syncline::bridge
