// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <cstdint>
#include <string_view>
#include <syncline/plugin/component.hpp>
#include <type_traits>
#include <utility>

namespace syncline {

/// What a stage made of a message; what the host does next.
enum class Outcome : std::int32_t {
    proceed = SYNCLINE_CONTINUE,  ///< run the next stage
    stop = SYNCLINE_STOP,         ///< the message is settled: run nothing more
    pending = SYNCLINE_PENDING,   ///< wait: a kept PendingCall, or a function of the host, ends it
    refused = SYNCLINE_REFUSED,   ///< from Call::refuse(): send its error and run nothing more
};

/// The message under way, readable during onMessage and onResult only.
class Message {
public:
    Message(const Host& host, syncline_call call) noexcept : host_(host), call_(call) {}

    /// The whole object as the client sent it.
    Value body() const { return host_.value(calls().message(host_.handle(), call_)); }
    Value operator[](std::string_view name) const { return body()[name]; }

    std::string_view type() const { return detail::toView(calls().type(host_.handle(), call_)); }
    /// Empty when the message names none.
    std::string_view channel() const {
        return detail::toView(calls().channel(host_.handle(), call_));
    }
    /// Who sent it: {"user","roles"?,"claims"?}; missing before a session is open.
    Value principal() const { return host_.value(calls().principal(host_.handle(), call_)); }
    std::string_view user() const { return principal()["user"].string(); }
    /// How it came, e.g. "ws".
    std::string_view transport() const {
        return detail::toView(calls().transport(host_.handle(), call_));
    }
    /// Of the peer, without a port.
    std::string_view address() const {
        return detail::toView(calls().address(host_.handle(), call_));
    }
    /// Names the connection that it came over, and no other; 0: none. Needs "draft.call/1.1".
    std::uint64_t connection() const {
        const auto read = calls().connection;
        return read == nullptr ? 0 : read(host_.handle(), call_);
    }

private:
    const syncline_call_table& calls() const { return *host_.calls(); }

    const Host& host_;
    syncline_call call_;
};

/// A call that may be kept and ended later, once, from any thread, while the component lives. After
/// its end (also by a deadline or a disconnect) these functions do nothing but count as
/// misbehaviour.
class PendingCall {
public:
    PendingCall() = default;
    PendingCall(const Host& host, syncline_call call) noexcept : host_(&host), call_(call) {}

    /// Sends {"type":type,"re":id} to the sender.
    void reply(std::string_view type) const { send(type, nullptr); }
    /// The same with the members of `body`.
    void reply(std::string_view type, const Value& body) const { send(type, body.handle()); }
    /// The same with a body given as the text of a JSON object.
    void reply(std::string_view type, std::string_view json) const {
        Document document = host_->document();
        reply(type, document.json(json).result());
    }
    /// The same with members that `fill(Builder&)` sets.
    template <class Fill, class = std::enable_if_t<std::is_invocable_v<Fill, Builder&>>>
    void reply(std::string_view type, Fill&& fill) const {
        Document document = host_->document();
        reply(type, document.object(std::forward<Fill>(fill)).result());
    }

    /// Sends an error and ends the call.
    void fail(const Refusal& refusal) const {
        syncline_error error = detail::emptyError();
        detail::fillError(&error, refusal);
        host_->calls()->fail(host_->handle(), call_, &error);
    }
    void fail(std::uint32_t code, const std::string& reason) const { fail(Refusal(code, reason)); }

    /// Ends a pending stage with Outcome::proceed or Outcome::stop.
    void complete(Outcome outcome) const {
        host_->calls()->complete(host_->handle(), call_, static_cast<syncline_outcome>(outcome));
    }

    syncline_call handle() const noexcept { return call_; }

protected:
    const Host& host() const noexcept { return *host_; }

private:
    void send(std::string_view type, const syncline_value* body) const {
        host_->calls()->reply(host_->handle(), call_, detail::toText(type), body);
    }

