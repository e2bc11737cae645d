// SPDX-License-Identifier: Apache-2.0
// What is under /api/channels: each read and each write goes through the pipeline of its type.
#include <algorithm>
#include <charconv>
#include <utility>

#include "gateway/api_error.h"
#include "gateway/api_plans.h"
#include "json/parse.h"
#include "json/write.h"

namespace syncline::gateway {

namespace {

using core::Code;
using core::Error;

/// In front of the ids of conflicts that are kept: the keys of their records.
constexpr std::string_view kConflicts = "$conflict/";
constexpr std::string_view kRecords = R"("records":[)";
constexpr std::size_t kKeyBytesMax = 255;
constexpr json::ParseLimits kTrusted{1'000, static_cast<std::size_t>(-1), false};

/// With an id, because without one an answer in order would be no answer.
constexpr int kId = 1;

tl::unexpected<wire::HttpResponse> refused(Code code, std::string reason) {
    return tl::unexpected(errorResponse(Error::of(code, std::move(reason))));
}

/// A plan with one message for that pipeline, from whoever the request's headers say.
PlanOrAnswer planned(const wire::HttpRequest& request, const ApiRoute& route,
                     const pipeline::Pipeline* pipeline, json::Value body) {
    if (pipeline == nullptr) {
        return refused(Code::notConfigured, "no plugin of this server does this");
    }
    for (const std::string* name : {&route.channel, &route.key}) {
        if (name == &route.key && route.kind != ApiRoute::Kind::record) continue;
        if (auto named = wire::checkName(*name); !named) {
            return tl::unexpected(errorResponse(named.error()));
        }
    }
    RequestPlan plan;
    if (const auto client = request.find("Syncline-Client")) {
        if (auto checked = checkClient(*client); !checked) {
            return tl::unexpected(errorResponse(checked.error()));
        }
        plan.client = *client;
    }
    body.set("type", pipeline->type);
    body.set("id", kId);
    body.set("channel", route.channel);
    auto message = wire::messageFrom(std::move(body));
    if (!message) return tl::unexpected(errorResponse(message.error()));
    plan.messages.push_back(std::move(*message));
    return plan;
}

/// A reply without what it is for the one who asked: `re`, and the number of a key's stream.
json::Value readReply(const std::string& text, bool keyed) {
    auto reply = json::parse(text, kTrusted);
    if (!reply) return json::Value::object();
    reply->erase("re");
    if (keyed) reply->erase("n");
    return std::move(*reply);
}

wire::HttpResponse errorReply(const json::Value& reply) {
    const json::Value* code = reply.find("code");
    const json::Value* retryAfter = reply.find("retryAfterMs");
    Error error;
    if (code != nullptr) error.code = static_cast<Code>(code->asNumber());
    if (retryAfter != nullptr) {
        error.retryAfterMs = static_cast<std::uint32_t>(retryAfter->asNumber());
    }
    // Status and headers follow from the code; what is said stays as it is.
    wire::HttpResponse response = errorResponse(error);
    response.body = json::toText(reply) + '\n';
    return response;
}

bool isError(std::string_view reply) {
    return reply.substr(0, 64).find(R"("type":"error")") != std::string_view::npos;
}

/// Nothing when every reply is an answer; else the answer to give.
std::optional<wire::HttpResponse> failureOf(const RequestOutcome& outcome) {
    if (outcome.replies.empty()) {
        return errorResponse(Error::of(Code::pluginFailed, "the message got no answer"));
    }
    if (!isError(outcome.replies.front())) return std::nullopt;
    return errorReply(readReply(outcome.replies.front(), false));
}

std::string memberOf(const json::Value& object, std::string_view name) {
    const json::Value* found = object.find(name);
    if (found == nullptr) return {};
    return found->isString() ? std::string(found->asString()) : json::toText(*found);
}

bool matches(const std::optional<std::string>& shown, const std::string& tag,
             const wire::HttpRequest& asked) {
    if (!shown) return false;
    return *shown == "*" || asked.hasToken("If-None-Match", tag) ||
           asked.hasToken("If-None-Match", "W/" + tag);
}

/// What of a request is needed when its answer is made.
struct Asked {
    explicit Asked(const wire::HttpRequest& request) {
        for (const wire::HttpHeader& header : request.headers) {
            if (wire::equalsIgnoringCase(header.name, "If-None-Match")) {
                conditions.headers.push_back(header);
            }
        }
    }

    /// Answers 304 instead when the client has this version already.
    wire::HttpResponse tagged(wire::HttpResponse response, const std::string& tag) const {
        response.headers.push_back({"ETag", tag});
        response.headers.push_back({"Cache-Control", "private, no-cache"});
        const auto first = conditions.find("If-None-Match");
        const auto shown = first ? std::optional(std::string(*first)) : std::nullopt;
        if (!matches(shown, tag, conditions)) return response;
        response.status = 304;
        response.body.clear();
        response.contentType.clear();
        return response;
    }

    wire::HttpRequest conditions;
};

/// One of the messages that a snapshot comes in, cut where its records begin and end.
struct Chunk {
    std::string_view head;
    std::string_view records;
};

/// Nothing for what is no such message. Names in front of the records cannot look like this: a
/// quote within one is escaped.
std::optional<Chunk> chunkOf(std::string_view text) {
    const std::size_t at = text.find(kRecords);
    const std::size_t end = text.rfind("],\"more\":");
    if (at == std::string_view::npos || end == std::string_view::npos || end < at) {
        return std::nullopt;
    }
    const std::size_t begin = at + kRecords.size();
    return Chunk{text.substr(0, at), text.substr(begin, end - begin)};
}

wire::HttpResponse wholeSnapshot(const RequestOutcome& outcome, const Asked& asked) {
    if (auto failure = failureOf(outcome)) return std::move(*failure);
    std::string records;
    std::string head;
    for (const std::string& reply : outcome.replies) {
        const auto chunk = chunkOf(reply);
        if (!chunk) return errorResponse(Error::of(Code::pluginFailed, "this is no snapshot"));
        if (!records.empty() && !chunk->records.empty()) records += ',';
        records += chunk->records;
        head = chunk->head;
    }
    head.pop_back();
    json::Value about = readReply(head + '}', false);
    about.erase("type");
    wire::HttpResponse response;
    response.contentType = "application/json";
    response.body = json::toText(about);
    response.body.pop_back();
    response.body.append(",").append(kRecords).append(records).append("]}\n");
    return asked.tagged(std::move(response), '"' + memberOf(about, "epoch") + '.' +
                                                 memberOf(about, "seq") + '.' +
                                                 memberOf(about, "high") + '"');
}

wire::HttpResponse oneRecord(const RequestOutcome& outcome, const Asked& asked) {
    if (auto failure = failureOf(outcome)) return std::move(*failure);
    json::Value reply = readReply(outcome.replies.front(), false);
    json::Value* records = reply.find("records");
    if (records == nullptr || !records->isArray()) {
        return errorResponse(Error::of(Code::pluginFailed, "this is no snapshot"));
    }
    if (records->empty()) {
        return errorResponse(Error::of(Code::noRecord, "there is no such record"));
    }
    json::Value body = json::Value::object();
    for (const char* name : {"channel", "epoch", "seq", "sum"}) {
        if (json::Value* found = reply.find(name)) body.set(name, std::move(*found));
    }
    json::Value& record = (*records)[0];
    for (const char* name : {"key", "version", "value"}) {
        if (json::Value* found = record.find(name)) body.set(name, std::move(*found));
    }
    const std::string tag = '"' + memberOf(body, "epoch") + '.' + memberOf(body, "version") + '"';
    return asked.tagged(jsonResponse(200, body), tag);
}

wire::HttpResponse verdictOf(const RequestOutcome& outcome) {
    if (outcome.replies.empty()) {
        return errorResponse(Error::of(Code::pluginFailed, "the message got no answer"));
    }
    json::Value reply = readReply(outcome.replies.front(), true);
    const std::string type = memberOf(reply, "type");
    if (type == "error") return errorReply(reply);
    // What a client is told to hold against its own is no success.
    return jsonResponse(type == "conflict" ? 409 : 200, reply);
}

/// One answer of all that the log was read in.
wire::HttpResponse partOfLog(const RequestOutcome& outcome) {
    if (auto failure = failureOf(outcome)) return std::move(*failure);
    json::Value body = readReply(outcome.replies.front(), false);
    json::Value* updates = body.find("updates");
    if (updates == nullptr || !updates->isArray()) {
        return errorResponse(Error::of(Code::pluginFailed, "this is no part of a log"));
    }
    json::Value more = json::Value::null();
    for (std::size_t i = 1; i < outcome.replies.size(); ++i) {
        json::Value next = readReply(outcome.replies[i], false);
        json::Value* rest = next.find("updates");
        if (rest == nullptr || !rest->isArray()) continue;
        for (json::Value& update : rest->elements()) updates->push(std::move(update));
        if (json::Value* found = next.find("more")) more = std::move(*found);
    }
    if (!more.isNull()) body.set("more", std::move(more));
    return jsonResponse(200, body);
}

/// A whole number of the query; `fallback` when it is not there.
core::Result<std::int64_t> numberOf(const wire::HttpRequest& request, std::string_view name,
                                    std::int64_t fallback) {
    const auto text = request.parameter(name);
    if (!text) return fallback;
    std::int64_t number = 0;
    const char* end = text->data() + text->size();
    const auto read = std::from_chars(text->data(), end, number);
    if (read.ec != std::errc() || read.ptr != end || number < 0 || number > json::kIntegerMax) {
        return core::fail(Code::badField, std::string(name) + ": a whole number is needed");
    }
    return number;
}

/// Whether the query says so; false when it says nothing.
core::Result<bool> flagOf(const wire::HttpRequest& request, std::string_view name) {
    const auto text = request.parameter(name);
    if (!text || *text == "false") return false;
    if (*text == "true") return true;
    return core::fail(Code::badField, std::string(name) + ": true or false is needed");
}

bool isKey(std::string_view key) {
    if (key.empty() || key.size() > kKeyBytesMax) return false;
    for (const char c : key) {
        if (c < ' ' || c > '~') return false;
    }
    return true;
}

}  // namespace

PlanOrAnswer planSnapshot(const wire::HttpRequest& request, const ApiRoute& route,
                          const PlanContext& context) {
    json::Value body = json::Value::object();
    if (route.kind == ApiRoute::Kind::conflicts) body.set("prefix", kConflicts);
    const auto digest = flagOf(request, "digest");
    if (!digest) return tl::unexpected(errorResponse(digest.error()));
    if (*digest) body.set("digest", true);
    auto plan = planned(request, route, context.pipelines.readingSnapshot(), std::move(body));
    if (!plan) return plan;
    plan->finish = [asked = Asked(request)](RequestOutcome& outcome) {
        return wholeSnapshot(outcome, asked);
    };
    return plan;
}

PlanOrAnswer planRecord(const wire::HttpRequest& request, const ApiRoute& route,
                        const PlanContext& context) {
    json::Value body = json::Value::object();
    body.set("keys", json::Value::array()).push(route.key);
    auto plan = planned(request, route, context.pipelines.readingSnapshot(), std::move(body));
    if (!plan) return plan;
    plan->finish = [asked = Asked(request)](RequestOutcome& outcome) {
        return oneRecord(outcome, asked);
    };
    return plan;
}

PlanOrAnswer planOps(const wire::HttpRequest& request, const ApiRoute& route,
                     const PlanContext& context) {
    const auto most = static_cast<std::int64_t>(context.settings.opsMax);
    const auto from = numberOf(request, "from", 1);
    const auto limit = numberOf(request, "limit", std::min<std::int64_t>(most, 100));
    const auto values = flagOf(request, "values");
    if (!values) return tl::unexpected(errorResponse(values.error()));
    if (!from) return tl::unexpected(errorResponse(from.error()));
    if (!limit) return tl::unexpected(errorResponse(limit.error()));
    if (*limit < 1 || *limit > most) {
        return refused(Code::badField, "limit: 1 to " + std::to_string(most));
    }
    json::Value body = json::Value::object();
    body.set("from", *from);
    body.set("limit", *limit);
    if (*values) body.set("values", true);
    auto plan = planned(request, route, context.pipelines.readingHistory(), std::move(body));
    if (!plan) return plan;
    plan->finish = [](RequestOutcome& outcome) { return partOfLog(outcome); };
    return plan;
}

PlanOrAnswer planWrite(const wire::HttpRequest& request, const ApiRoute& route,
                       const PlanContext& context) {
    const auto key = request.find("Idempotency-Key");
    if (!key || request.count("Idempotency-Key") != 1 || !isKey(*key)) {
        return refused(Code::badField, "Idempotency-Key: 1 to 255 characters of ASCII are needed");
    }
    auto body = bodyOf(request, context);
    if (!body) return tl::unexpected(std::move(body.error()));
    // What belongs to a stream means nothing here.
    for (const char* name : {"n", "done", "born"}) body->erase(name);
    body->set("key", route.key);
    auto plan = planned(request, route, context.pipelines.carryingOps(), std::move(*body));
    if (!plan) return plan;
    plan->idempotencyKey = *key;
    plan->finish = [](RequestOutcome& outcome) { return verdictOf(outcome); };
    return plan;
}

}  // namespace syncline::gateway
