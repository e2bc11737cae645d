// SPDX-License-Identifier: Apache-2.0
#include "unit/plugin_api/mock_host.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <utility>

#include "json/parse.h"
#include "json/write.h"

using syncline::json::Value;
using syncline::test::MockHost;

/// Gathers text and parses it when asked: mistakes in the order of calls are bad JSON.
struct syncline_builder {
    MockHost* host;
    std::string text;
    std::string closers;
    std::optional<Value> built;

    void separate() {
        if (!text.empty() && text.back() != '{' && text.back() != '[' && text.back() != ':') {
            text += ',';
        }
    }
    void put(std::string_view more) {
        separate();
        text += more;
        built.reset();
    }
};

namespace {

MockHost& mock(const syncline_host* host) {
    return *static_cast<MockHost*>(host->context);
}
const Value& json(const syncline_value* value) {
    return *reinterpret_cast<const Value*>(value);
}
const syncline_value* opaque(const Value* value) {
    return reinterpret_cast<const syncline_value*>(value);
}
std::string_view view(syncline_text text) {
    return {text.data, text.size};
}
syncline_text toText(std::string_view text) {
    return {text.data(), text.size()};
}
std::string text(const syncline_value* value) {
    return value == nullptr ? "" : syncline::json::toText(json(value));
}

const syncline_value* at(const syncline_value* container, std::size_t index, syncline_text* name) {
    if (json(container).isArray()) return opaque(&json(container)[index]);
    const auto members = json(container).members();
    const auto member = std::next(members.begin(), static_cast<std::ptrdiff_t>(index));
    if (name != nullptr) *name = toText(member->key());
    return opaque(&member->value);
}

const syncline_value_table valueTable = {
    sizeof(syncline_value_table),
    0,
    [](auto* v) { return static_cast<syncline_type>(json(v).type()); },
    [](auto* v) { return json(v).asBool() ? 1 : 0; },
    [](auto* v) { return json(v).asNumber(); },
    [](auto* v) { return toText(json(v).asString()); },
    [](auto* v) { return json(v).size(); },
    [](auto* v, syncline_text name) { return opaque(json(v).find(view(name))); },
    &at,
    [](auto* a, auto* b) { return json(a) == json(b) ? 1 : 0; },
    [](auto* v, char* buffer, std::size_t capacity) {
        const std::string written = text(v);
        std::memcpy(buffer, written.data(), std::min(capacity, written.size()));
        return written.size();
    }};

const syncline_builder_table builderTable = {
    sizeof(syncline_builder_table),
    0,
    [](auto* host) {
        ++mock(host).buildersAlive;
        return new syncline_builder{&mock(host), {}, {}, {}};
    },
    [](auto* b) {
        --b->host->buildersAlive;
        delete b;
    },
    [](auto* b) {
        *b = syncline_builder{b->host, {}, {}, {}};
    },
    [](auto* b) { b->put("null"); },
    [](auto* b, std::int32_t value) { b->put(value != 0 ? "true" : "false"); },
    [](auto* b, double value) { b->put(syncline::json::toText(Value(value))); },
    [](auto* b, syncline_text value) { b->put(syncline::json::toText(Value(view(value)))); },
    [](auto* b, const syncline_value* value) { b->put(text(value)); },
    [](auto* b, syncline_text value) { b->put(view(value)); },
    [](auto* b) {
        b->put("{");
        b->closers += '}';
    },
    [](auto* b, syncline_text name) {
        b->put(syncline::json::toText(Value(view(name))));
        b->text += ':';
    },
    [](auto* b) {
        b->put("[");
        b->closers += ']';
    },
    [](auto* b) {
        b->text += b->closers.empty() ? '!' : b->closers.back();
        if (!b->closers.empty()) b->closers.pop_back();
    },
    [](auto* b) { return b->closers.empty() && !syncline::json::parse(b->text) ? 1 : 0; },
    [](auto* b) -> const syncline_value* {
        auto* builder = const_cast<syncline_builder*>(b);
        auto parsed = syncline::json::parse(b->text);
        if (!parsed) return nullptr;
        builder->built = std::move(*parsed);
        return opaque(&*builder->built);
    }};

const syncline_call_table callTable = {
    sizeof(syncline_call_table),
    0,
    [](auto* host, auto) { return opaque(&mock(host).message); },
    [](auto* host, auto) {
        return mock(host).hasSession ? opaque(&mock(host).principal) : nullptr;
    },
    [](auto*, auto) { return toText("greet"); },
    [](auto*, auto) {
        return syncline_text{nullptr, 0};
    },
    [](auto*, auto) { return toText("ws"); },
    [](auto*, auto) { return toText("192.0.2.1"); },
    [](auto*, auto) { return std::int64_t{250}; },
    [](auto* host, auto call, syncline_text type, auto* body) {
        mock(host).replies.push_back({call, std::string(view(type)), text(body)});
    },
    [](auto* host, auto, auto* error) { mock(host).failures.push_back(*error); },
    [](auto* host, auto, auto outcome) { mock(host).completions.push_back(outcome); },
    nullptr,
    nullptr};

syncline_status ask(const syncline_host* host, const std::string& question, syncline_error* error) {
    mock(host).asked.push_back(question);
    if (mock(host).status != SYNCLINE_OK) *error = mock(host).answer;
    return mock(host).status;
}

const syncline_auth_table authTable = {sizeof(syncline_auth_table), 0,
                                       [](auto* host, auto, syncline_text client,
                                          syncline_text token, std::uint32_t tag, auto* error) {
                                           return ask(host,
                                                      "verify " + std::string(view(client)) + " " +
                                                          std::string(view(token)) + " " +
                                                          std::to_string(tag),
                                                      error);
                                       }};

const syncline_session_table sessionTable = {
    sizeof(syncline_session_table), 1,
    [](auto* host, auto, syncline_text client, auto* principal, auto* error) {
        const auto status = ask(host, "open " + std::string(view(client)) + text(principal), error);
        return status == SYNCLINE_OK ? mock(host).value(R"({"session":"s1"})") : nullptr;
    },
    [](auto* host, auto, auto* cursors, auto* error) {
        return ask(host, "resume " + text(cursors), error);
    },
    [](auto* host, auto, auto* principal, auto* error) {
        const auto status = ask(host, "refresh" + text(principal), error);
        return status == SYNCLINE_OK ? mock(host).value(R"({"user":"ann"})") : nullptr;
    }};

const syncline_channel_table channelTable = {
    sizeof(syncline_channel_table),
    2,
    [](auto* host, auto, auto* op, auto* error) { return ask(host, "submit " + text(op), error); },
    [](auto* host, auto, auto* request, auto* error) {
        return ask(host, "subscribe " + text(request), error);
    },
    [](auto* host, auto, syncline_text channel, auto* error) {
        return ask(host, "unsubscribe " + std::string(view(channel)), error);
    },
    [](auto* host, auto, syncline_text channel, auto* keys, auto* error) {
        return ask(host, "snapshot " + std::string(view(channel)) + text(keys), error);
    },
    [](auto* host, auto, auto* request, auto* error) {
        return ask(host, "presence " + text(request), error);
    },
    [](auto* host, auto, auto* message, syncline_text type, std::int32_t atomic, auto* error) {
        return ask(host,
                   "batch " + std::string(view(type)) + std::to_string(atomic) + text(message),
                   error);
    },
    [](auto* host, auto, syncline_text channel, std::uint64_t from, std::uint64_t limit,
       auto* error) {
        return ask(host,
                   "history " + std::string(view(channel)) + " " + std::to_string(from) + " " +
                       std::to_string(limit),
                   error);
    },
    [](auto* host, auto, syncline_text channel, auto* numbers, auto* error) {
        return ask(host, "outcomes " + std::string(view(channel)) + text(numbers), error);
    },
    [](auto* host, auto, auto* message, auto* error) {
        return ask(host, "resolve " + text(message), error);
    },
    [](auto* host, auto, syncline_text channel, auto* request, auto* error) {
        return ask(host, "snapshot_of " + std::string(view(channel)) + text(request), error);
    },
    [](auto* host, auto, syncline_text channel, auto* request, auto* error) {
        return ask(host, "history_of " + std::string(view(channel)) + text(request), error);
    }};

std::string signalText(const char* what, syncline_text to, syncline_text type,
                       const syncline_value* body, std::uint32_t tag) {
    return std::string(what) + " " + std::string(view(to)) + " " + std::string(view(type)) + " " +
           text(body) + " " + std::to_string(tag);
}

const syncline_broadcast_table broadcastTable = {
    sizeof(syncline_broadcast_table), 0,
    [](auto* host, auto, auto channel, auto type, auto* body, auto tag, auto* error) {
        return ask(host, signalText("to channel", channel, type, body, tag), error);
    },
    [](auto* host, auto, auto user, auto type, auto* body, auto tag, auto* error) {
        return ask(host, signalText("to user", user, type, body, tag), error);
    }};

const syncline_log_table logTable = {
    sizeof(syncline_log_table), 0,
    [](auto* host, std::int32_t level, syncline_text line) {
        mock(host).lines.push_back(std::to_string(level) + " " + std::string(view(line)));
    },
    [](auto*, std::int32_t level) { return level >= SYNCLINE_LOG_INFO ? 1 : 0; }};

const syncline_clock_table clockTable = {sizeof(syncline_clock_table), 0,
                                         [](auto*) { return std::int64_t{1'700'000'000'000}; },
                                         [](auto*) { return std::int64_t{42}; }};

const syncline_random_table randomTable = {
    sizeof(syncline_random_table), 0,
    [](auto*, void* bytes, std::size_t size) { std::memset(bytes, 7, size); }};

const syncline_metrics_table metricsTable = {
    sizeof(syncline_metrics_table), 0,
    [](auto* host, const char* name, const char*) {
        auto& counters = mock(host).counters;
        counters.emplace(name, 0);
        return static_cast<std::uint32_t>(std::distance(counters.begin(), counters.find(name)));
    },
    [](auto* host, std::uint32_t counter, std::uint64_t by) {
        std::next(mock(host).counters.begin(), counter)->second += by;
    }};

const syncline_health_table healthTable = {
    sizeof(syncline_health_table), 0, [](auto* host, std::int32_t well, syncline_text reason) {
        mock(host).health.push_back(well != 0 ? "well" : std::string(view(reason)));
    }};

const void* tableOf(std::string_view id) {
    if (id == SYNCLINE_VALUE_TABLE) return &valueTable;
    if (id == SYNCLINE_BUILDER_TABLE) return &builderTable;
    if (id == SYNCLINE_CALL_TABLE) return &callTable;
    if (id == SYNCLINE_AUTH_TABLE) return &authTable;
    if (id == SYNCLINE_SESSION_TABLE) return &sessionTable;
    if (id == SYNCLINE_CHANNEL_TABLE) return &channelTable;
    if (id == SYNCLINE_BROADCAST_TABLE) return &broadcastTable;
    if (id == SYNCLINE_LOG_TABLE) return &logTable;
    if (id == SYNCLINE_CLOCK_TABLE) return &clockTable;
    if (id == SYNCLINE_RANDOM_TABLE) return &randomTable;
    if (id == SYNCLINE_METRICS_TABLE) return &metricsTable;
    if (id == SYNCLINE_HEALTH_TABLE) return &healthTable;
    return nullptr;
}

}  // namespace

namespace syncline::test {

MockHost::MockHost(std::set<std::string> without)
    : message(*json::parse(R"({"type":"greet","id":1,"name":"Ada"})")),
      principal(*json::parse(R"({"user":"ada","roles":["admin"]})")),
      host_{sizeof(syncline_host), SYNCLINE_ABI_MAJOR, SYNCLINE_ABI_MINOR, this,
            [](const syncline_host* host, const char* id) -> const void* {
                return mock(host).without_.contains(id) ? nullptr : tableOf(id);
            }},
      without_(std::move(without)) {
    answer.size = sizeof answer;
}

const syncline_value_table* MockHost::values() const {
    return &valueTable;
}
const syncline_builder_table* MockHost::builders() const {
    return &builderTable;
}

const syncline_value* MockHost::value(std::string_view text) {
    auto parsed = json::parse(text);
    if (!parsed) throw std::logic_error("the test's JSON is wrong: " + parsed.error().reason);
    values_.push_back(std::make_unique<json::Value>(std::move(*parsed)));
    return opaque(values_.back().get());
}

}  // namespace syncline::test
