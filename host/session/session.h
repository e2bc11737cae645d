// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "channel/shared_author.h"
#include "core/result.h"
#include "core/task.h"
#include "core/timer_wheel.h"
#include "pipeline/caller.h"
#include "pipeline/runner.h"
#include "session/auth_chain.h"
#include "session/mailbox.h"
#include "session/shard_context.h"
#include "session/subscription.h"
#include "session/transport.h"

namespace syncline::session {

class Batch;  // session/batch.h

/// The state of one client: who they are, what they subscribe to, what of theirs is under way.
/// Owned by the gateway together with its transport. [its shard]
///
/// States: opening (a deadline runs; only a message whose handler opens sessions is taken) -> open
/// -> closing. Every message goes through its type's pipeline; those of one channel leave it in the
/// order in which they came.
class Session final : public pipeline::Caller {
public:
    Session(ShardContext& context, Transport& transport, const AuthChain& auth);
    ~Session() override;
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;

    // From the transport.

    /// One text message of the client: a JSON object, or an array of them.
    void onMessage(std::string_view text);
    /// Any other sign of life.
    void onAlive();
    /// The answer to the transport's ping.
    void onPong();
    /// The outbox, which had been full, has room again.
    void onRoom();

    // From a transport that is not two-way (session_requests.cpp).

    /// Finds out who this is from what the transport shows, and opens the session without a
    /// greeting. `done` runs later on this shard, unless the session has ended by then.
    void enter(std::string client, core::UniqueFunction<void(core::Result<void>)> done);

    /// Opens it for somebody who is known already.
    core::Result<void> enterAs(std::string_view client, const json::Value& principal);

    /// Takes messages in their order; what subscribes is 1501.
    void onMessages(std::vector<wire::ClientMessage> messages);

    /// The op of this session has no number: the key stands for it.
    void setIdempotencyKey(std::string key) { idempotencyKey_ = std::move(key); }

    /// Whether nothing is under way: every message has its answer, every subscription its data as
    /// far as the transport took it.
    bool settled() const;

    /// Answers whatever is under way with `error`, unsettled; what comes later is dropped.
    void giveUp(const core::Error& error);

    // From the server.

    /// Says goodbye with `code`; answers of what is under way are no longer awaited.
    void close(CloseCode code, std::string_view reason);
    bool closing() const { return state_ == State::closing; }

    // From a server that shuts down (ending.cpp).

    /// What was read is still answered, nothing more is read.
    void stopReading();

    /// Says goodbye: `draining` tells the client why, and when to come back.
    void goAway(const core::Error& draining);

    // From message handlers, through the bridge.

    /// Asks the listener's providers who this is. `answer` runs later on this shard, unless the
    /// call has ended by then.
    void verify(pipeline::CallId call, std::string client, std::string token,
                core::UniqueFunction<void(core::Result<json::Value>)> answer);

    /// Opens the session: {session,user,origin,time,pingMs,limits,protocol}.
    core::Result<json::Value> open(std::string_view client, const json::Value& principal);

    /// What a new principal in the place of the old one comes to.
    struct Refreshed {
        json::Value told;      ///< {user,expiresAt?}
        json::Value replaced;  ///< the document of the old one, which somebody may still look at
    };

    /// Goes on as this principal, until it expires. Another user's is anotherUser, and nothing
    /// changes.
    core::Result<Refreshed> refresh(const json::Value& principal);

    /// Subscribes to each {channel,epoch,seq,sum}, through the pipeline of the type that
    /// subscribes.
    core::Result<void> resume(const json::Value& cursors);

