// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/builder.h"
#include "bridge/builder_table.h"
#include "bridge/host_tables.h"
#include "bridge/plugin_error.h"
#include "json/parse.h"
#include "json/write.h"
#include "support/plugin_file.h"

namespace syncline::tests {

/// A built plugin, loaded as the server loads it, with its one component made and before it a host
/// that writes down what it is asked. JSON is the real host's; everything else is pretended.
class FakePluginHost {
public:
    static constexpr std::int64_t kNowMs = 1'700'000'000'000;
    static constexpr syncline_call kCall = 0x0000'0001'0000'0007;

    explicit FakePluginHost(const char* file) : component_(&componentIn(file)) {
        syncline_error error = bridge::emptyError();
        if (component_->create(&host_, &self_, &error) != SYNCLINE_OK) {
            throw std::runtime_error(error.reason);
        }
    }
    ~FakePluginHost() { component_->destroy(self_); }
    FakePluginHost(const FakePluginHost&) = delete;
    FakePluginHost& operator=(const FakePluginHost&) = delete;

    std::string name() const { return component_->name; }

    /// Empty, or "<pointer>: <reason>".
    std::string configure(std::string_view config) {
        const json::Value value = parsed(config);
        syncline_error error = bridge::emptyError();
        const auto status = component_->validate(self_, bridge::toHandle(&value), &error);
        if (status == SYNCLINE_OK) return "";
        return std::string(error.pointer) + ": " + error.reason;
    }

    /// Empty, or why it does not start.
    std::string start() {
        syncline_error error = bridge::emptyError();
        if (component_->start == nullptr || component_->start(self_, &error) == SYNCLINE_OK) {
            return "";
        }
        return error.reason;
    }

    /// What a handler makes of a message: "continue", "stop", "pending" or "refused 1102: …".
    std::string send(std::string_view message, std::string_view principal = "") {
        did.clear();
        message_ = parsed(message);
        principal_ = principal.empty() ? nullptr : std::make_unique<json::Value>(parsed(principal));
        syncline_error error = bridge::emptyError();
        return told(handler().on_message(self_, nullptr, kCall, &error), error);
    }

    /// What it makes of the answer to its question.
    std::string answer(std::uint32_t tag, std::string_view result) {
        const json::Value value = parsed(result);
        syncline_error error = bridge::emptyError();
        return told(handler().on_result(self_, nullptr, kCall, tag, SYNCLINE_OK,
                                        bridge::toHandle(&value), &error),
                    error);
    }
    std::string answer(std::uint32_t tag, const core::Error& why) {
        syncline_error error = bridge::emptyError();
        bridge::fillError(&error, why);
        return told(
            handler().on_result(self_, nullptr, kCall, tag, SYNCLINE_FAILED, nullptr, &error),
            error);
    }

    /// What a provider says: "accept {…}", "not mine" or "refused 1301: …".
    std::string authenticate(std::string_view client, std::string_view token,
                             std::string_view authorization = "", std::int64_t nowMs = kNowMs,
                             std::string_view cookie = "") {
        syncline_credentials shown = {};
        shown.size = sizeof shown;
        shown.client = bridge::toText(client);
        shown.token = bridge::toText(token);
        shown.authorization = bridge::toText(authorization);
        shown.cookie = bridge::toText(cookie);
        shown.now_ms = nowMs;
        bridge::Builder built;
        syncline_error error = bridge::emptyError();
        const auto& provider = functions<syncline_auth_provider>();
        switch (provider.authenticate(self_, nullptr, &shown, bridge::toHandle(&built), &error)) {
            case SYNCLINE_ACCEPT:
                return "accept " + textOf(built.result());
            case SYNCLINE_NOT_MINE:
                return "not mine";
            default:
                return "refused " + std::to_string(error.code) + ": " + error.reason;
        }
    }

    template <class Table>
    const Table& functions() const {
        return *static_cast<const Table*>(component_->functions);
    }
    void* self() const { return self_; }

    /// What the host was asked since the last message: "reply pong {…}", "submit {…}", …
    std::vector<std::string> did;
    /// Fails the functions of that name.
    std::map<std::string, core::Error> fails;
    std::map<std::string, std::uint64_t> counters;
    /// What the plugin wrote into the log.
    std::vector<std::string> logged;
    /// Of the pretended clock.
    std::int64_t steadyMs = 1'000;

    static json::Value parsed(std::string_view text) {
        auto value = json::parse(text);
        if (!value) throw std::runtime_error(std::string(text) + ": " + value.error().reason);
        return std::move(*value);
    }
    static std::string textOf(const json::Value* value) {
        return value == nullptr ? "(nothing)" : json::toText(*value);
    }
    static std::string textOf(const syncline_value* value) {
        return textOf(bridge::toValue(value));
    }

private:
    static FakePluginHost& of(const syncline_host* host) {
        return *static_cast<FakePluginHost*>(host->context);
    }
    const syncline_message_handler& handler() const {
        return functions<syncline_message_handler>();
    }