    const Host* host_ = nullptr;
    syncline_call call_ = 0;
};

class Auth;
class Session;
class Channel;
class Broadcast;

/// The call of one onMessage or onResult. To go on later, keep `call.defer()` and return
/// Outcome::pending.
class Call : public PendingCall {
public:
    Call(const Host& host, syncline_call call, ShardState* shard, syncline_error* error) noexcept
        : PendingCall(host, call), shard_(shard), error_(error) {}
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    /// `return call.refuse(1212, "...")`: as throwing a Refusal, without the cost of a throw.
    Outcome refuse(std::uint32_t code, std::string_view reason) {
        detail::fillError(error_, code, reason);
        return Outcome::refused;
    }
    /// The same, with a JSON pointer to what is wrong with the message: the sender gets it as
    /// `detail.pointer`.
    Outcome refuse(std::uint32_t code, std::string_view reason, std::string_view pointer) {
        detail::fillError(error_, code, reason, pointer);
        return Outcome::refused;
    }
    Outcome refuse(const Refusal& refusal) {
        detail::fillError(error_, refusal);
        return Outcome::refused;
    }
    /// In onResult: passes on the error with which the question failed.
    Outcome refuse() const noexcept { return Outcome::refused; }

    PendingCall defer() const { return *this; }

    /// The sender may not read the channel: what the channel answers leaves out what others wrote.
    /// Needs "draft.call/1.2".
    void conceal() {
        const auto conceal = host().calls()->conceal;
        if (conceal != nullptr) conceal(host().handle(), handle());
    }

    /// Milliseconds left of this stage's deadline.
    std::int64_t deadlineMs() const {
        return host().calls()->deadline_ms(host().handle(), handle());
    }

    /// What openShard() returned for this shard.
    template <class State>
    State& shard() const {
        return *static_cast<State*>(shard_);
    }

    /// Needs "draft.auth/1", "draft.session/1", "draft.channel/1", "draft.broadcast/1".
    Auth auth();
    Session session();
    Channel channel();
    Broadcast broadcast();

private:
    friend class Auth;
    friend class Session;
    friend class Channel;
    friend class Broadcast;

    /// What a function of the host that ends the call itself means for the stage.
    Outcome outcomeOf(syncline_status status) const noexcept {
        return status == SYNCLINE_OK ? Outcome::pending : Outcome::refused;
    }

    ShardState* shard_;
    syncline_error* error_;
};

/// Asks the listener's auth providers.
class Auth {
public:
    explicit Auth(Call& call) : call_(call), table_(call.host().auth()) {}

    /// The principal, or why not, comes to onResult with `tag`: `return call.auth().verify(...)`.
    Outcome verify(std::string_view client, std::string_view token, std::uint32_t tag) {
        return call_.outcomeOf(table_->verify(call_.host().handle(), call_.handle(),
                                              detail::toText(client), detail::toText(token), tag,
                                              call_.error_));
    }

private:
    Call& call_;
    const syncline_auth_table* table_;
};

/// Sessions: opening and resuming are for handlers that declare opensSession().
class Session {
public:
    explicit Session(Call& call) : call_(call), table_(call.host().session()) {}

    /// What the client is told about its session; valid until the call ends. Throws Refusal.
    Value open(std::string_view client, const Value& principal) {
        syncline_error error = detail::emptyError();
        const auto* opened = table_->open(call_.host().handle(), call_.handle(),
                                          detail::toText(client), principal.handle(), &error);
        if (opened == nullptr) throw detail::toRefusal(error);
        return call_.host().value(opened);
    }

    /// Subscribes to each cursor of the array; after the reply to the opening message. Throws
    /// Refusal.
    void resume(const Value& cursors) {
        syncline_error error = detail::emptyError();
        const auto status =
            table_->resume(call_.host().handle(), call_.handle(), cursors.handle(), &error);
        if (status != SYNCLINE_OK) throw detail::toRefusal(error);
    }

    /// Goes on as this principal, which must be of the same user: {user,expiresAt?}, valid until
    /// the call ends. Throws Refusal.
    Value refresh(const Value& principal) {
        syncline_error error = detail::emptyError();
        const auto* told =
            table_->refresh(call_.host().handle(), call_.handle(), principal.handle(), &error);
        if (told == nullptr) throw detail::toRefusal(error);
        return call_.host().value(told);
    }

private:
    Call& call_;
    const syncline_session_table* table_;
};

/// The channels. Functions that return an Outcome answer the sender themselves and end the call:
/// `return call.channel().submit(message.body())`.
class Channel {
public:
    explicit Channel(Call& call) : call_(call), table_(call.host().channel()) {}

