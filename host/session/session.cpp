// SPDX-License-Identifier: Apache-2.0
#include "session/session.h"

#include <utility>

#include "session/answer_text.h"
#include "session/authentication.h"
#include "session/batch.h"
#include "session/concealing.h"
#include "session/origin.h"
#include "wire/message.h"
#include "wire/reply.h"

namespace syncline::session {

Session::Session(ShardContext& context, Transport& transport, const AuthChain& auth)
    : context_(context), transport_(transport), auth_(auth), number_(++context.lastNumber) {
    context_.sessions.emplace(number_, this);
    beganMs_ = lastAliveMs_ = context_.shard.nowMs();
    SessionFigures::Sessions& figures = context_.figures.of(transport_.name());
    figures.open.add(1);
    figures.began.add(1);
    watchHello();
    watchLife(context_.settings.heartbeatMs);
}

Session::~Session() {
    // A peer that goes without a word; of a stream of events that is the way to end it.
    if (state_ != State::closing) {
        countEnd(transport_.twoWay() ? CloseCode::abnormal : CloseCode::normal, {});
    }
    state_ = State::closing;
    context_.figures.of(transport_.name()).open.subtract(1);
    context_.shard.timers().stop(helloTimer_);
    context_.shard.timers().stop(expiryTimer_);
    context_.shard.timers().stop(lifeTimer_);
    waiting_.clear();
    context_.runner.cancel(*this);
    transport_.release(unsentBytes_);
    subscriptions_.clear();
    if (principal_) {
        context_.clients.release(author_->user, author_->client, {context_.shard.index(), number_});
    }
    context_.sessions.erase(number_);
}

void Session::onMessage(std::string_view text) {
    onAlive();
    if (state_ == State::closing) return;
    auto messages = wire::parseMessages(
        text, {context_.settings.depthMax, context_.settings.messagesPerFrameMax});
    if (!messages) return onMalformed(messages.error());
    for (wire::ClientMessage& message : *messages) {
        if (state_ == State::closing) return;
        take(std::move(message));
    }
    throttle();
}

void Session::onAlive() {
    lastAliveMs_ = context_.shard.nowMs();
    pinged_ = false;
}

void Session::onRoom() {
    sendUnsent();
    // A subscription that catches up may end itself or fill the outbox again.
    std::vector<std::string> channels;
    for (const auto& [channel, subscription] : subscriptions_) channels.push_back(channel);
    for (const std::string& channel : channels) {
        const auto found = subscriptions_.find(channel);
        if (found != subscriptions_.end()) found->second->onRoom();
    }
}

void Session::onMalformed(const core::Error& error) {
    context_.figures.malformed.add(1);
    sendError(json::Value(), error, nullptr);
    if (++malformed_ >= context_.settings.malformedMax) {
        close(CloseCode::badProtocol, "too many frames that are no messages");
    }
}

void Session::take(wire::ClientMessage&& message) {
    if (mustWait(message)) {
        waiting_.push_back(std::move(message));
    } else {
        dispatch(std::move(message));
    }
}

bool Session::mustWait(const wire::ClientMessage& message) const {
    return opener_.has_value() || (!holding_.empty() && holding_.contains(message.channel));
}

void Session::dispatch(wire::ClientMessage&& message) {
    const pipeline::Pipeline* pipeline = context_.pipelines.find(message.type);
    if (pipeline == nullptr) {
        context_.figures.unknownTypes.add(1);
        return refuseMessage(message, core::Error::of(core::Code::unknownType,
                                                      "unknown type '" + message.type + "'"));
    }
    if (pipeline->opensSession != (state_ == State::opening)) {
        const char* reason =
            pipeline->opensSession ? "the session is open already" : "open a session first";
        return refuseMessage(message, core::Error::of(core::Code::forbidden, reason));
    }
    const std::string channel = message.channel;
    json::Value id = message.id.clone();
    ++underWay_;
    if (pipeline->carriesOps) ++opsUnderWay_;
    const auto call = context_.runner.start(*pipeline, std::move(message), *this);
    if (!call) {
        --underWay_;
        if (pipeline->carriesOps) --opsUnderWay_;
        std::string text;
        wire::appendError(text, id, call.error(), channel);
        context_.figures.countError(call.error().code);
        return send(text);
    }
    if (state_ == State::closing) return;
    const pipeline::Call* live = context_.runner.find(*call);
    if (live == nullptr) return;
    if (pipeline->opensSession) {
        opener_ = *call;
    } else if (!live->departed || isAdmitting(*call)) {
        holding_.emplace(channel, *call);
    }
}

void Session::departed(const pipeline::Call& call) {
    // The ops of a batch are still in their stages.
    if (!call.pipeline->isAdmission && !isAdmitting(call.id)) release(call);
}

void Session::release(const pipeline::Call& call) {
    const auto held = holding_.find(call.message.channel);
    if (held == holding_.end() || held->second != call.id) return;
    holding_.erase(held);
    releaseWaiting();
}

void Session::ended(const pipeline::Call& call) {
    --underWay_;
    if (call.pipeline->isAdmission) return onAdmissionEnded(call);
    endBatch(call);
    if (call.pipeline->carriesOps) --opsUnderWay_;
    if (opener_ == call.id) {
        opener_.reset();
        releaseWaiting();
    }
    throttle();
    transport_.onProgress();
}

void Session::releaseWaiting() {
    // A released message may end at once and so come back here: the outer round sees to the rest.
    if (releasing_) return;
    releasing_ = true;
    for (bool moved = true; moved && state_ != State::closing;) {
        moved = false;
        for (std::size_t i = 0; i < waiting_.size(); ++i) {
            if (mustWait(waiting_[i])) continue;
            wire::ClientMessage message = std::move(waiting_[i]);
            waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(i));
            dispatch(std::move(message));
            moved = true;
            break;
        }
    }
    releasing_ = false;
}