    core::Result<void> submit(pipeline::CallId call, const json::Value& op);
    /// Takes the ops of the message through the stages of `type`, then to the channel.
    core::Result<void> submitBatch(pipeline::CallId call, json::Value message,
                                   std::string_view type, bool isAtomic);
    core::Result<void> subscribe(pipeline::CallId call, const json::Value& request);
    core::Result<void> unsubscribe(std::string_view channel);
    core::Result<void> snapshot(pipeline::CallId call, std::string_view channel,
                                const json::Value* keys);
    void history(pipeline::CallId call, std::string_view channel, std::uint64_t fromSeq,
                 std::uint64_t opsMax);

    // asking.cpp: the same for whoever wants more, and conflicts that were kept.
    core::Result<void> resolve(pipeline::CallId call, const json::Value& message);
    core::Result<void> snapshotOf(pipeline::CallId call, std::string_view channel,
                                  const json::Value& request);
    core::Result<void> historyOf(pipeline::CallId call, std::string_view channel,
                                 const json::Value& request);
    core::Result<void> outcomes(pipeline::CallId call, std::string_view channel,
                                const json::Value& numbers);

    using SignalAnswer = core::UniqueFunction<void(core::Result<json::Value>)>;

    /// Sends {"type":type,…,members of body} to the others who are live in the channel, or to every
    /// connection of a user. `answer` runs later on this shard: {} or {"connections"}, or why not.
    core::Result<void> signalChannel(std::string_view channel, std::string_view type,
                                     const json::Value* body, SignalAnswer answer);
    core::Result<void> signalUser(std::string_view user, std::string_view type,
                                  const json::Value* body, SignalAnswer answer);
    core::Result<void> presence(pipeline::CallId call, const json::Value& request);

    // pipeline::Caller
    void describe(observe::LogContext& context) const override;
    const pipeline::Principal* principal() const override;
    std::string_view transport() const override { return transport_.name(); }
    std::string_view address() const override { return transport_.address(); }
    std::uint64_t connection() const override;
    void answer(const pipeline::Call& call, std::string_view type,
                const json::Value* body) override;
    void refuse(pipeline::Call& call, const core::Error& error) override;
    void departed(const pipeline::Call& call) override;
    void ended(const pipeline::Call& call) override;

    ShardContext& context() { return context_; }
    std::uint64_t number() const { return number_; }
    const channel::Author& author() const { return *author_; }
    const std::string& user() const { return author_->user; }
    broadcast::Signal::Sender asSender() const { return {context_.shard.index(), number_}; }

    /// What there is to tell of it.
    struct Description {
        std::string_view id;  ///< as the greeting told it; empty before
        std::string_view user;
        std::string_view transport;
        std::string_view address;
        std::size_t subscriptions = 0;
        std::size_t underWay = 0;  ///< messages
        std::size_t outboxBytes = 0;
        std::int64_t ageMs = 0;
        std::int64_t roundTripUs = -1;  ///< of the last ping; -1: none was needed yet
        bool open = false;
        bool paused = false;
    };
    Description describe() const;

    // For subscriptions.
    Transport& wire() { return transport_; }
    Subscription* findSubscription(std::string_view channel, std::uint64_t number);
    /// Ends a subscription that its home no longer carries. It may be the caller.
    void forget(std::string_view channel) { endSubscription(channel); }
    void pushError(std::string_view channel, const core::Error& error);
    /// Sends what may be larger than the outbox, as there is room.
    void push(std::vector<std::string> bodies);
    /// Sends; a client whose outbox has no room even for an answer is disconnected, so that it asks
    /// again, rather than left without it.
    void send(std::string_view message);

private:
    enum class State { opening, open, closing };