    Outcome submit(const Value& op) {
        return call_.outcomeOf(
            table_->submit(call_.host().handle(), call_.handle(), op.handle(), call_.error_));
    }
    Outcome subscribe(const Value& request) {
        return call_.outcomeOf(table_->subscribe(call_.host().handle(), call_.handle(),
                                                 request.handle(), call_.error_));
    }
    /// All records, or those of `keys` (an array of strings; may be missing).
    Outcome snapshot(std::string_view channel, const Value& keys = {}) {
        return call_.outcomeOf(table_->snapshot(call_.host().handle(), call_.handle(),
                                                detail::toText(channel), keys.handle(),
                                                call_.error_));
    }
    /// {"channel","state"?,"by"?}: who is there, and the sender among them.
    Outcome presence(const Value& request) {
        return call_.outcomeOf(table_->presence(call_.host().handle(), call_.handle(),
                                                request.handle(), call_.error_));
    }
    /// The `ops` of the message, each through the stages of `type`; with `atomic` all or none,
    /// under the message's number. Needs "draft.channel/1.1", as the next two do.
    Outcome submit(const Value& message, std::string_view type, bool atomic) {
        return call_.outcomeOf(table_->submit_batch(call_.host().handle(), call_.handle(),
                                                    message.handle(), detail::toText(type),
                                                    atomic ? 1 : 0, call_.error_));
    }
    /// At most `limit` ops from `fromSeq` on.
    Outcome history(std::string_view channel, std::uint64_t fromSeq, std::uint64_t limit) {
        return call_.outcomeOf(table_->history(call_.host().handle(), call_.handle(),
                                               detail::toText(channel), fromSeq, limit,
                                               call_.error_));
    }
    /// What became of the sender's own `numbers`.
    Outcome outcomes(std::string_view channel, const Value& numbers) {
        return call_.outcomeOf(table_->outcomes(call_.host().handle(), call_.handle(),
                                                detail::toText(channel), numbers.handle(),
                                                call_.error_));
    }
    /// What the message decides about a conflict that was kept. Needs "draft.channel/1.2", as the
    /// next two do.
    Outcome resolve(const Value& message) {
        return call_.outcomeOf(
            table_->resolve(call_.host().handle(), call_.handle(), message.handle(), call_.error_));
    }
    /// {"keys"?,"prefix"?,"digest"?}
    Outcome snapshotOf(std::string_view channel, const Value& request) {
        return call_.outcomeOf(table_->snapshot_of(call_.host().handle(), call_.handle(),
                                                   detail::toText(channel), request.handle(),
                                                   call_.error_));
    }
    /// {"from","limit","values"?}
    Outcome historyOf(std::string_view channel, const Value& request) {
        return call_.outcomeOf(table_->history_of(call_.host().handle(), call_.handle(),
                                                  detail::toText(channel), request.handle(),
                                                  call_.error_));
    }
    /// Takes effect at once and answers nothing. Throws Refusal.
    void unsubscribe(std::string_view channel) {
        syncline_error error = detail::emptyError();
        const auto status = table_->unsubscribe(call_.host().handle(), call_.handle(),
                                                detail::toText(channel), &error);
        if (status != SYNCLINE_OK) throw detail::toRefusal(error);
    }

private:
    Call& call_;
    const syncline_channel_table* table_;
};

/// Signals from one to many, at most once each. What became of one comes to onResult with `tag`:
/// `return call.broadcast().toChannel(...)`.
class Broadcast {
public:
    explicit Broadcast(Call& call) : call_(call), table_(call.host().broadcast()) {}

    /// To everybody who is live in the channel, but the sender: {"type","channel","user","origin",
    /// ...members of body}.
    Outcome toChannel(std::string_view channel, std::string_view type, const Value& body,
                      std::uint32_t tag) {
        return call_.outcomeOf(table_->to_channel(call_.host().handle(), call_.handle(),
                                                  detail::toText(channel), detail::toText(type),
                                                  body.handle(), tag, call_.error_));
    }
    /// To every connection of the user: the answer is {"connections"}.
    Outcome toUser(std::string_view user, std::string_view type, const Value& body,
                   std::uint32_t tag) {
        return call_.outcomeOf(table_->to_user(call_.host().handle(), call_.handle(),
                                               detail::toText(user), detail::toText(type),
                                               body.handle(), tag, call_.error_));
    }

private:
    Call& call_;
    const syncline_broadcast_table* table_;
};

inline Auth Call::auth() {
    return Auth(*this);
}
inline Session Call::session() {
    return Session(*this);
}
inline Channel Call::channel() {
    return Channel(*this);
}
inline Broadcast Call::broadcast() {
    return Broadcast(*this);
}

}  // namespace syncline
