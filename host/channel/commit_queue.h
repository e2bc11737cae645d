// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "channel/directory_settings.h"
#include "channel/figures.h"
#include "channel/storage.h"
#include "core/task.h"

namespace syncline::channel {

/// What one channel hands over at the end of a tick.
struct CommitJob {
    std::size_t home = 0;    ///< whose answer it is
    void* ticket = nullptr;  ///< comes back as it is
    Append append;
    std::size_t bytes = 0;
};

struct CommitResult {
    enum class Status {
        committed,
        outrun,   ///< the channel was not at the expected index: somebody else appended
        failed,   ///< nothing was appended
        unknown,  ///< the storage does not know
    };
    void* ticket = nullptr;
    Status status = Status::committed;
    std::string reason;
};

/// Group commit: while one transaction runs, the appends of all shards gather; the next takes all
/// of them, up to a limit. No timer. One per storage instance, with one writer thread. Owned by the
/// directory.
///
///     push() -> gathered -> step(): group -> Storage::commit -> answer() once per home
class CommitQueue {
public:
    static constexpr std::int64_t kDoubtMs = 10'000;

    struct Limits {
        std::size_t commitOpsMax = 0;
        std::size_t commitBytesMax = 0;
        std::size_t queueOpsMax = 0;
        std::size_t queueBytesMax = 0;
    };

    /// `answer` is called by the writer with all results of one commit for one home, in the order
    /// in which their jobs came.
    using Answer = core::UniqueFunction<void(std::size_t home, std::vector<CommitResult>)>;

    /// `clock`: what commits are timed with; null: they are not.
    CommitQueue(Storage& storage, const Limits& limits, Answer answer, void (*onPhase)(CommitPhase),
                const core::Clock* clock = nullptr);
    ~CommitQueue();
    CommitQueue(const CommitQueue&) = delete;
    CommitQueue& operator=(const CommitQueue&) = delete;

    /// Starts the writer thread; without one, somebody calls step().
    void start();

    /// Ends the writer after the commit it is at; what still waits is dropped. [control]
    void stop();

    /// Whether new ops may be sequenced for this storage. [any thread]
    bool accepts() const {
        return ops_.load(std::memory_order_relaxed) < limits_.queueOpsMax &&
               bytes_.load(std::memory_order_relaxed) < limits_.queueBytesMax;
    }

    /// Whether more than half of what may wait does. [any thread]
    bool isCongested() const {
        return ops_.load(std::memory_order_relaxed) > limits_.queueOpsMax / 2 ||
               bytes_.load(std::memory_order_relaxed) > limits_.queueBytesMax / 2;
    }

    /// Never refused: accepts() was asked before the ops were taken. [any thread]
    void push(std::vector<CommitJob> jobs);

    /// One commit of what has gathered; false when nothing has. [writer]
    bool step();

    Storage& storage() { return storage_; }
    std::size_t queuedOps() const { return ops_.load(std::memory_order_relaxed); }
    std::uint64_t commits() const { return groupOps_.count(); }
    DirectoryFigures::Storage figures(std::string name) const;  ///< [any thread]

    /// Why the last commit failed, if it did. Only another commit can show that all is well again,
    /// and whoever is not well may get none: with a clock, it is forgotten after kDoubtMs. [any
    /// thread]
    std::optional<std::string> unhealthy() const;

private:
    struct Group;

    Group takeGroup();
    std::vector<CommitResult::Status> commit(Group& group, std::string& reason);
    void answerAll(const Group& group, const std::vector<CommitResult::Status>& statuses,
                   const std::string& reason);
    void enter(CommitPhase phase) const {
        if (onPhase_ != nullptr) onPhase_(phase);
    }
    void work();

    Storage& storage_;
    const Limits limits_;
    Answer answer_;
    void (*const onPhase_)(CommitPhase);
    const core::Clock* const clock_;

    std::atomic<std::size_t> ops_{0};
    std::atomic<std::size_t> bytes_{0};
    observe::Distribution groupOps_{observe::kSizeEnds};
    observe::Number groupBytes_;
    observe::Distribution commitNs_{observe::kTimeEndsNs};
    observe::Number commitsFailed_;

    mutable std::mutex mutex_;  // all below
    std::condition_variable wake_;
    std::deque<CommitJob> gathered_;
    std::string failure_;
    std::int64_t failedAtMs_ = 0;
    bool stopping_ = false;

    std::thread writer_;
};

}  // namespace syncline::channel
