// SPDX-License-Identifier: Apache-2.0
// The part of HostedChannel that makes entries of its own: conflicts that expire.
#include <algorithm>
#include <utility>

#include "channel/home.h"
#include "channel/hosted_channel.h"

namespace syncline::channel {

namespace {

/// A clock that is set right, or wrong, is noticed within this.
constexpr std::int64_t kLookAgainMs = 60'000;

/// What could not be resolved yet is tried again: its strategy fails, or it is resolved in flight.
constexpr std::int64_t kTryAgainMs = 1'000;

/// Resolved in one go, so that many that are due leave room for what clients send.
constexpr std::size_t kExpiredAtOnce = 100;

}  // namespace

HostedChannel::~HostedChannel() {
    home_.shard().timers().stop(expiryTimer_);
}

// Entries that were sequenced without a caller are committed with the one in front of them.
void HostedChannel::noteServerEntries() {
    while (callers_.size() < state_->inFlight()) {
        callers_.push_back({home_.index(), StreamId{}, OpRequest{}});
        if (gathered_++ == 0) home_.touch(*this);
    }
}

void HostedChannel::expireConflicts() {
    watchedMs_.reset();
    if (phase_ != Phase::ready || home_.isDraining()) return;
    const std::int64_t nowMs = home_.wallMs();
    bool all = queue_.accepts();
    if (all)
        for (const std::string& key : state_->committed().conflicts.due(nowMs, kExpiredAtOnce)) {
            if (sequencer_.expire(*state_, key, nowMs))
                noteServerEntries();
            else
                all = false;
        }
    watchConflicts(all ? core::TimerWheel::kTickMs : kTryAgainMs);
}

void HostedChannel::watchConflicts(std::int64_t delayMsMin) {
    if (phase_ != Phase::ready) return;
    const std::optional<std::int64_t> dueMs = state_->committed().conflicts.nextDueMs();
    if (dueMs == watchedMs_) return;
    core::Shard& shard = home_.shard();
    shard.timers().stop(expiryTimer_);
    watchedMs_ = dueMs;
    if (!dueMs) return;
    const std::int64_t delayMs = std::clamp(*dueMs - home_.wallMs(), delayMsMin, kLookAgainMs);
    expiryTimer_ = shard.timers().start(shard.nowMs(), delayMs, [this] { expireConflicts(); });
}

}  // namespace syncline::channel
