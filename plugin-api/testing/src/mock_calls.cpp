// SPDX-License-Identifier: Apache-2.0
#include "syncline/testing/mock_calls.h"

#include <chrono>
#include <stdexcept>
#include <utility>

namespace syncline::conformance {
namespace {

/// The call whose handler function runs on this thread; 0: none.
thread_local syncline_call runningCall = 0;

void fill(syncline_error* error, const Failure& failure) {
    if (error == nullptr) return;
    error->code = failure.code;
    error->retry = failure.retry ? 1 : 0;
    error->retry_after_ms = failure.retryAfterMs;
    error->pointer[0] = '\0';
    error->reason[failure.reason.copy(error->reason, sizeof error->reason - 1)] = '\0';
}

}  // namespace

Failure toFailure(const syncline_error& error) {
    return {error.code, error.reason, error.retry != 0, error.retry_after_ms};
}

const char* nameOf(Ending ending) {
    switch (ending) {
        case Ending::open:
            return "open";
        case Ending::proceeded:
            return "proceeded";
        case Ending::stopped:
            return "stopped";
        case Ending::refused:
            return "refused";
        case Ending::answered:
            return "answered";
        case Ending::cancelled:
            break;
    }
    return "cancelled";
}

std::string Settled::brief() const {
    std::string text = nameOf(ending);
    if (ending == Ending::refused) text += " " + std::to_string(failure.code);
    if (ending == Ending::answered) text += " " + asked.back().substr(0, asked.back().find(' '));
    for (const Reply& reply : replies) text += " " + reply.type;
    return text;
}

syncline_call MockCalls::open(Request request) {
    const std::lock_guard lock(mutex_);
    // {slot, generation}: slots are used again, generations are not.
    ++opened_;
    const syncline_call call = (opened_ % 16) | (opened_ << 32U);
    calls_[call].request = std::move(request);
    return call;
}

MockCalls::State& MockCalls::state(syncline_call call) {
    const auto found = calls_.find(call);
    if (found == calls_.end()) throw std::logic_error("no such call");
    return found->second;
}

Settled MockCalls::settled(syncline_call call) const {
    const std::lock_guard lock(mutex_);
    return calls_.at(call).settled;
}

bool MockCalls::awaitEnd(syncline_call call, std::int64_t patienceMs) {
    std::unique_lock lock(mutex_);
    return ended_.wait_for(lock, std::chrono::milliseconds(patienceMs),
                           [&] { return state(call).settled.ending != Ending::open; });
}

void MockCalls::end(State& state, Ending ending, Failure failure) {
    state.settled.ending = ending;
    state.settled.failure = std::move(failure);
    for (Loan* loan : state.loans) loan->end();
    ended_.notify_all();
}

void MockCalls::cancel(syncline_call call) {
    const std::lock_guard lock(mutex_);
    if (state(call).settled.ending == Ending::open) end(state(call), Ending::cancelled);
}

MockCalls::Entered::Entered(MockCalls& calls, syncline_call call)
    : calls_(calls), call_(call), outer_(std::exchange(runningCall, call)) {
    const std::lock_guard lock(calls_.mutex_);
    State& state = calls_.state(call);
    Json shown;
    shown["message"] = state.request.message;
    shown["principal"] = state.request.principal;
    shown["transport"] = state.request.transport;
    shown["address"] = state.request.address;
    state.shown = &calls_.vault_.lend(std::move(shown), "what a call showed");
}

MockCalls::Entered::~Entered() {
    const std::lock_guard lock(calls_.mutex_);
    std::exchange(calls_.state(call_).shown, nullptr)->end();
    runningCall = outer_;
}

bool MockCalls::isRunning(syncline_call call) const {
    return runningCall == call;
}

void MockCalls::returned(syncline_call call, syncline_outcome outcome,
                         const syncline_error& error) {
    const std::lock_guard lock(mutex_);
    State& of = state(call);
    if (of.settled.ending != Ending::open) {
        const bool over = of.told || of.settled.ending == Ending::cancelled;
        if (!over) ledger_.blame("a message was settled twice");
        return;
    }
    const bool waits = of.question.has_value() || !of.answering.empty();
    if (waits && outcome != SYNCLINE_PENDING && outcome != SYNCLINE_REFUSED) {
        ledger_.blame("asked the host to go on with a call, and did not return pending");
    }
    switch (outcome) {
        case SYNCLINE_CONTINUE:
            return end(of, Ending::proceeded);
        case SYNCLINE_STOP:
            return end(of, Ending::stopped);
        case SYNCLINE_REFUSED:
            return end(of, Ending::refused, toFailure(error));
        case SYNCLINE_PENDING:
            return;
        default:
            ledger_.blame("returned the outcome " + std::to_string(outcome) + ", which is none");
            end(of, Ending::stopped);
    }
}

std::optional<MockCalls::Question> MockCalls::takeQuestion(syncline_call call) {
    const std::lock_guard lock(mutex_);
    State& of = state(call);
    if (of.settled.ending != Ending::open) return std::nullopt;
    return std::exchange(of.question, std::nullopt);
}

void MockCalls::answerIfAsked(syncline_call call) {
    const std::lock_guard lock(mutex_);
    State& of = state(call);
    if (of.settled.ending == Ending::open && !of.answering.empty()) end(of, Ending::answered);
}

void MockCalls::lateUse(const State& state, const char* function) {
    // Nobody tells a component that its call was cancelled: using it then is counted, not blamed.
    if (state.settled.ending == Ending::cancelled) return;
    ledger_.blame(std::string(function) + " was called for a message that had ended");
}

const syncline_value* MockCalls::shown(syncline_call call, const char* part) {
    if (!isRunning(call)) {
        ledger_.blame(std::string("read the ") + part + " of a call outside of its function");
        return nullptr;
    }
    const std::lock_guard lock(mutex_);
    Loan& loan = *state(call).shown;
    const Json* json = read(loan.value());
    const Json* found = json->at(part);
    return found == nullptr || found->isNull() ? nullptr : loan.handle(*found);
}

syncline_text MockCalls::shownText(syncline_call call, const char* part) {
    const Json* json = read(shown(call, part));
    const auto* text = json == nullptr ? nullptr : json->as<std::string>();
    return text == nullptr ? syncline_text{nullptr, 0} : toText(*text);
}

std::uint64_t MockCalls::connection(syncline_call call) {
    if (shown(call, "/message") == nullptr) return 0;
    const std::lock_guard lock(mutex_);
    return state(call).request.connection;
}

void MockCalls::conceal(syncline_call call) {
    if (shown(call, "/message") == nullptr) return;
    const std::lock_guard lock(mutex_);
    state(call).settled.concealed = true;
}

void MockCalls::reply(syncline_call call, syncline_text type, const syncline_value* body) {
    Reply sent = {taken(ledger_, type, "the type of a reply"), Json()};
    if (const Json* json = read(body)) sent.body = *json;
    const bool whole = !sent.type.empty() && (body == nullptr || sent.body.as<Json::Object>());
    if (!whole) return ledger_.blame("a reply has no type, or a body that is no object");
    const std::lock_guard lock(mutex_);
    State& of = state(call);
    if (of.settled.ending != Ending::open) return lateUse(of, "reply");
    of.settled.replies.push_back(std::move(sent));
}

void MockCalls::fail(syncline_call call, const syncline_error* error) {
    const std::lock_guard lock(mutex_);
    State& of = state(call);
    if (of.settled.ending != Ending::open) return lateUse(of, "fail");
    of.told = isRunning(call);
    end(of, Ending::refused, error == nullptr ? Failure() : toFailure(*error));
}

void MockCalls::complete(syncline_call call, syncline_outcome outcome) {
    const std::lock_guard lock(mutex_);
    State& of = state(call);
    if (of.settled.ending != Ending::open) return lateUse(of, "complete");
    if (outcome != SYNCLINE_CONTINUE && outcome != SYNCLINE_STOP) {
        return ledger_.blame("completed a call with neither continue nor stop");
    }
    of.told = isRunning(call);
    end(of, outcome == SYNCLINE_STOP ? Ending::stopped : Ending::proceeded);
}

syncline_status MockCalls::ask(syncline_call call, const char* function, const Json& arguments,
                               syncline_error* error) {
    if (!isRunning(call)) {
        ledger_.blame(std::string(function) + " was called outside of the call's own function");
        return SYNCLINE_FAILED;
    }
    const std::lock_guard lock(mutex_);
    State& of = state(call);
    if (of.settled.ending != Ending::open) {
        lateUse(of, function);
        return SYNCLINE_FAILED;
    }
    if (const auto failure = fails_.find(function); failure != fails_.end()) {
        fill(error, failure->second);
        return SYNCLINE_FAILED;
    }
    of.settled.asked.push_back(std::string(function) + " " + arguments.text());
    return SYNCLINE_OK;
}

syncline_status MockCalls::askToAnswer(syncline_call call, const char* function,
                                       const Json& arguments, syncline_error* error) {
    const syncline_status status = ask(call, function, arguments, error);
    if (status != SYNCLINE_OK) return status;
    const std::lock_guard lock(mutex_);
    State& of = state(call);
    if (!of.answering.empty()) ledger_.blame("asked the host twice to answer one message");
    of.answering = function;
    return SYNCLINE_OK;
}

void MockCalls::askQuestion(syncline_call call, const char* function, std::uint32_t tag,
                            Json result) {
    const std::lock_guard lock(mutex_);
    const auto later = fails_.find(std::string("later ") + function);
    Question question = {function, tag, std::nullopt, std::move(result)};
    if (later != fails_.end()) question.failure = later->second;
    state(call).question = std::move(question);
}

const syncline_value* MockCalls::lendUntilEnd(syncline_call call, Json value, const char* what) {
    Loan& loan = vault_.lend(std::move(value), what);
    const std::lock_guard lock(mutex_);
    state(call).loans.push_back(&loan);
    return loan.value();
}

}  // namespace syncline::conformance
