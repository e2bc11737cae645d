// SPDX-License-Identifier: Apache-2.0
#include "channel/directory.h"

#include <atomic>
#include <utility>
#include <vector>

#include "channel/commit_queue.h"
#include "channel/courier.h"
#include "channel/directory_settings.h"
#include "channel/home.h"
#include "channel/member_text.h"
#include "channel/op.h"
#include "channel/replies.h"
#include "channel/request.h"
#include "core/worker_pool.h"

namespace syncline::channel {

/// Queues and pool outlive no home that they answer: they are stopped first, then the homes go.
class Directory::State {
public:
    explicit State(DirectorySettings given)
        : settings(std::move(given)),
          pool(settings.threads ? settings.readThreads : 0, settings.readQueueMax),
          frameMemory(settings.catchUpBytesMax) {
        for (const auto& [name, storage] : settings.storages)
            queues.emplace(name, queueOf(*storage));
        for (std::size_t i = 0; i < settings.shards.size(); ++i)
            homes.push_back(std::make_unique<Home>(settings, i, queues, pool, frameMemory));
        for (std::size_t i = 0; i < settings.shards.size(); ++i)
            couriers.push_back(std::make_unique<Courier>(homes, i));
        if (!settings.threads) return;
        for (const auto& [name, queue] : queues) queue->start();
    }

    ~State() {
        for (const auto& [name, queue] : queues) queue->stop();
        pool.join();
    }

    std::unique_ptr<CommitQueue> queueOf(Storage& storage) {
        const CommitQueue::Limits limits{settings.commitOpsMax, settings.commitBytesMax,
                                         settings.queueOpsMax, settings.queueBytesMax};
        auto answer = [this](std::size_t home, std::vector<CommitResult> results) {
            homes[home]->shard().postAlways(
                [target = homes[home].get(), results = std::move(results)] {
                    target->onCommits(results);
                });
        };
        return std::make_unique<CommitQueue>(storage, limits, std::move(answer), settings.onPhase,
                                             settings.clock);
    }

    void send(core::Shard& from, Request&& request) {
        couriers[from.index()]->send(std::move(request));
    }

    /// An answer that needs no home, on the shard that asks.
    static void answerNow(core::Shard& from, Answer answer, std::string body) {
        from.atTickEnd([answer = std::move(answer), body = std::move(body)]() mutable {
            answer(std::move(body));
        });
    }

    void sendOp(core::Shard& from, std::string channel, core::Result<Op> op, SharedAuthor author,
                Answer answer, std::string idempotencyKey = {}) {
        if (!op) {
            answerNow(from, std::move(answer), unsettledReply(quoted(channel), 0, op.error()));
            return;
        }
        send(from, {from.index(), std::move(channel),
                    OpRequest{std::move(*op), std::move(author), std::move(answer),
                              std::move(idempotencyKey)}});
    }

