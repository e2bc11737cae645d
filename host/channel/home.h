// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "channel/commit_queue.h"
#include "channel/committed_state.h"
#include "channel/deliveries.h"
#include "channel/directory_settings.h"
#include "channel/figures.h"
#include "channel/frame_memory.h"
#include "channel/hosted_channel.h"
#include "channel/presence_board.h"
#include "channel/request.h"
#include "channel/stream_id.h"
#include "core/worker_pool.h"

namespace syncline::channel {

/// The queues of all storage instances, by name.
using CommitQueues = std::map<std::string, std::unique_ptr<CommitQueue>>;

/// The channels of one shard. Owned by the directory. [its shard, but for figures()]
class Home {
public:
    /// Everything is borrowed.
    Home(const DirectorySettings& settings, std::size_t index, CommitQueues& queues,
         core::WorkerPool& pool, FrameMemory& frameMemory);
    ~Home();
    Home(const Home&) = delete;
    Home& operator=(const Home&) = delete;

    core::Shard& shard() { return *settings_.shards[index_].shard; }

    /// Always moved from. By reference, as on its whole way: it is large.
    void take(Request&& request);

    /// The results of one commit.
    void onCommits(const std::vector<CommitResult>& results);

    /// Refuses ops from now on, lets what is under way end, writes checkpoints, then runs `done`.
    void drain(core::Task done);

    /// Every channel that is behind its checkpoint writes one.
    void compact();

    HomeFigures& figures() { return figures_; }

    /// The `max` most active channels, in that order.
    std::vector<ChannelDescription> busiest(std::size_t max) const;

    // For its channels.
    const DirectorySettings& settings() const { return settings_; }
    EventSink* events() const {
        return settings_.events.empty() ? nullptr : settings_.events[index_];
    }
    std::size_t index() const { return index_; }
    Deliveries& deliveries() { return deliveries_; }
    /// Has `task` run where blocking does no harm; it is dropped when the pool stops first. False,
    /// and nothing happens, when too many wait.
    [[nodiscard]] bool background(core::Task task);
    std::int64_t wallMs() const { return settings_.clock->wallMs(); }

    /// Whether no ops are taken any more.
    bool isDraining() const { return draining_; }

    /// The channel has something to hand over when the tick ends.
    void touch(HostedChannel& channel);

    /// Deliveries wait for the end of the tick, or a drain may be able to go on.
    void soon();

    /// One more request may wait for its channel; false beyond the limits.
    bool mayWait(std::size_t bytes);
    void waitedEnough(std::size_t bytes) {
        --waiting_;
        waitingBytes_ -= bytes;
    }

    /// Counts the frames of those who catch up.
    FrameMemory& frameMemory() { return frameMemory_; }

    /// The channel keeps an encoded snapshot: it is dropped after a while.
    void noteCache();

    /// The epoch that the channel has in this life of the server if commits may have been lost
    /// before it: always the same, so that a channel which is loaded again does not get another
    /// one.
    std::string renewedEpoch(std::string_view channel);

private:
    using Channels =
        std::unordered_map<std::string, std::unique_ptr<HostedChannel>, TextHash, std::equal_to<>>;

    core::Result<const ChannelRule*> ruleFor(const std::string& name) const;
    core::Result<HostedChannel*> channelFor(const std::string& name);
    void signal(Request request);
    void presence(Request request);
    void tell(const std::string& channel, const broadcast::Signal& signal);
    void makeRoom();
    void unload(HostedChannel& channel);
    void tidySoon();
    void tidy();
    void endTick();
    void goOnDraining();
    void dropCaches();

    const DirectorySettings& settings_;
    const std::size_t index_;
    const std::size_t channelsMax_;
    CommitQueues& queues_;
    core::WorkerPool& pool_;
    Deliveries deliveries_;
    PresenceBoard presence_;
    FrameMemory& frameMemory_;
    HomeFigures figures_;

    Channels channels_;
    std::optional<std::uint64_t> life_;  // a random number, once it is asked for
    std::vector<HostedChannel*> touched_;
    std::uint64_t uses_ = 0;
    std::size_t waiting_ = 0;
    std::size_t waitingBytes_ = 0;
    bool hooked_ = false;
    core::TimerWheel::Id cacheTimer_;
    bool cacheTimerRuns_ = false;
    core::TimerWheel::Id tidyTimer_;
    bool tidyTimerRuns_ = false;

    bool draining_ = false;
    bool checkpointsStarted_ = false;
    core::Task drained_;
};

}  // namespace syncline::channel
