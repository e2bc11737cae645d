// SPDX-License-Identifier: Apache-2.0
#include "channel/commit_queue.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "core/thread_name.h"

namespace syncline::channel {

/// The jobs of one transaction. Jobs of one channel go in one append.
struct CommitQueue::Group {
    struct Part {
        std::size_t home;
        void* ticket;
        std::size_t append;  ///< in appends
    };
    std::vector<Append> appends;
    std::vector<Part> parts;
    std::size_t ops = 0;
    std::size_t bytes = 0;
};

CommitQueue::CommitQueue(Storage& storage, const Limits& limits, Answer answer,
                         void (*onPhase)(CommitPhase), const core::Clock* clock)
    : storage_(storage),
      limits_(limits),
      answer_(std::move(answer)),
      onPhase_(onPhase),
      clock_(clock) {}

CommitQueue::~CommitQueue() {
    stop();
}

void CommitQueue::start() {
    writer_ = std::thread([this] {
        core::nameThisThread("commit");
        work();
    });
}

void CommitQueue::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    if (writer_.joinable()) writer_.join();
}

void CommitQueue::push(std::vector<CommitJob> jobs) {
    std::size_t ops = 0;
    std::size_t bytes = 0;
    for (const CommitJob& job : jobs) {
        ops += job.append.entries.size();
        bytes += job.bytes;
    }
    ops_.fetch_add(ops, std::memory_order_relaxed);
    bytes_.fetch_add(bytes, std::memory_order_relaxed);
    {
        const std::lock_guard lock(mutex_);
        std::ranges::move(jobs, std::back_inserter(gathered_));
    }
    wake_.notify_one();
}

CommitQueue::Group CommitQueue::takeGroup() {
    Group group;
    std::unordered_map<void*, std::size_t> appendOf;
    const std::lock_guard lock(mutex_);
    if (!gathered_.empty()) enter(CommitPhase::gathered);
    appendOf.reserve(std::min(gathered_.size(), limits_.commitOpsMax));
    while (!gathered_.empty()) {
        CommitJob& job = gathered_.front();
        const std::size_t ops = job.append.entries.size();
        const bool fits = group.ops + ops <= limits_.commitOpsMax &&
                          group.bytes + job.bytes <= limits_.commitBytesMax;
        if (!fits && !group.parts.empty()) break;
        const auto [at, first] = appendOf.try_emplace(job.ticket, group.appends.size());
        group.parts.push_back({job.home, job.ticket, at->second});
        if (first) {
            group.appends.push_back(std::move(job.append));
        } else {
            std::vector<StoredEntry>& entries = group.appends[at->second].entries;
            entries.insert(entries.end(), std::make_move_iterator(job.append.entries.begin()),
                           std::make_move_iterator(job.append.entries.end()));
        }
        group.ops += ops;
        group.bytes += job.bytes;
        gathered_.pop_front();
    }
    return group;
}

bool CommitQueue::step() {
    Group group = takeGroup();
    if (group.parts.empty()) return false;
    std::string reason;
    const std::vector<CommitResult::Status> statuses = commit(group, reason);
    ops_.fetch_sub(group.ops, std::memory_order_relaxed);
    bytes_.fetch_sub(group.bytes, std::memory_order_relaxed);
    answerAll(group, statuses, reason);
    enter(CommitPhase::idle);
    return true;
}

std::vector<CommitResult::Status> CommitQueue::commit(Group& group, std::string& reason) {
    using Status = CommitResult::Status;
    core::Error error;
    enter(CommitPhase::committing);
    const std::int64_t beganNs = clock_ == nullptr ? 0 : clock_->steadyNs();
    const CommitStatus status = storage_.commit(group.appends, error);
    enter(CommitPhase::committed);
    groupOps_.record(group.ops);
    groupBytes_.add(group.bytes);
    if (clock_ != nullptr) {
        commitNs_.record(static_cast<std::uint64_t>(clock_->steadyNs() - beganNs));
    }
    if (status != CommitStatus::done) commitsFailed_.add(1);
    {
        const std::lock_guard lock(mutex_);
        failure_ = status == CommitStatus::done ? std::string() : error.reason;
        if (status != CommitStatus::done && failure_.empty()) failure_ = "a commit failed";
        if (clock_ != nullptr) failedAtMs_ = clock_->steadyMs();
        reason = failure_;
    }
    std::vector<Status> statuses;
    for (const Append& append : group.appends) {
        if (status == CommitStatus::done)
            statuses.push_back(append.committed ? Status::committed : Status::outrun);
        else
            statuses.push_back(status == CommitStatus::failed ? Status::failed : Status::unknown);
    }
    return statuses;
}

void CommitQueue::answerAll(const Group& group, const std::vector<CommitResult::Status>& statuses,
                            const std::string& reason) {
    std::map<std::size_t, std::vector<CommitResult>> byHome;
    for (const Group::Part& part : group.parts)
        byHome[part.home].push_back({part.ticket, statuses[part.append], reason});
    for (auto& [home, results] : byHome) answer_(home, std::move(results));
}

DirectoryFigures::Storage CommitQueue::figures(std::string name) const {
    DirectoryFigures::Storage figures;
    figures.name = std::move(name);
    figures.queuedOps = queuedOps();
    figures.queuedBytes = bytes_.load(std::memory_order_relaxed);
    figures.commitsFailed = commitsFailed_.get();
    figures.groupOps = groupOps_.read();
    figures.groupBytes = groupBytes_.get();
    figures.commitNs = commitNs_.read();
    return figures;
}

std::optional<std::string> CommitQueue::unhealthy() const {
    const std::lock_guard lock(mutex_);
    if (failure_.empty()) return std::nullopt;
    if (clock_ != nullptr && clock_->steadyMs() - failedAtMs_ >= kDoubtMs) return std::nullopt;
    return failure_;
}

void CommitQueue::work() {
    while (true) {
        {
            std::unique_lock lock(mutex_);
            wake_.wait(lock, [this] { return stopping_ || !gathered_.empty(); });
            if (stopping_) return;
        }
        step();
    }
}

}  // namespace syncline::channel
