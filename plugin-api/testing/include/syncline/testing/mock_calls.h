// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <condition_variable>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "syncline/testing/lending.h"

namespace syncline::conformance {

/// A message as it reaches a handler.
struct Request {
    Json message;
    Json principal = Json::parse(R"({"user":"ann","roles":["user"]})");  ///< null: no session yet
    std::string transport = "ws";
    std::string address = "192.0.2.7";
    std::uint64_t connection = 1;
    std::uint32_t shard = 0;
};

struct Reply {
    std::string type;
    Json body;
};

struct Failure {
    std::uint32_t code = 0;
    std::string reason;
    bool retry = false;
    std::uint32_t retryAfterMs = 0;
};
Failure toFailure(const syncline_error& error);

/// How a message ended.
enum class Ending {
    open,       ///< not yet
    proceeded,  ///< the next stage runs
    stopped,    ///< it is settled
    refused,    ///< its sender gets an error
    answered,   ///< by the host, which the handler had asked to
    cancelled   ///< by a deadline or a disconnect
};
const char* nameOf(Ending ending);

/// What became of a message.
struct Settled {
    Ending ending = Ending::open;
    Failure failure;                 ///< of a refusal
    std::vector<Reply> replies;      ///< to its sender
    std::vector<std::string> asked;  ///< of the host: `submit {"type":"op",…}`
    bool concealed = false;          ///< its sender may not read the channel

    /// "stopped pong", "refused 1102", "answered submit": what an example of a subject says.
    std::string brief() const;
};

/// The messages under way in the mock host: what handlers see through the tables `call`, `auth`,
/// `session`, `channel` and `broadcast`. Calls are given out and entered by the driver; replies,
/// failures and completions come from any thread.
class MockCalls {
public:
    explicit MockCalls(Vault& vault) : vault_(vault), ledger_(vault.ledger()) {}

    syncline_call open(Request request);
    void cancel(syncline_call call);
    Settled settled(syncline_call call) const;
    /// Waits for a completion from another thread; false when none comes within the patience.
    bool awaitEnd(syncline_call call, std::int64_t patienceMs);

    /// The stretch in which a handler function runs on this thread.
    class Entered {
    public:
        Entered(MockCalls& calls, syncline_call call);
        ~Entered();
        Entered(const Entered&) = delete;
        Entered& operator=(const Entered&) = delete;

    private:
        MockCalls& calls_;
        const syncline_call call_;
        const syncline_call outer_;
    };

    /// Takes what on_message or on_result returned.
    void returned(syncline_call call, syncline_outcome outcome, const syncline_error& error);

    struct Question {
        std::string function;
        std::uint32_t tag = 0;
        std::optional<Failure> failure;
        Json result;
    };
    /// The question that waits for its on_result, if there is one.
    std::optional<Question> takeQuestion(syncline_call call);
    /// Ends a call that the host was asked to answer.
    void answerIfAsked(syncline_call call);

    /// Functions of that name ("submit") fail at once; "later verify" fails in its on_result.
    void failAt(const std::string& function, Failure failure) { fails_[function] = failure; }
    /// What verify answers with.
    const Json& verified() const { return verified_; }

    // ---- What the tables do ----
    /// A part of what the running call shows ("message"); null elsewhere, with a blame.
    const syncline_value* shown(syncline_call call, const char* part);
    syncline_text shownText(syncline_call call, const char* part);
    std::uint64_t connection(syncline_call call);
    void conceal(syncline_call call);
    void reply(syncline_call call, syncline_text type, const syncline_value* body);
    void fail(syncline_call call, const syncline_error* error);
    void complete(syncline_call call, syncline_outcome outcome);
    /// A function that only runs on the call's shard while a handler function does.
    syncline_status ask(syncline_call call, const char* function, const Json& arguments,
                        syncline_error* error);
    /// The same of one that ends the call itself.
    syncline_status askToAnswer(syncline_call call, const char* function, const Json& arguments,
                                syncline_error* error);
    /// One whose answer comes to on_result.
    void askQuestion(syncline_call call, const char* function, std::uint32_t tag, Json result);
    /// Lends a value until the call ends.
    const syncline_value* lendUntilEnd(syncline_call call, Json value, const char* what);

private:
    struct State {
        Request request;
        Settled settled;
        Loan* shown = nullptr;  // while a function of the handler runs
        std::optional<Question> question;
        std::string answering;  // the function that ends the call itself
        std::vector<Loan*> loans;
        bool told = false;  // ended by fail() or complete(): what is returned then counts no more
    };
    State& state(syncline_call call);
    bool isRunning(syncline_call call) const;
    void end(State& state, Ending ending, Failure failure = {});
    void lateUse(const State& state, const char* function);

    Vault& vault_;
    Ledger& ledger_;
    mutable std::mutex mutex_;
    std::condition_variable ended_;
    std::map<syncline_call, State> calls_;
    std::map<std::string, Failure> fails_;
    const Json verified_ = Json::parse(R"({"user":"ann","roles":["user"],"claims":{}})");
    std::uint64_t opened_ = 0;
};

}  // namespace syncline::conformance
