// SPDX-License-Identifier: Apache-2.0
// The tables through which a handler deals with the message under way.
#include "syncline/testing/mock_host.h"

namespace syncline::conformance {
namespace {

using Host = const syncline_host*;

MockCalls& callsOf(Host host, const char* table) {
    return MockHost::of(host, table).calls();
}

Json toJson(const syncline_value* value) {
    const Json* json = read(value);
    return json == nullptr ? Json() : *json;
}

Json toJson(Host host, syncline_text text) {
    return taken(static_cast<MockHost*>(host->context)->ledger(), text, "a text for the host");
}

constexpr std::int64_t kDeadlineMs = 5'000;

syncline_call_table makeCallTable() {
    constexpr auto* id = SYNCLINE_CALL_TABLE;
    syncline_call_table table = {};
    table.size = sizeof table;
    table.minor = 2;
    table.message = [](Host host, syncline_call call) {
        return callsOf(host, id).shown(call, "/message");
    };
    table.principal = [](Host host, syncline_call call) {
        return callsOf(host, id).shown(call, "/principal");
    };
    table.type = [](Host host, syncline_call call) {
        return callsOf(host, id).shownText(call, "/message/type");
    };
    table.channel = [](Host host, syncline_call call) {
        return callsOf(host, id).shownText(call, "/message/channel");
    };
    table.transport = [](Host host, syncline_call call) {
        return callsOf(host, id).shownText(call, "/transport");
    };
    table.address = [](Host host, syncline_call call) {
        return callsOf(host, id).shownText(call, "/address");
    };
    table.deadline_ms = [](Host host, syncline_call call) {
        callsOf(host, id).shown(call, "/message");
        return kDeadlineMs;
    };
    table.reply = [](Host host, syncline_call call, syncline_text type,
                     const syncline_value* body) { callsOf(host, id).reply(call, type, body); };
    table.fail = [](Host host, syncline_call call, const syncline_error* error) {
        callsOf(host, id).fail(call, error);
    };
    table.complete = [](Host host, syncline_call call, syncline_outcome outcome) {
        callsOf(host, id).complete(call, outcome);
    };
    table.connection = [](Host host, syncline_call call) {
        return callsOf(host, id).connection(call);
    };
    table.conceal = [](Host host, syncline_call call) { callsOf(host, id).conceal(call); };
    return table;
}

syncline_auth_table makeAuthTable() {
    syncline_auth_table table = {};
    table.size = sizeof table;
    table.verify = [](Host host, syncline_call call, syncline_text client, syncline_text token,
                      std::uint32_t tag, syncline_error* error) {
        MockCalls& calls = callsOf(host, SYNCLINE_AUTH_TABLE);
        Json arguments;
        arguments["client"] = toJson(host, client);
        arguments["token"] = toJson(host, token);
        const syncline_status status = calls.ask(call, "verify", arguments, error);
        if (status == SYNCLINE_OK) calls.askQuestion(call, "verify", tag, calls.verified());
        return status;
    };
    return table;
}

syncline_session_table makeSessionTable() {
    constexpr auto* id = SYNCLINE_SESSION_TABLE;
    syncline_session_table table = {};
    table.size = sizeof table;
    table.minor = 1;
    table.open = [](Host host, syncline_call call, syncline_text client,
                    const syncline_value* principal,
                    syncline_error* error) -> const syncline_value* {
        MockCalls& calls = callsOf(host, id);
        Json arguments;
        arguments["client"] = toJson(host, client);
        arguments["principal"] = toJson(principal);
        if (calls.ask(call, "open", arguments, error) != SYNCLINE_OK) return nullptr;
        Json opened = Json::parse(
            R"({"session":"s1","user":"ann","origin":"o1","time":1,"pingMs":25000,"limits":{}})");
        return calls.lendUntilEnd(call, std::move(opened), "what a session was opened with");
    };
    table.resume = [](Host host, syncline_call call, const syncline_value* cursors,
                      syncline_error* error) {
        return callsOf(host, id).ask(call, "resume", toJson(cursors), error);
    };
    table.refresh = [](Host host, syncline_call call, const syncline_value* principal,
                       syncline_error* error) -> const syncline_value* {
        MockCalls& calls = callsOf(host, id);
        const Json who = toJson(principal);
        if (calls.ask(call, "refresh", who, error) != SYNCLINE_OK) return nullptr;
        Json refreshed;
        refreshed["user"] = who.string("user");
        return calls.lendUntilEnd(call, std::move(refreshed), "what a session goes on with");
    };
    return table;
}

/// Those of the channel table that say who is there, or what was and what became of it.
void addReadingFunctions(syncline_channel_table& table) {
    constexpr auto* id = SYNCLINE_CHANNEL_TABLE;
    table.presence = [](Host host, syncline_call call, const syncline_value* request,
                        syncline_error* error) {
        return callsOf(host, id).askToAnswer(call, "presence", toJson(request), error);
    };
    table.history = [](Host host, syncline_call call, syncline_text channel, std::uint64_t fromSeq,
                       std::uint64_t limit, syncline_error* error) {
        Json arguments;
        arguments["channel"] = toJson(host, channel);
        arguments["from"] = static_cast<double>(fromSeq);
        arguments["limit"] = static_cast<double>(limit);
        return callsOf(host, id).askToAnswer(call, "history", arguments, error);
    };
    table.resolve = [](Host host, syncline_call call, const syncline_value* message,
                       syncline_error* error) {
        return callsOf(host, id).askToAnswer(call, "resolve", toJson(message), error);
    };
    table.snapshot_of = [](Host host, syncline_call call, syncline_text channel,
                           const syncline_value* request, syncline_error* error) {
        Json arguments = toJson(request);
        arguments["channel"] = toJson(host, channel);
        return callsOf(host, id).askToAnswer(call, "snapshot_of", arguments, error);
    };
    table.history_of = [](Host host, syncline_call call, syncline_text channel,
                          const syncline_value* request, syncline_error* error) {
        Json arguments = toJson(request);
        arguments["channel"] = toJson(host, channel);
        return callsOf(host, id).askToAnswer(call, "history_of", arguments, error);
    };
    table.outcomes = [](Host host, syncline_call call, syncline_text channel,
                        const syncline_value* numbers, syncline_error* error) {
        Json arguments;
        arguments["channel"] = toJson(host, channel);
        arguments["n"] = toJson(numbers);
        return callsOf(host, id).askToAnswer(call, "outcomes", arguments, error);
    };
}

syncline_channel_table makeChannelTable() {
    constexpr auto* id = SYNCLINE_CHANNEL_TABLE;
    syncline_channel_table table = {};
    table.size = sizeof table;
    table.minor = 2;
    table.submit = [](Host host, syncline_call call, const syncline_value* op,
                      syncline_error* error) {
        return callsOf(host, id).askToAnswer(call, "submit", toJson(op), error);
    };
    table.submit_batch = [](Host host, syncline_call call, const syncline_value* message,
                            syncline_text type, std::int32_t atomic, syncline_error* error) {
        Json arguments;
        arguments["message"] = toJson(message);
        arguments["type"] = toJson(host, type);
        arguments["atomic"] = atomic != 0;
        return callsOf(host, id).askToAnswer(call, "submit_batch", arguments, error);
    };
    table.subscribe = [](Host host, syncline_call call, const syncline_value* request,
                         syncline_error* error) {
        return callsOf(host, id).askToAnswer(call, "subscribe", toJson(request), error);
    };
    table.unsubscribe = [](Host host, syncline_call call, syncline_text channel,
                           syncline_error* error) {
        return callsOf(host, id).ask(call, "unsubscribe", toJson(host, channel), error);
    };
    table.snapshot = [](Host host, syncline_call call, syncline_text channel,
                        const syncline_value* keys, syncline_error* error) {
        Json arguments;
        arguments["channel"] = toJson(host, channel);
        arguments["keys"] = toJson(keys);
        return callsOf(host, id).askToAnswer(call, "snapshot", arguments, error);
    };
    addReadingFunctions(table);
    return table;
}

/// A signal that is sent: what became of it comes to on_result.
syncline_status signal(Host host, syncline_call call, const char* function, Json arguments,
                       syncline_text type, const syncline_value* body, std::uint32_t tag,
                       syncline_error* error, Json result) {
    MockCalls& calls = callsOf(host, SYNCLINE_BROADCAST_TABLE);
    arguments["type"] = toJson(host, type);
    if (body != nullptr) arguments["body"] = toJson(body);
    const Json* sent = arguments.find("body");
    Ledger& ledger = static_cast<MockHost*>(host->context)->ledger();
    if (type.size == 0) ledger.blame("sent a signal without a type");
    if (sent != nullptr && sent->as<Json::Object>() == nullptr) {
        ledger.blame("sent a signal with a body that is no object");
    }
    const syncline_status status = calls.ask(call, function, arguments, error);
    if (status == SYNCLINE_OK) calls.askQuestion(call, function, tag, std::move(result));
    return status;
}

syncline_broadcast_table makeBroadcastTable() {
    syncline_broadcast_table table = {};
    table.size = sizeof table;
    table.to_channel = [](Host host, syncline_call call, syncline_text channel, syncline_text type,
                          const syncline_value* body, std::uint32_t tag, syncline_error* error) {
        Json arguments;
        arguments["channel"] = toJson(host, channel);
        return signal(host, call, "to_channel", std::move(arguments), type, body, tag, error,
                      Json::Object());
    };
    table.to_user = [](Host host, syncline_call call, syncline_text user, syncline_text type,
                       const syncline_value* body, std::uint32_t tag, syncline_error* error) {
        Json arguments;
        arguments["user"] = toJson(host, user);
        return signal(host, call, "to_user", std::move(arguments), type, body, tag, error,
                      Json::parse(R"({"connections":2})"));
    };
    return table;
}

}  // namespace

const void* callTable(const std::string& id) {
    static const syncline_call_table call = makeCallTable();
    static const syncline_auth_table auth = makeAuthTable();
    static const syncline_session_table session = makeSessionTable();
    static const syncline_channel_table channel = makeChannelTable();
    static const syncline_broadcast_table broadcast = makeBroadcastTable();
    if (id == SYNCLINE_CALL_TABLE) return &call;
    if (id == SYNCLINE_AUTH_TABLE) return &auth;
    if (id == SYNCLINE_SESSION_TABLE) return &session;
    if (id == SYNCLINE_CHANNEL_TABLE) return &channel;
    return id == SYNCLINE_BROADCAST_TABLE ? &broadcast : nullptr;
}

}  // namespace syncline::conformance
