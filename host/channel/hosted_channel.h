// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "channel/catch_up.h"
#include "channel/channel_state.h"
#include "channel/commit_queue.h"
#include "channel/figures.h"
#include "channel/request.h"
#include "channel/sequencer.h"
#include "channel/snapshot_text.h"
#include "core/timer_wheel.h"
#include "observe/activity.h"

namespace syncline::channel {

class Home;

/// One channel in the memory of its home: loads it, sequences its ops, hands them to the writer,
/// and tells everybody what was committed. Owned by its home. [its shard]
///
///     unloaded -> loading -> ready <-> settling (a commit went wrong; waits for all that is at the
///     writer, then drops what is in flight, or loads again)
///
/// What comes while it is not ready waits, in order.
class HostedChannel {
public:
    HostedChannel(Home& home, std::string name, const ChannelRule& rule, CommitQueue& queue);
    ~HostedChannel();
    HostedChannel(const HostedChannel&) = delete;
    HostedChannel& operator=(const HostedChannel&) = delete;

    void take(Request&& request);

    /// What was sequenced since the last call, for the writer.
    std::optional<CommitJob> handOver();

    /// The answer to the oldest job that was handed over.
    void onCommit(const CommitResult& result);

    /// Writes a checkpoint if there is anything to write and none is being written.
    void startCheckpoint();

    /// Whether something is under way that must end before this object may go.
    bool busy() const;
    bool hasSubscribers() const { return subscribers_ != 0; }
    /// Live subscribers by shard.
    const std::vector<std::uint32_t>& live() const { return live_; }
    bool isBehindCheckpoint() const;
    void dropCaches() { snapshot_.reset(); }

    double opsPerMinute(std::int64_t steadyMs) const { return activity_.at(steadyMs); }
    ChannelDescription describe(std::int64_t steadyMs) const;

    const std::string& name() const { return sequencer_.channel(); }
    CommitQueue& queue() { return queue_; }
    /// Whether its log has an end to be cut off, or one to be marked so that it can be later.
    bool isCheckpointDue(std::int64_t wallMs) const;

    std::uint64_t lastUse() const { return lastUse_; }
    std::int64_t lastUseMs() const { return lastUseMs_; }
    /// `use` counts the uses of all channels; `nowMs`: steady time.
    void noteUse(std::uint64_t use, std::int64_t nowMs) {
        lastUse_ = use;
        lastUseMs_ = nowMs;
    }

private:
    enum class Phase { unloaded, loading, ready, settling };

    /// Why what is in flight cannot be committed.
    enum class Trouble { none, failed, outrun, unknown };

    /// Who waits for an entry in flight, in the order of the entries. Nobody does for those that
    /// the server makes itself.
    struct Caller {
        std::size_t from = 0;
        StreamId stream;
        OpRequest request;

        bool isServer() const { return stream.isNobody(); }
    };

    /// Who sent an op again while it is in flight.
    struct Repeat {
        std::size_t from = 0;
        StreamId stream;
        std::uint64_t n = 0;
        Directory::Answer answer;
    };

    /// What is at the writer.
    struct HandedOver {
        std::size_t entries = 0;
        std::size_t bytes = 0;
    };

    /// Effects that were read from the storage for somebody who is behind the memory.
    struct ReadEffect {
        std::uint64_t seq = 0;
        std::uint64_t sum = 0;
        std::string update;
        std::vector<LogTail::Overwritten> overwritten;
    };

    // hosted_channel.cpp: ops and commits
    void run(Request&& request);
    void wait(Request&& request);
    void runWaiting();
    void sequence(std::size_t from, OpRequest&& request);
    void commit(const HandedOver& done);
    std::string_view commitFirst(std::uint64_t lastSeq);
    void tell(const Entry& entry, const std::string& update, const std::string& verdict) const;
    void answerRepeats();
    void afterCommit(const HandedOver& done);

    // hosted_channel_resolving.cpp: conflicts that are kept
    void noteServerEntries();
    void expireConflicts();
    void watchConflicts(std::int64_t delayMsMin = core::TimerWheel::kTickMs);

    // hosted_channel_loading.cpp: loading, trouble, checkpoints
    void startLoad();
    void onLoaded(core::Result<CommittedState> loaded);
    void publishMissed();
    void settleTrouble();
    void failInFlight(const core::Error& error);
    void resequence();
    void answerAsCommitted();
    void failAll(const core::Error& error);
    void onCheckpoint(CommittedState::Changes changes, std::uint64_t index, std::uint64_t life,
                      const core::Result<void>& written);
    core::Error busyError(const char* why) const;

    // hosted_channel_joining.cpp: subscribers and readers
    void join(std::size_t from, JoinRequest request);
    std::optional<core::Error> forgotten(const SubscribeRequest& subscribe) const;
    void joinWithRecords(std::size_t from, JoinRequest request);
    void answerJoin(std::size_t from, JoinRequest request, CatchUp catchUp,
                    std::size_t sharedFrames = 0);
    void joinWithSnapshot(std::size_t from, JoinRequest request, CatchUpMode mode);
    void leave(std::size_t from);
    void readTail(std::size_t from, JoinRequest request);
    void onTailRead(Request waited, const std::vector<ReadEffect>& effects);
    void publish(std::string frames, std::uint64_t firstSeq);
    const EncodedSnapshot& encodedSnapshot();

    // hosted_channel_reading.cpp: whoever only reads, and the log in the storage
    void readLog(std::uint64_t firstSeq, std::uint64_t lastSeq, Request waiting);
    void onLogRead(std::uint64_t ticket, core::Result<std::vector<ReadEffect>> effects);
    void giveSnapshot(std::size_t from, SnapshotRequest request);
    void giveHistory(std::size_t from, HistoryRequest request);
    void onHistoryRead(Request waited, const std::vector<ReadEffect>& effects);
    void giveOutcomes(std::size_t from, OutcomesRequest request);

    Home& home_;
    const ChannelRule& rule_;
    CommitQueue& queue_;
    const Sequencer sequencer_;
    const std::uint64_t checkpointInterval_;  // in entries

    Phase phase_ = Phase::unloaded;
    std::optional<ChannelState> state_;
    std::uint64_t life_ = 0;  // counts loads: what belongs to an earlier state is not for this one
    std::deque<Request> waiting_;

    std::deque<Caller> callers_;
    std::deque<Repeat> repeats_;
    std::size_t gathered_ = 0;  // the last of callers_: not handed over yet
    std::deque<HandedOver> handedOver_;
    Trouble trouble_ = Trouble::none;
    std::string troubleReason_;

    std::vector<std::uint32_t> live_;  // subscribers by shard
    std::size_t subscribers_ = 0;
    std::string publishedEpoch_;
    std::uint64_t publishedSeq_ = 0;
    std::optional<EncodedSnapshot> snapshot_;
    std::optional<std::string> digest_;  // of the committed state
    std::uint64_t readTickets_ = 0;
    std::unordered_map<std::uint64_t, Request> reading_;

    observe::Activity activity_;  // ops, so that its level is about those of a minute

    core::TimerWheel::Id expiryTimer_;
    std::optional<std::int64_t> watchedMs_;  // what the timer waits for, as Unix time

    bool checkpointRuns_ = false;
    std::uint64_t checkpointTriedAt_ = 0;  // index at which one failed: not again at once
    std::uint64_t lastUse_ = 0;
    std::int64_t lastUseMs_ = 0;
};

}  // namespace syncline::channel