    void beginClosing(CloseCode code, std::string_view reason);
    void onMalformed(const core::Error& error);
    void take(wire::ClientMessage&& message);
    void dispatch(wire::ClientMessage&& message);
    bool mustWait(const wire::ClientMessage& message) const;
    void releaseWaiting();
    void refuseMessage(const wire::ClientMessage& message, const core::Error& error);
    void sendError(const json::Value& id, const core::Error& error,
                   const wire::ClientMessage* message);
    void answerText(pipeline::CallId call, std::string body);
    core::Result<broadcast::Signal> signalOf(std::string_view type, std::string_view channel,
                                             const json::Value* body) const;
    void answerBodies(pipeline::CallId call, std::vector<std::string> bodies);
    core::Result<void> hold(const std::vector<std::string>& bodies);
    void sendUnsent();
    void dropUnsent();
    void onRefused(std::uint64_t refusal, std::string body);
    core::UniqueFunction<void(std::vector<std::string>)> answerWithAll(pipeline::CallId call);
    void release(const pipeline::Call& call);

    // batching.cpp
    void admit(Batch& batch);
    Batch* batchAdmitting(const pipeline::Call& call);
    bool isAdmitting(pipeline::CallId call) const;
    void onAdmissionEnded(const pipeline::Call& call);
    void endBatch(const pipeline::Call& call);
    bool refuseBatch(pipeline::Call& call, const core::Error& error);

    void onSubscribed(pipeline::CallId call, core::Result<std::string> body);
    void endSubscription(std::string_view channel);
    json::Value welcome();
    void replaceOlder();
    void throttle();
    void watchHello();
    void watchExpiry();
    void watchLife(std::int64_t delayMs);
    void checkLife();
    void countEnd(CloseCode code, std::string_view reason);
    void tellBegin();
    void tellSubscribed(std::string_view body) const;
    json::Value eventBody() const;
    observe::LogContext aboutThis() const;
    void logRefusal(const wire::ClientMessage& message, const core::Error& error) const;

    ShardContext& context_;
    Transport& transport_;
    const AuthChain& auth_;
    const std::uint64_t number_;
    State state_ = State::opening;
    std::optional<pipeline::Principal> principal_;
    channel::SharedAuthor author_;

    std::size_t underWay_ = 0;
    std::size_t opsUnderWay_ = 0;
    bool paused_ = false;
    bool readingEnded_ = false;
    bool releasing_ = false;
    std::size_t malformed_ = 0;

    /// The call that opens the session; everything waits for its end.
    std::optional<pipeline::CallId> opener_;
    /// By channel: the call that has not left its pipeline, and so what is behind it waits.
    std::map<std::string, pipeline::CallId, std::less<>> holding_;
    std::deque<wire::ClientMessage> waiting_;

    /// By the call of each: batches that have not been answered.
    std::unordered_map<std::uint64_t, std::unique_ptr<Batch>> batches_;
    Batch* starting_ = nullptr;  ///< the one whose op is just entering its first stage
    /// Calls of ops whose batch has ended before them.
    std::unordered_set<std::uint64_t> orphans_;

    /// Answers larger than the outbox: what of them is left waits here for room, and counts as
    /// under way until it has gone.
    struct Unsent {
        std::string body;
        std::size_t held = 0;  ///< what was counted for it
    };
    std::deque<Unsent> unsent_;
    std::size_t unsentBytes_ = 0;

    Mailbox mailbox_{*this};

    /// A message refused for good: what of it its answer needs.
    struct Refusal {
        wire::ClientMessage message;
        bool conceals = false;
    };
    /// Refused ops whose numbers are being consumed: their calls are over, their answers are not.
    std::map<std::uint64_t, Refusal> refusals_;
    std::uint64_t lastRefusal_ = 0;

    std::string idempotencyKey_;

    std::map<std::string, std::unique_ptr<Subscription>, std::less<>> subscriptions_;
    std::uint64_t lastSubscription_ = 0;

    std::string id_;
    std::int64_t beganMs_ = 0;
    std::int64_t lastAliveMs_ = 0;
    std::int64_t pingedNs_ = 0;
    std::int64_t roundTripUs_ = -1;
    bool pinged_ = false;
    core::TimerWheel::Id helloTimer_;
    core::TimerWheel::Id lifeTimer_;
    core::TimerWheel::Id expiryTimer_;
};

}  // namespace syncline::session
