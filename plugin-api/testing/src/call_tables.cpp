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
    return table;
}

syncline_channel_table makeChannelTable() {
    constexpr auto* id = SYNCLINE_CHANNEL_TABLE;
    syncline_channel_table table = {};
    table.size = sizeof table;
    table.submit = [](Host host, syncline_call call, const syncline_value* op,
                      syncline_error* error) {
        return callsOf(host, id).askToAnswer(call, "submit", toJson(op), error);
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
    return table;
}

}  // namespace

const void* callTable(const std::string& id) {
    static const syncline_call_table call = makeCallTable();
    static const syncline_auth_table auth = makeAuthTable();
    static const syncline_session_table session = makeSessionTable();
    static const syncline_channel_table channel = makeChannelTable();
    if (id == SYNCLINE_CALL_TABLE) return &call;
    if (id == SYNCLINE_AUTH_TABLE) return &auth;
    if (id == SYNCLINE_SESSION_TABLE) return &session;
    return id == SYNCLINE_CHANNEL_TABLE ? &channel : nullptr;
}

}  // namespace syncline::conformance