void Session::throttle() {
    if (state_ == State::closing || readingEnded_) return;
    const std::size_t load = underWay_ + waiting_.size();
    // With a full writer queue whoever has ops under way waits for them before sending more.
    const bool held = !unsent_.empty() || (opsUnderWay_ > 0 && context_.directory.congested());
    if (!paused_ && (held || load >= context_.settings.pendingMax)) {
        paused_ = true;
        context_.figures.pauses.add(1);
        transport_.pauseReading();
    } else if (paused_ && !held && load <= context_.settings.pendingMax / 2) {
        paused_ = false;
        onAlive();
        transport_.resumeReading();
    }
}

void Session::answer(const pipeline::Call& call, std::string_view type, const json::Value* body) {
    if (call.message.id.isNull()) return;
    std::string text;
    appendAnswer(text, type, call.message.id, body);
    send(text);
}

void Session::answerText(pipeline::CallId id, std::string body) {
    const pipeline::Call* call = context_.runner.find(id);
    if (call == nullptr) return;
    if (!call->message.id.isNull() || !isPlainAck(body)) {
        if (call->conceals) body = concealed(body);
        spliceId(body, call->message.id);
        send(body);
    }
    context_.runner.complete(id, pipeline::Outcome::stop);
}

void Session::refuse(pipeline::Call& call, const core::Error& error) {
    if (state_ == State::closing) return;
    if (call.pipeline->isAdmission) {
        if (Batch* batch = batchAdmitting(call)) batch->refused(error);
        return;
    }
    logRefusal(call.message, error);
    const bool isFinal =
        call.pipeline->carriesOps && !error.retry && !call.pending && state_ == State::open;
    const bool isBatch = call.pipeline->carriesBatches;
    if (isFinal && isBatch && refuseBatch(call, error)) return;
    const bool consumesNumber = isFinal && !isBatch && call.message.body.contains("n");
    if (!consumesNumber) return sendError(call.message.id, error, &call.message);
    Refusal refusal;
    refusal.message.id = call.message.id.clone();
    refusal.message.channel = call.message.channel;
    refusal.message.body = json::Value::object();
    refusal.message.body.set("n", call.message.body.find("n")->clone());
    refusal.conceals = conceals(call, error);
    refusals_.emplace(++lastRefusal_, std::move(refusal));
    const auto refuse = call.pipeline->resolvesConflicts ? &channel::Directory::refuseResolution
                                                         : &channel::Directory::refuse;
    (context_.directory.*refuse)(
        context_.shard, call.message.channel, std::move(call.message.body), author_, error,
        [&context = context_, number = number_, refusal = lastRefusal_](std::string body) {
            Session* session = context.find(number);
            if (session != nullptr) session->onRefused(refusal, std::move(body));
        });
}

void Session::onRefused(std::uint64_t refusal, std::string body) {
    const auto found = refusals_.find(refusal);
    if (found == refusals_.end() || state_ == State::closing) return;
    if (found->second.conceals) body = concealed(body);
    spliceId(body, found->second.message.id);
    refusals_.erase(found);
    send(body);
}

void Session::refuseMessage(const wire::ClientMessage& message, const core::Error& error) {
    logRefusal(message, error);
    sendError(message.id, error, &message);
}

void Session::sendError(const json::Value& id, const core::Error& error,
                        const wire::ClientMessage* message) {
    std::string text;
    wire::appendError(text, id, error, message == nullptr ? "" : message->channel);
    context_.figures.countError(error.code);
    const json::Value* number = message == nullptr ? nullptr : message->body.find("n");
    if (number != nullptr && number->isNumber()) appendUnsettled(text, *number);
    send(text);
}

void Session::send(std::string_view message) {
    if (state_ == State::closing) return;
    if (!transport_.send(message)) {
        close(CloseCode::slowConsumer, "answers are not taken");
    }
}

const pipeline::Principal* Session::principal() const {
    return principal_ ? &*principal_ : nullptr;
}

std::uint64_t Session::connection() const {
    // Numbers are those of a shard: 48 bits of them outlast any process.
    return (std::uint64_t{context_.shard.index()} + 1) << 48 | number_;
}