    static std::string told(syncline_outcome outcome, const syncline_error& error) {
        switch (outcome) {
            case SYNCLINE_CONTINUE:
                return "continue";
            case SYNCLINE_STOP:
                return "stop";
            case SYNCLINE_PENDING:
                return "pending";
            default:
                return "refused " + std::to_string(error.code) + ": " + error.reason;
        }
    }

    /// Writes down that the host was asked `what`.
    syncline_status asked(const std::string& function, const std::string& arguments,
                          syncline_error* error) {
        const auto failure = fails.find(function);
        if (failure != fails.end()) {
            bridge::fillError(error, failure->second);
            return SYNCLINE_FAILED;
        }
        did.push_back(function + " " + arguments);
        return SYNCLINE_OK;
    }

    static syncline_text member(const syncline_host* host, const char* name) {
        const json::Value* found = of(host).message_.find(name);
        return found == nullptr || !found->isString() ? syncline_text{nullptr, 0}
                                                      : bridge::toText(found->asString());
    }

    // ---- The tables that are pretended ----

    static const void* table(const syncline_host*, const char* id) {
        static const syncline_clock_table clock = {
            sizeof clock, 0, [](const syncline_host*) { return kNowMs; },
            [](const syncline_host* host) { return of(host).steadyMs; }};
        static const syncline_log_table log = {
            sizeof log, 0,
            [](const syncline_host* host, std::int32_t, syncline_text line) {
                of(host).logged.emplace_back(bridge::toView(line));
            },
            [](const syncline_host*, std::int32_t) { return 1; }};
        static const syncline_metrics_table metrics = {
            sizeof metrics, 0,
            [](const syncline_host* host, const char* name, const char*) {
                auto& counters = of(host).counters;
                counters.emplace(name, 0);
                return static_cast<std::uint32_t>(
                    std::distance(counters.begin(), counters.find(name)));
            },
            // Names are made in their order by the plugins under test.
            [](const syncline_host* host, std::uint32_t counter, std::uint64_t by) {
                std::next(of(host).counters.begin(), counter)->second += by;
            }};
        static const syncline_call_table call = callTable();
        static const syncline_auth_table auth = {
            sizeof auth, 0,
            [](const syncline_host* host, syncline_call, syncline_text client, syncline_text token,
               std::uint32_t tag, syncline_error* error) {
                return of(host).asked("verify",
                                      std::string(bridge::toView(client)) + " '" +
                                          std::string(bridge::toView(token)) + "' " +
                                          std::to_string(tag),
                                      error);
            }};
        static const syncline_session_table session = sessionTable();
        static const syncline_channel_table channel = channelTable();
        static const syncline_broadcast_table broadcast = broadcastTable();
        const std::map<std::string_view, const void*> tables = {
            {SYNCLINE_VALUE_TABLE, &bridge::kValueTable},
            {SYNCLINE_BUILDER_TABLE, &bridge::kBuilderTable},
            {SYNCLINE_CLOCK_TABLE, &clock},
            {SYNCLINE_LOG_TABLE, &log},
            {SYNCLINE_METRICS_TABLE, &metrics},
            {SYNCLINE_CALL_TABLE, &call},
            {SYNCLINE_AUTH_TABLE, &auth},
            {SYNCLINE_SESSION_TABLE, &session},
            {SYNCLINE_CHANNEL_TABLE, &channel},
            {SYNCLINE_BROADCAST_TABLE, &broadcast}};
        const auto found = tables.find(id);
        return found == tables.end() ? nullptr : found->second;
    }

    static syncline_call_table callTable() {
        syncline_call_table call = {};
        call.size = sizeof call;
        call.message = [](const syncline_host* host, syncline_call) {
            return bridge::toHandle(&of(host).message_);
        };
        call.principal = [](const syncline_host* host, syncline_call) {
            return bridge::toHandle(of(host).principal_.get());
        };
        call.type = [](const syncline_host* host, syncline_call) { return member(host, "type"); };
        call.channel = [](const syncline_host* host, syncline_call) {
            return member(host, "channel");
        };
        call.conceal = [](const syncline_host* host, syncline_call) {
            of(host).asked("conceal", "", nullptr);
        };
        call.reply = [](const syncline_host* host, syncline_call, syncline_text type,
                        const syncline_value* body) {
            of(host).asked("reply", std::string(bridge::toView(type)) + " " + textOf(body),
                           nullptr);
        };
        return call;
    }

