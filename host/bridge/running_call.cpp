// SPDX-License-Identifier: Apache-2.0
#include "bridge/running_call.h"

#include <algorithm>
#include <utility>

#include "bridge/handler_stage.h"
#include "bridge/plugin_error.h"
#include "bridge/thread_state.h"
#include "json/write.h"
#include "pipeline/caller.h"
#include "session/session.h"

namespace syncline::bridge {

namespace {

observe::LogContext contextOf(const pipeline::Call& call) {
    observe::LogContext context;
    call.caller->describe(context);
    const json::Value& id = call.message.id;
    if (id.isString()) context.message = id.asString();
    if (id.isNumber()) context.message = json::toText(id);
    if (!call.message.traceparent.empty()) context.traceparent = call.message.traceparent;
    return context;
}

}  // namespace

CallCopy CallCopy::of(std::size_t shard, const pipeline::Call& call) {
    CallCopy copy;
    copy.call = {shard, call.id};
    copy.type = call.message.type;
    copy.channel = call.message.channel;
    copy.transport = call.caller->transport();
    copy.address = call.caller->address();
    copy.connection = call.caller->connection();
    copy.message = call.message.body.clone();
    if (const pipeline::Principal* principal = call.caller->principal()) {
        copy.principal = principal->document.clone();
    }
    copy.deadlineMs = call.deadlineMs;
    copy.about = contextOf(call);
    return copy;
}

RunningCall::RunningCall(HandlerStage& stage, Instance& instance, std::size_t shard,
                         pipeline::Call& call)
    : stage_(stage),
      instance_(instance),
      outer_(std::exchange(threadState.call, this)),
      address_{shard, call.id},
      copy_(nullptr),
      message_(std::move(call.message.body)),
      scratch_(std::move(call.scratch)),
      holding_(true) {}

RunningCall::RunningCall(HandlerStage& stage, Instance& instance, CallCopy& copy)
    : stage_(stage),
      instance_(instance),
      outer_(std::exchange(threadState.call, this)),
      address_(copy.call),
      copy_(&copy),
      message_(std::move(copy.message)) {}

RunningCall::~RunningCall() {
    giveBack();
    threadState.call = outer_;
}

void RunningCall::giveBack() {
    if (!std::exchange(holding_, false)) return;
    if (pipeline::Call* call = live()) {
        call->message.body = std::move(message_);
        call->scratch = std::move(scratch_);
    }
}

RunningCall* RunningCall::current(const syncline_host* host, syncline_call call) noexcept {
    RunningCall* running = threadState.call;
    const bool same = running != nullptr && running->packed() == call &&
                      &running->instance_ == &Instance::of(host);
    return same ? running : nullptr;
}

void RunningCall::describe(observe::LogContext& context) const {
    if (copy_ != nullptr) {
        context = copy_->about;
    } else if (const pipeline::Call* call = live()) {
        context = contextOf(*call);
    }
}

pipeline::Call* RunningCall::live() const {
    if (copy_ != nullptr) return nullptr;
    return instance_.runtime().at(address_.shard).runner->find(address_.id);
}

FarCall RunningCall::far() const {
    return {instance_.runtime(), address_, &stage_, instance_.sharedConduct()};
}

const json::Value* RunningCall::principal() const {
    if (copy_ != nullptr) return copy_->principal ? &*copy_->principal : nullptr;
    const pipeline::Call* call = live();
    const pipeline::Principal* principal = call == nullptr ? nullptr : call->caller->principal();
    return principal == nullptr ? nullptr : &principal->document;
}

std::string_view RunningCall::type() {
    if (copy_ != nullptr) return copy_->type;
    const pipeline::Call* call = live();
    if (type_.empty() && call != nullptr) type_ = call->message.type;
    return type_;
}

std::string_view RunningCall::channel() {
    if (copy_ != nullptr) return copy_->channel;
    const pipeline::Call* call = live();
    if (channel_.empty() && call != nullptr) channel_ = call->message.channel;
    return channel_;
}

std::string_view RunningCall::transport() const {
    if (copy_ != nullptr) return copy_->transport;
    const pipeline::Call* call = live();
    return call == nullptr ? std::string_view() : call->caller->transport();
}

std::string_view RunningCall::address() const {
    if (copy_ != nullptr) return copy_->address;
    const pipeline::Call* call = live();
    return call == nullptr ? std::string_view() : call->caller->address();
}

std::uint64_t RunningCall::connection() const {
    if (copy_ != nullptr) return copy_->connection;
    const pipeline::Call* call = live();
    return call == nullptr ? 0 : call->caller->connection();
}

std::int64_t RunningCall::deadlineMs() const {
    const std::int64_t now = instance_.runtime().clock().steadyMs();
    if (copy_ != nullptr) return std::max<std::int64_t>(0, copy_->deadlineMs - now);
    const pipeline::Call* call = live();
    return call == nullptr ? 0 : std::max<std::int64_t>(0, call->deadlineMs - now);
}

void RunningCall::reply(std::string_view type, const json::Value* body) {
    if (failure_ || completion_) {
        return instance_.conduct().misbehaved("a reply after the end of the call");
    }
    if (copy_ != nullptr) {
        std::optional<json::Value> held;
        if (body != nullptr) held = body->clone();
        return far().reply(std::string(type), std::move(held));
    }
    if (pipeline::Call* call = live()) call->caller->answer(*call, type, body);
}

void RunningCall::fail(core::Error error) {
    if (!mayAsk()) return instance_.conduct().misbehaved("a call was ended twice");
    failure_ = std::move(error);
}

void RunningCall::complete(pipeline::Outcome outcome) {
    if (!mayAsk()) return instance_.conduct().misbehaved("a call was ended twice");
    completion_ = outcome;
}

void RunningCall::conceal() {
    if (copy_ != nullptr) return far().conceal();
    if (pipeline::Call* call = live()) call->conceals = true;
}

session::Session* RunningCall::session() const {
    const pipeline::Call* call = live();
    // Every client is a session: nothing else that implements pipeline::Caller says that it is one.
    const bool client = call != nullptr && call->caller->isClient();
    return client ? static_cast<session::Session*>(call->caller) : nullptr;
}

core::Result<void> RunningCall::submit(const json::Value& op) {
    if (&op != &message_) return session()->submit(id(), op);
    submitsMessage_ = true;
    return {};
}

void RunningCall::submitBatch(const json::Value& message, std::string_view type, bool isAtomic) {
    BatchQuestion batch;
    batch.type = type;
    batch.isAtomic = isAtomic;
    if (&message != &message_) batch.message = message.clone();
    batch_ = std::move(batch);
}

RunningCall::Settled RunningCall::startBatch(pipeline::Call& call) {
    // A copy: a refusal still looks at the numbers in the call's own.
    json::Value message = batch_->message ? std::move(*batch_->message) : call.message.body.clone();
    auto submitted =
        session()->submitBatch(id(), std::move(message), batch_->type, batch_->isAtomic);
    if (submitted) return {pipeline::Outcome::pending, {}};
    return {pipeline::Outcome::refused, std::move(submitted.error())};
}

RunningCall::Settled RunningCall::settleAsked(syncline_outcome outcome) {
    if (outcome != SYNCLINE_PENDING) {
        instance_.conduct().misbehaved("it asked the host to answer, and then did not wait");
    }
    giveBack();
    pipeline::Call* call = submitsMessage_ || batch_ ? live() : nullptr;
    if (call == nullptr) return {pipeline::Outcome::pending, {}};
    if (batch_) return startBatch(*call);
    auto submitted = session()->submit(id(), call->message.body);
    if (submitted) return {pipeline::Outcome::pending, {}};
    return {pipeline::Outcome::refused, std::move(submitted.error())};
}

RunningCall::Settled RunningCall::settle(syncline_outcome outcome, const syncline_error& error) {
    if (failure_) {
        giveBack();
        return {pipeline::Outcome::refused, std::move(*failure_)};
    }
    if (asked_) return settleAsked(outcome);
    giveBack();
    if (completion_) {
        if (outcome != SYNCLINE_PENDING) {
            instance_.conduct().misbehaved("it completed a call, and then did so again");
        }
        return {*completion_, {}};
    }
    switch (outcome) {
        case SYNCLINE_CONTINUE:
            return {pipeline::Outcome::proceed, {}};
        case SYNCLINE_STOP:
            return {pipeline::Outcome::stop, {}};
        case SYNCLINE_PENDING:
            return {pipeline::Outcome::pending, {}};
        case SYNCLINE_REFUSED:
            return {pipeline::Outcome::refused, toError(error)};
        default:
            instance_.conduct().misbehaved("it answered a number that is no outcome");
            return {pipeline::Outcome::refused,
                    core::Error::of(core::Code::pluginFailed,
                                    instance_.name() + " answered no known outcome")};
    }
}

}  // namespace syncline::bridge