// ---- What handlers ask for -------------------------------------------------------------------

core::Result<json::Value> Session::open(std::string_view client, const json::Value& principal) {
    if (state_ != State::opening) {
        return core::fail(core::Code::forbidden, "the session is open already");
    }
    auto who = principalOf(principal);
    if (!who) return core::fail(std::move(who.error()));
    author_ = channel::Author{who->user, std::string(client), originOf(client)};
    principal_ = std::move(*who);
    state_ = State::open;
    context_.shard.timers().stop(helloTimer_);
    watchExpiry();
    if (transport_.twoWay()) replaceOlder();
    if (context_.users != nullptr && transport_.takesPushes())
        mailbox_.open(*context_.users, author_->user);
    id_ = core::randomHex(context_.random, 16);
    tellBegin();
    return welcome();
}

json::Value Session::welcome() {
    const SessionSettings& settings = context_.settings;
    json::Value limits = json::Value::object();
    limits.set("messageBytesMax", settings.messageBytesMax);
    limits.set("messagesPerFrameMax", settings.messagesPerFrameMax);
    limits.set("subscriptionsMax", settings.subscriptionsMax);
    limits.set("pendingMax", settings.pendingMax);
    limits.set("batchOpsMax", settings.batchOpsMax);
    limits.set("queueAgeMsMax", settings.queueAgeMsMax);
    json::Value info = json::Value::object();
    info.set("session", id_);
    info.set("user", author_->user);
    info.set("origin", author_->origin);
    info.set("time", context_.shard.clock().wallMs());
    info.set("pingMs", settings.heartbeatMs);
    info.set("limits", std::move(limits));
    info.set("protocol", 1);
    return info;
}

void Session::replaceOlder() {
    const ClientRegistry::Place here{context_.shard.index(), number_};
    const auto older = context_.clients.claim(author_->user, author_->client, here);
    if (!older) return;
    ShardContext& there = context_.contexts.of(older->shard);
    there.shard.postAlways([&there, number = older->session] {
        if (Session* session = there.find(number)) {
            session->close(CloseCode::replaced, "a newer connection of this client has come");
        }
    });
}

core::Result<void> Session::resume(const json::Value& cursors) {
    const pipeline::Pipeline* pipeline = context_.pipelines.subscribing();
    if (pipeline == nullptr) {
        return core::fail(core::Code::notConfigured, "no message type subscribes");
    }
    for (const json::Value& entry : cursors.elements()) {
        const json::Value* channel = entry.find("channel");
        if (channel == nullptr || !channel->isString()) {
            return core::fail(core::Code::badField, "resume: each entry needs a channel");
        }
        wire::ClientMessage message;
        message.type = pipeline->type;
        message.channel = channel->asString();
        message.body = json::Value::object();
        message.body.set("type", message.type);
        message.body.set("channel", message.channel);
        if (entry.contains("epoch") || entry.contains("seq")) {
            message.body.set("cursor", entry.clone());
        }
        if (const json::Value* presence = entry.find("presence")) {
            message.body.set("presence", presence->clone());
        }
        take(std::move(message));
    }
    return {};
}

core::Result<void> Session::submit(pipeline::CallId id, const json::Value& op) {
    pipeline::Call* call = context_.runner.find(id);
    if (call == nullptr) return core::fail(core::Code::internal, "the call has ended");
    if (state_ != State::open) return core::fail(core::Code::forbidden, "open a session first");
    // The message is not needed behind this point: its body is moved where a copy would cost.
    json::Value body = &op == &call->message.body ? std::move(call->message.body) : op.clone();
    // Who is told that it was not settled in time is told which number.
    if (const json::Value* n = body.find("n")) {
        json::Value kept = json::Value::object();
        kept.set("n", n->clone());
        call->message.body = std::move(kept);
    }
    auto answered = [this_ = &context_, number = number_, id](std::string answer) {
        if (Session* session = this_->find(number)) session->answerText(id, std::move(answer));
    };
    if (!idempotencyKey_.empty()) {
        context_.directory.write(context_.shard, call->message.channel, std::move(body), author_,
                                 idempotencyKey_, std::move(answered));
        return {};
    }
    context_.directory.submit(context_.shard, call->message.channel, std::move(body), author_,
                              std::move(answered));
    return {};
}

core::Result<void> Session::snapshot(pipeline::CallId id, std::string_view channel,
                                     const json::Value* keys) {
    std::optional<std::vector<std::string>> names;
    if (keys != nullptr) {
        names.emplace();
        for (const json::Value& key : keys->elements()) {
            if (!key.isString()) {
                return core::fail(core::Code::badField, "keys: an array of strings is needed");
            }
            names->emplace_back(key.asString());
        }
    }
    context_.directory.snapshot(context_.shard, std::string(channel), {std::move(names)}, author_,
                                answerWithAll(id));
    return {};
}

}  // namespace syncline::session
