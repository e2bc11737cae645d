// SPDX-License-Identifier: Apache-2.0
// What is under /api/realtime, and what all plans have in common.
#include <utility>

#include "gateway/api_error.h"
#include "gateway/api_plans.h"
#include "json/parse.h"
#include "json/write.h"
#include "wire/message.h"

namespace syncline::gateway {

namespace {

using core::Code;
using core::Error;

/// As in a greeting: 128 bits in base64 without padding.
constexpr std::size_t kClientBytesMin = 22;

tl::unexpected<wire::HttpResponse> refused(Code code, std::string reason) {
    return tl::unexpected(errorResponse(Error::of(code, std::move(reason))));
}

core::Result<std::vector<wire::ClientMessage>> messagesOf(json::Value& body, std::size_t most) {
    std::vector<wire::ClientMessage> messages;
    json::Value* given = body.find("messages");
    if (given == nullptr) return messages;
    if (!given->isArray()) return core::fail(Code::badField, "messages: an array is needed");
    if (given->size() > most) {
        return core::fail(Code::tooLarge, "messages: at most " + std::to_string(most) + " at once");
    }
    for (json::Value& element : given->elements()) {
        auto message = wire::messageFrom(std::move(element));
        if (!message) return core::fail(std::move(message.error()));
        messages.push_back(std::move(*message));
    }
    return messages;
}

bool isCursor(const json::Value& entry) {
    const json::Value* channel = entry.find("channel");
    const json::Value* epoch = entry.find("epoch");
    const json::Value* seq = entry.find("seq");
    const json::Value* sum = entry.find("sum");
    const auto number = seq == nullptr ? std::optional<std::int64_t>(0) : seq->toInteger();
    return channel != nullptr && channel->isString() && (epoch == nullptr || epoch->isString()) &&
           number && *number >= 0 && (sum == nullptr || sum->isString());
}

core::Result<json::Value> cursorsOf(json::Value& body, std::size_t most) {
    json::Value* given = body.find("cursors");
    if (given == nullptr) return json::Value::array();
    if (!given->isArray()) return core::fail(Code::badField, "cursors: an array is needed");
    if (given->size() > most) {
        return core::fail(Code::tooLarge, "cursors: at most " + std::to_string(most) + " at once");
    }
    for (std::size_t i = 0; i < given->size(); ++i) {
        const json::Value& entry = (*given)[i];
        if (!isCursor(entry)) {
            return core::fail(Code::badField, "cursors: each is {channel, epoch, seq, sum}");
        }
        for (std::size_t j = 0; j < i; ++j) {
            if (*(*given)[j].find("channel") == *entry.find("channel")) {
                return core::fail(Code::badField, "cursors: a channel stands there twice");
            }
        }
    }
    return std::move(*given);
}

void appendArray(std::string& out, std::string_view name, const std::vector<std::string>& texts) {
    out.append("\"").append(name).append("\":[");
    for (std::size_t i = 0; i < texts.size(); ++i) {
        if (i != 0) out += ',';
        out += texts[i];
    }
    out += ']';
}

wire::HttpResponse exchanged(const RequestOutcome& outcome) {
    wire::HttpResponse response;
    response.contentType = "application/json";
    response.body = "{";
    appendArray(response.body, "replies", outcome.replies);
    response.body += ',';
    appendArray(response.body, "updates", outcome.updates);
    response.body += outcome.more ? R"(,"more":true})" : R"(,"more":false})";
    response.body += '\n';
    return response;
}

}  // namespace

core::Result<void> checkClient(std::string_view client) {
    if (client.size() < kClientBytesMin || !wire::checkName(client)) {
        return core::fail(Code::badField, "client: a random id of 22 to 255 bytes is needed");
    }
    return {};
}

tl::expected<json::Value, wire::HttpResponse> bodyOf(const wire::HttpRequest& request,
                                                     const PlanContext& context) {
    if (request.body.empty()) return json::Value::object();
    auto body = json::parse(request.body, {context.settings.depthMax});
    if (!body) return tl::unexpected(errorResponse(400, body.error()));
    if (!body->isObject()) return refused(Code::notJson, "the body is a JSON object");
    return std::move(*body);
}

PlanOrAnswer planExchange(const wire::HttpRequest& request, const PlanContext& context) {
    auto body = bodyOf(request, context);
    if (!body) return tl::unexpected(std::move(body.error()));
    const json::Value* client = body->find("client");
    if (client == nullptr || !client->isString()) {
        return refused(Code::badField, "client: a string is needed");
    }
    if (auto checked = checkClient(client->asString()); !checked) {
        return tl::unexpected(errorResponse(checked.error()));
    }
    RequestPlan plan;
    plan.transport = "post";
    plan.client = client->asString();
    auto messages = messagesOf(*body, context.settings.messagesMax);
    if (!messages) return tl::unexpected(errorResponse(messages.error()));
    auto cursors = cursorsOf(*body, context.settings.cursorsMax);
    if (!cursors) return tl::unexpected(errorResponse(cursors.error()));
    plan.messages = std::move(*messages);
    plan.cursors = std::move(*cursors);
    plan.finish = [](RequestOutcome& outcome) { return exchanged(outcome); };
    return plan;
}

PlanOrAnswer planTicket(const wire::HttpRequest& request, const PlanContext& context) {
    auto body = bodyOf(request, context);
    if (!body) return tl::unexpected(std::move(body.error()));
    RequestPlan plan;
    if (const json::Value* client = body->find("client")) {
        if (!client->isString()) return refused(Code::badField, "client: a string is needed");
        if (auto checked = checkClient(client->asString()); !checked) {
            return tl::unexpected(errorResponse(checked.error()));
        }
        plan.client = client->asString();
    }
    plan.finish = [&tickets = context.tickets, lifeMs = context.settings.ticketLifeMs,
                   holder = plan.client](RequestOutcome& outcome) {
        auto ticket = tickets.issue({holder, std::move(outcome.principal)});
        if (!ticket) return errorResponse(ticket.error());
        json::Value answer = json::Value::object();
        answer.set("ticket", *ticket);
        answer.set("lifeMs", lifeMs);
        return jsonResponse(200, answer);
    };
    return plan;
}

PlanOrAnswer planFor(const wire::HttpRequest& request, const ApiRoute& route,
                     const PlanContext& context) {
    switch (route.kind) {
        case ApiRoute::Kind::realtime:
            return planExchange(request, context);
        case ApiRoute::Kind::ticket:
            return planTicket(request, context);
        case ApiRoute::Kind::channel:
        case ApiRoute::Kind::conflicts:
            return planSnapshot(request, route, context);
        case ApiRoute::Kind::ops:
            return planOps(request, route, context);
        case ApiRoute::Kind::record:
            return request.method == "POST" ? planWrite(request, route, context)
                                            : planRecord(request, route, context);
        case ApiRoute::Kind::events:
            break;
    }
    return tl::unexpected(problem(405, "this is a stream"));
}

}  // namespace syncline::gateway
