// SPDX-License-Identifier: Apache-2.0
#include "syncline/testing/handler_driver.h"

#include <atomic>

#include "syncline/testing/process_watch.h"

namespace syncline::conformance {
namespace {

/// For a completion from another thread. Long, since a busy machine is no fault of the handler's,
/// until one message never ended: the verdict stands then, and the rest need not take hours.
constexpr std::int64_t kPatienceMs = 5'000;
constexpr std::int64_t kLostPatienceMs = 20;
std::atomic<std::int64_t> patienceMs = kPatienceMs;
/// A process with so many threads has nobody who could complete a call later.
constexpr std::size_t kThreadsAlone = 1;

void fill(syncline_error& error, const Failure& failure) {
    error.code = failure.code;
    error.retry = failure.retry ? 1 : 0;
    error.retry_after_ms = failure.retryAfterMs;
    failure.reason.copy(error.reason, sizeof error.reason - 1);
}

}  // namespace

void HandlerDriver::enter(syncline_call call, const MockCalls::Question* question) {
    const auto& functions = instance_.functions<syncline_message_handler>();
    std::uint32_t shard = 0;
    {
        const std::lock_guard lock(mutex_);
        shard = shardOf_.at(call);
    }
    syncline_error error = {};
    error.size = sizeof error;
    syncline_outcome outcome = SYNCLINE_STOP;
    {
        const MockCalls::Entered entered(calls(), call);
        void* state = instance_.shard(shard);
        if (question == nullptr) {
            outcome = functions.on_message(instance_.self(), state, call, &error);
        } else if (functions.on_result == nullptr) {
            instance_.host().ledger().blame("asked a question and has no on_result");
        } else {
            Loan& result = instance_.host().vault().lend(question->result, "an answer");
            if (question->failure) fill(error, *question->failure);
            outcome = functions.on_result(instance_.self(), state, call, question->tag,
                                          question->failure ? SYNCLINE_FAILED : SYNCLINE_OK,
                                          question->failure ? nullptr : result.value(), &error);
            result.end();
        }
    }
    calls().returned(call, outcome, error);
}

syncline_call HandlerDriver::begin(const Request& request) {
    const syncline_call call = calls().open(request);
    {
        const std::lock_guard lock(mutex_);
        shardOf_[call] = request.shard;
    }
    enter(call, nullptr);
    return call;
}

Settled HandlerDriver::finish(syncline_call call) {
    while (const auto question = calls().takeQuestion(call)) enter(call, &*question);
    calls().answerIfAsked(call);
    const bool canStillEnd = currentHoldings().threads > kThreadsAlone;
    if (!calls().awaitEnd(call, canStillEnd ? patienceMs.load() : 0)) patienceMs = kLostPatienceMs;
    return calls().settled(call);
}

Settled HandlerDriver::send(const Request& request) {
    return finish(begin(request));
}

}  // namespace syncline::conformance
