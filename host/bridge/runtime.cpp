// SPDX-License-Identifier: Apache-2.0
#include "bridge/runtime.h"

#include <atomic>
#include <mutex>
#include <set>
#include <string>
#include <utility>

#include "bridge/thread_state.h"

namespace syncline::bridge {

namespace {

std::uint64_t nextSerial() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

}  // namespace

Runtime::Runtime(std::size_t shardCount, const core::Clock& clock, core::Random& random,
                 std::shared_ptr<spdlog::logger> log)
    : serial_(nextSerial()),
      seats_(shardCount),
      clock_(clock),
      random_(random),
      log_(std::move(log)) {}

void Runtime::seat(std::size_t index, core::Shard& shard, pipeline::Runner* runner) {
    seats_[index].shard = &shard;
    seats_[index].runner = runner;
}

void Runtime::claimThread(std::size_t shard) {
    threadState.runtime = serial_;
    threadState.shard = shard;
    threadState.marker = &seats_[shard].marker;
}

std::size_t Runtime::currentShard() {
    if (ownsThread()) return threadState.shard;
    for (std::size_t i = 0; i < seats_.size(); ++i) {
        if (seats_[i].shard == nullptr || !seats_[i].shard->isCurrent()) continue;
        claimThread(i);
        return i;
    }
    return seats_.size();
}

bool Runtime::ownsThread() const {
    return threadState.runtime == serial_;
}

const char* Runtime::intern(std::string_view text) {
    // Of the process, not of the runtime: a watchdog may still hold one while the server goes down.
    static std::mutex mutex;
    static std::set<std::string, std::less<>>& texts = *new std::set<std::string, std::less<>>();
    const std::lock_guard lock(mutex);
    return texts.emplace(text).first->c_str();
}

}  // namespace syncline::bridge