    const DirectorySettings settings;
    CommitQueues queues;
    core::WorkerPool pool;
    FrameMemory frameMemory;
    std::vector<std::unique_ptr<Home>> homes;
    std::vector<std::unique_ptr<Courier>> couriers;
};

Directory::Directory(DirectorySettings settings)
    : state_(std::make_unique<State>(std::move(settings))) {}

Directory::~Directory() = default;

void Directory::submit(core::Shard& from, std::string channel, json::Value message,
                       SharedAuthor author, Answer answer) {
    state_->sendOp(from, std::move(channel), parseOp(std::move(message)), std::move(author),
                   std::move(answer));
}

void Directory::write(core::Shard& from, std::string channel, json::Value message,
                      SharedAuthor author, std::string key, Answer answer) {
    // What one change looks like to others is who made it, never with what.
    Author unmarked = *author;
    unmarked.origin.clear();
    state_->sendOp(from, std::move(channel), parseKeyed(std::move(message)), std::move(unmarked),
                   std::move(answer), std::move(key));
}

void Directory::refuse(core::Shard& from, std::string channel, json::Value message,
                       SharedAuthor author, core::Error error, Answer answer) {
    state_->sendOp(from, std::move(channel), parseRefused(message, std::move(error)),
                   std::move(author), std::move(answer));
}

void Directory::submitBatch(core::Shard& from, std::string channel, json::Value message,
                            SharedAuthor author, Answer answer) {
    state_->sendOp(from, std::move(channel),
                   parseBatch(std::move(message), state_->settings.batchOpsMax), std::move(author),
                   std::move(answer));
}

void Directory::refuseBatch(core::Shard& from, std::string channel, json::Value message,
                            SharedAuthor author, core::Error error, Answer answer) {
    state_->sendOp(from, std::move(channel), parseRefusedBatch(message, std::move(error)),
                   std::move(author), std::move(answer));
}

void Directory::subscribe(core::Shard& from, SubscribeRequest request, CatchUpAnswer answer) {
    std::string channel = request.channel;
    state_->send(from, {from.index(), std::move(channel),
                        JoinRequest{std::move(request), std::move(answer)}});
}

void Directory::leave(core::Shard& from, std::string channel) {
    state_->send(from, {from.index(), std::move(channel), LeaveRequest{}});
}

void Directory::resolve(core::Shard& from, std::string channel, json::Value message,
                        SharedAuthor author, Answer answer) {
    state_->sendOp(from, std::move(channel), parseResolution(std::move(message)), std::move(author),
                   std::move(answer));
}

void Directory::refuseResolution(core::Shard& from, std::string channel, json::Value message,
                                 SharedAuthor author, core::Error error, Answer answer) {
    state_->sendOp(from, std::move(channel), parseRefusedResolution(message, std::move(error)),
                   std::move(author), std::move(answer));
}

void Directory::snapshot(core::Shard& from, std::string channel, Selection wanted,
                         SharedAuthor author,
                         core::UniqueFunction<void(std::vector<std::string> bodies)> answer) {
    state_->send(from, {from.index(), std::move(channel),
                        SnapshotRequest{std::move(wanted), std::move(author), std::move(answer)}});
}

void Directory::signal(core::Shard& from, std::string channel, broadcast::Signal signal,
                       SignalAnswer answer) {
    state_->send(from, {from.index(), std::move(channel),
                        SignalRequest{std::move(signal), std::move(answer)}});
}

void Directory::presence(core::Shard& from, std::string channel, PresenceChange change,
                         core::UniqueFunction<void(std::vector<std::string> bodies)> answer) {
    state_->send(from, {from.index(), std::move(channel),
                        PresenceRequest{std::move(change), std::move(answer)}});
}

void Directory::history(core::Shard& from, std::string channel, LogSpan span,
                        core::UniqueFunction<void(std::vector<std::string> bodies)> answer) {
    state_->send(from, {from.index(), std::move(channel), HistoryRequest{span, std::move(answer)}});
}

void Directory::outcomes(core::Shard& from, std::string channel, std::vector<std::uint64_t> numbers,
                         SharedAuthor author,
                         core::UniqueFunction<void(std::vector<std::string> bodies)> answer) {
    state_->send(from, {from.index(), std::move(channel),
                        OutcomesRequest{std::move(numbers), std::move(author), std::move(answer)}});
}

void Directory::drain(core::UniqueFunction<void()> done) {
    // Shared by the homes: whichever ends last runs it.
    struct Rest {
        std::atomic<std::size_t> homes;
        core::Task done;
    };
    auto rest = std::make_shared<Rest>();
    rest->homes = state_->homes.size();
    rest->done = std::move(done);
    for (const auto& home : state_->homes)
        home->shard().postAlways([target = home.get(), rest] {
            target->drain([rest] {
                if (rest->homes.fetch_sub(1) == 1) rest->done();
            });
        });
}

std::optional<std::string> Directory::unhealthy() const {
    for (const auto& [name, queue] : state_->queues)
        if (std::optional<std::string> reason = queue->unhealthy())
            return "storage '" + name + "': " + *reason;
    return std::nullopt;
}

bool Directory::congested() const {
    for (const auto& [name, queue] : state_->queues)
        if (queue->isCongested()) return true;
    return false;
}

Directory::Figures Directory::figures() const {
    Figures sum;
    for (const auto& home : state_->homes) {
        const HomeFigures& figures = home->figures();
        sum.channels += figures.channels.get();
        sum.opsRepeated += figures.opsRepeated.get();
        sum.opsUnsettled += figures.opsUnsettled.get();
        for (std::size_t i = 1; i < kOutcomes; ++i) {
            const std::uint64_t ops = figures.ops[i].get();
            sum.ops[i] += ops;
            (tookEffect(static_cast<Outcome>(i)) ? sum.opsApplied : sum.opsRefused) += ops;
        }
    }
    sum.catchUpBytes = state_->frameMemory.usedBytes();
    for (const auto& [name, queue] : state_->queues) {
        sum.storages.push_back(queue->figures(name));
        sum.commits += queue->commits();
        sum.queuedOps += queue->queuedOps();
    }
    return sum;
}

std::vector<ChannelDescription> Directory::busiest(std::size_t shard, std::size_t max) const {
    return state_->homes[shard]->busiest(max);
}

void Directory::compact() {
    for (const auto& home : state_->homes)
        home->shard().postAlways([target = home.get()] { target->compact(); });
}

bool Directory::runBackground() {
    for (const auto& [name, queue] : state_->queues)
        if (queue->step()) return true;
    return state_->pool.runOne();
}

}  // namespace syncline::channel
