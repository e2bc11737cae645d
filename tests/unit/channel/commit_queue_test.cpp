// SPDX-License-Identifier: Apache-2.0
// Group commit with real threads: many shards push while the writer commits.
#include "channel/commit_queue.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <thread>

#include "core/inbox.h"
#include "support/fake_storage.h"
#include "unit/channel/world.h"

namespace syncline::channel {
namespace {

constexpr CommitQueue::Limits kLimits{50, 1U << 20, 1'000, 1U << 20};

CommitJob jobOf(void* ticket, std::size_t home, const std::string& channel, std::uint64_t index) {
    CommitJob job;
    job.home = home;
    job.ticket = ticket;
    job.append.channel = channel;
    job.append.expectedIndex = index - 1;
    job.append.entries.push_back({index, index, 0, "body"});
    job.bytes = 4;
    return job;
}

std::vector<CommitJob> one(CommitJob job) {
    std::vector<CommitJob> jobs;
    jobs.push_back(std::move(job));
    return jobs;
}

TEST(CommitQueue, AnswersEveryJobOnceInOrderWhileShardsPush) {
    tests::FakeStorage storage;
    constexpr std::size_t kShards = 4;
    constexpr std::uint64_t kJobs = 500;
    std::array<std::atomic<std::uint64_t>, kShards> answered{};
    std::array<int, kShards> tickets{};
    CommitQueue queue(
        storage, kLimits,
        [&](std::size_t home, std::vector<CommitResult> results) {
            for (const CommitResult& result : results) {
                EXPECT_EQ(result.status, CommitResult::Status::committed);
                EXPECT_EQ(result.ticket, &tickets[home]);
                ++answered[home];
            }
        },
        nullptr);
    queue.start();
    std::vector<std::thread> shards;
    for (std::size_t home = 0; home < kShards; ++home)
        shards.emplace_back([&, home] {
            const std::string channel = "room" + std::to_string(home);
            for (std::uint64_t index = 1; index <= kJobs; ++index) {
                while (!queue.accepts()) std::this_thread::yield();
                queue.push(one(jobOf(&tickets[home], home, channel, index)));
            }
            while (answered[home] < kJobs) std::this_thread::yield();
        });
    for (std::thread& shard : shards) shard.join();
    queue.stop();
    EXPECT_EQ(queue.queuedOps(), 0U);
    EXPECT_LE(storage.commits, kShards * kJobs);
    for (std::size_t home = 0; home < kShards; ++home)
        EXPECT_EQ(storage.log("room" + std::to_string(home)).size(), kJobs);
}

TEST(CommitQueue, GoesThroughItsPhases) {
    static std::vector<CommitPhase> phases;
    phases.clear();
    tests::FakeStorage storage;
    int ticket = 0;
    CommitQueue queue(
        storage, kLimits,
        [](std::size_t, std::vector<CommitResult>) {
            EXPECT_EQ(phases.back(), CommitPhase::committed) << "until the answers are posted";
        },
        [](CommitPhase phase) { phases.push_back(phase); });
    EXPECT_FALSE(queue.step());
    queue.push(one(jobOf(&ticket, 0, "room", 1)));
    EXPECT_TRUE(queue.step());
    EXPECT_EQ(phases, (std::vector{CommitPhase::gathered, CommitPhase::committing,
                                   CommitPhase::committed, CommitPhase::idle}));
}

TEST(CommitQueue, AJobLargerThanATransactionGoesAlone) {
    tests::FakeStorage storage;
    int ticket = 0;
    std::size_t answers = 0;
    CommitQueue queue(
        storage, {2, 1'000, 1'000, 1'000},
        [&](std::size_t, std::vector<CommitResult> results) { answers += results.size(); },
        nullptr);
    CommitJob large = jobOf(&ticket, 0, "room", 1);
    for (std::uint64_t index = 2; index <= 5; ++index)
        large.append.entries.push_back({index, index, 0, "body"});
    queue.push(one(std::move(large)));
    queue.push(one(jobOf(&ticket, 0, "room", 6)));
    EXPECT_TRUE(queue.step());
    EXPECT_EQ(answers, 1U);
    EXPECT_TRUE(queue.step());
    EXPECT_EQ(answers, 2U);
    EXPECT_EQ(storage.log("room").size(), 6U);
}

/// A shard with a thread of its own, as far as this layer sees one.
class ThreadShard final : public core::Shard {
public:
    explicit ThreadShard(std::size_t index)
        : index_(index),
          timers_(0),
          inbox_(100'000, [this] { wake(); }),
          thread_([this](const std::stop_token& stop) { run(stop); }) {}

    ~ThreadShard() override { stop(); }

    void stop() {
        thread_.request_stop();
        wake();
        if (thread_.joinable()) thread_.join();
    }

    bool post(core::Task task) override { return inbox_.put(std::move(task)); }
    void postAlways(core::Task task) override { inbox_.putAlways(std::move(task)); }
    bool isCurrent() const override { return std::this_thread::get_id() == thread_.get_id(); }
    std::size_t index() const override { return index_; }
    const core::Clock& clock() const override { return clock_; }
    std::int64_t nowMs() const override { return clock_.steadyMs(); }
    core::TimerWheel& timers() override { return timers_; }
    void atTickEnd(core::Task hook) override { hooks_.push_back(std::move(hook)); }

private:
    void wake() {
        woken_ = true;
        woken_.notify_one();
    }

    void run(const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            woken_.wait(false);
            woken_ = false;
            std::vector<core::Task> tasks;
            inbox_.takeAll(tasks);
            for (core::Task& task : tasks) task();
            while (!hooks_.empty())
                for (core::Task& hook : std::exchange(hooks_, {})) hook();
        }
    }

    const std::size_t index_;
    core::SystemClock clock_;
    core::TimerWheel timers_;
    std::vector<core::Task> hooks_;
    std::atomic<bool> woken_{false};
    core::Inbox inbox_;
    std::jthread thread_;
};

TEST(Directory, WithThreadsLosesNoOpAndAppliesNoneTwice) {
    constexpr int kOps = 300;
    tests::FakeStorage storage;
    tests::World single;  // for its settings
    core::SystemClock clock;
    std::array<broadcast::TopicIndex, 2> topics;
    std::array<ThreadShard, 2> shards{ThreadShard(0), ThreadShard(1)};
    DirectorySettings settings = single.settings;
    settings.threads = true;
    settings.clock = &clock;
    settings.storages = {{"main", &storage}};
    settings.shards = {{&shards[0], &topics[0]}, {&shards[1], &topics[1]}};
    settings.checkpointOpsMax = 100;
    Directory directory(settings);
    std::atomic<int> acks{0};
    for (std::size_t s = 0; s < 2; ++s)
        for (int i = 1; i <= kOps; ++i) {
            core::Shard& shard = shards[s];
            shard.postAlways([&directory, &shard, &acks, s, i] {
                for (const char* room : {"room1", "room2", "room3"})
                    directory.submit(
                        shard, room,
                        tests::parsed(R"({"kind":"increment","key":"n","path":"","by":1,"n":)" +
                                      std::to_string(i) + "}"),
                        Author{"user" + std::to_string(s), "client", "o"},
                        [&acks](const std::string& body) {
                            if (body.find("\"applied\"") != std::string::npos) ++acks;
                        });
            });
        }
    while (acks < 2 * 3 * kOps) std::this_thread::yield();
    std::atomic<bool> drained{false};
    directory.drain([&] { drained = true; });
    while (!drained) std::this_thread::yield();
    for (ThreadShard& shard : shards) shard.stop();
    EXPECT_EQ(directory.figures().opsApplied, 2U * 3 * kOps);
    for (const char* room : {"room1", "room2", "room3"}) {
        EXPECT_EQ(storage.log(room).size(), 2U * kOps);
        EXPECT_EQ(storage.checkpointIndex(room), 2U * kOps);
    }
}

}  // namespace
}  // namespace syncline::channel