    static syncline_session_table sessionTable() {
        syncline_session_table session = {};
        session.size = sizeof session;
        session.open = [](const syncline_host* host, syncline_call, syncline_text client,
                          const syncline_value* principal,
                          syncline_error* error) -> const syncline_value* {
            static const json::Value welcome = parsed(R"({"session":"s1"})");
            const auto status = of(host).asked(
                "open", std::string(bridge::toView(client)) + " " + textOf(principal), error);
            return status == SYNCLINE_OK ? bridge::toHandle(&welcome) : nullptr;
        };
        session.resume = [](const syncline_host* host, syncline_call, const syncline_value* cursors,
                            syncline_error* error) {
            return of(host).asked("resume", textOf(cursors), error);
        };
        session.refresh = [](const syncline_host* host, syncline_call,
                             const syncline_value* principal,
                             syncline_error* error) -> const syncline_value* {
            static const json::Value told = parsed(R"({"user":"ann","expiresAt":5})");
            const auto status = of(host).asked("refresh", textOf(principal), error);
            return status == SYNCLINE_OK ? bridge::toHandle(&told) : nullptr;
        };
        return session;
    }

    static syncline_channel_table channelTable() {
        syncline_channel_table channel = {};
        channel.size = sizeof channel;
        channel.submit = [](const syncline_host* host, syncline_call, const syncline_value* op,
                            syncline_error* error) {
            return of(host).asked("submit", textOf(op), error);
        };
        channel.subscribe = [](const syncline_host* host, syncline_call,
                               const syncline_value* request, syncline_error* error) {
            return of(host).asked("subscribe", textOf(request), error);
        };
        channel.unsubscribe = [](const syncline_host* host, syncline_call, syncline_text name,
                                 syncline_error* error) {
            return of(host).asked("unsubscribe", std::string(bridge::toView(name)), error);
        };
        channel.snapshot = [](const syncline_host* host, syncline_call, syncline_text name,
                              const syncline_value* keys, syncline_error* error) {
            return of(host).asked("snapshot",
                                  std::string(bridge::toView(name)) + " " + textOf(keys), error);
        };
        channel.presence = [](const syncline_host* host, syncline_call,
                              const syncline_value* request, syncline_error* error) {
            return of(host).asked("presence", textOf(request), error);
        };
        channel.submit_batch = [](const syncline_host* host, syncline_call,
                                  const syncline_value* message, syncline_text type,
                                  std::int32_t atomic, syncline_error* error) {
            return of(host).asked("submit_batch",
                                  std::string(bridge::toView(type)) +
                                      (atomic != 0 ? " atomic " : " ") + textOf(message),
                                  error);
        };
        channel.history = [](const syncline_host* host, syncline_call, syncline_text name,
                             std::uint64_t from, std::uint64_t limit, syncline_error* error) {
            return of(host).asked("history",
                                  std::string(bridge::toView(name)) + " " + std::to_string(from) +
                                      " " + std::to_string(limit),
                                  error);
        };
        channel.resolve = [](const syncline_host* host, syncline_call,
                             const syncline_value* message, syncline_error* error) {
            return of(host).asked("resolve", textOf(message), error);
        };
        channel.snapshot_of = [](const syncline_host* host, syncline_call, syncline_text name,
                                 const syncline_value* request, syncline_error* error) {
            return of(host).asked("snapshot_of",
                                  std::string(bridge::toView(name)) + " " + textOf(request), error);
        };
        channel.history_of = [](const syncline_host* host, syncline_call, syncline_text name,
                                const syncline_value* request, syncline_error* error) {
            return of(host).asked("history_of",
                                  std::string(bridge::toView(name)) + " " + textOf(request), error);
        };
        channel.outcomes = [](const syncline_host* host, syncline_call, syncline_text name,
                              const syncline_value* numbers, syncline_error* error) {
            return of(host).asked("outcomes",
                                  std::string(bridge::toView(name)) + " " + textOf(numbers), error);
        };
        return channel;
    }

    static syncline_broadcast_table broadcastTable() {
        syncline_broadcast_table broadcast = {};
        broadcast.size = sizeof broadcast;
        broadcast.to_channel = [](const syncline_host* host, syncline_call, syncline_text channel,
                                  syncline_text type, const syncline_value* body, std::uint32_t tag,
                                  syncline_error* error) {
            return of(host).asked("to_channel", signalText(channel, type, body, tag), error);
        };
        broadcast.to_user = [](const syncline_host* host, syncline_call, syncline_text user,
                               syncline_text type, const syncline_value* body, std::uint32_t tag,
                               syncline_error* error) {
            return of(host).asked("to_user", signalText(user, type, body, tag), error);
        };
        return broadcast;
    }

    static std::string signalText(syncline_text to, syncline_text type, const syncline_value* body,
                                  std::uint32_t tag) {
        return std::string(bridge::toView(to)) + " " + std::string(bridge::toView(type)) + " " +
               textOf(body) + " " + std::to_string(tag);
    }

    const syncline_component* component_;
    void* self_ = nullptr;
    syncline_host host_ = {sizeof(syncline_host), SYNCLINE_ABI_MAJOR, SYNCLINE_ABI_MINOR, this,
                           &table};
    json::Value message_;
    std::unique_ptr<json::Value> principal_;
};

}  // namespace syncline::tests
