// SPDX-License-Identifier: Apache-2.0
#include "gateway/api_decision.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "gateway/api_error.h"
#include "gateway/api_plans.h"
#include "gateway/cors.h"
#include "gateway/credentials.h"
#include "gateway/origin_policy.h"
#include "gateway/routes.h"
#include "wire/message.h"

namespace syncline::gateway {

namespace {

using core::Code;
using core::Error;
using Refusal = std::optional<wire::HttpResponse>;

constexpr std::string_view kJson = "application/json";
constexpr std::string_view kEvents = "text/event-stream";

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// `application/json; charset=utf-8` -> `application/json`
std::string_view mediaTypeOf(std::string_view header) {
    return trimmed(header.substr(0, header.find(';')));
}

/// RFC 9110, section 12.5.1, but for weights: a type that is named is taken, unless with `q=0`.
bool accepts(const wire::HttpRequest& request, std::string_view type) {
    const std::string family = std::string(type.substr(0, type.find('/'))) + "/*";
    bool asked = false;
    for (const wire::HttpHeader& header : request.headers) {
        if (!wire::equalsIgnoringCase(header.name, "Accept")) continue;
        std::string_view list = header.value;
        while (!list.empty()) {
            const std::size_t comma = list.find(',');
            const std::string_view item = list.substr(0, comma);
            list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
            asked = asked || !trimmed(item).empty();
            const std::string_view named = mediaTypeOf(item);
            const bool fits = wire::equalsIgnoringCase(named, type) || named == "*/*" ||
                              wire::equalsIgnoringCase(named, family);
            const std::string_view rest = item.substr(std::min(item.find(';'), item.size()));
            const bool never = rest.find("q=0") != std::string_view::npos &&
                               rest.find("q=0.") == std::string_view::npos;
            if (fits && !never) return true;
        }
    }
    return !asked;
}

Refusal methodRefusal(const wire::HttpRequest& request, const ApiRoute& route) {
    if (route.takes(request.method)) return std::nullopt;
    auto response = problem(405, "this path takes " + std::string(route.methods()));
    response.headers.push_back({"Allow", std::string(route.methods())});
    return response;
}

Refusal formRefusal(const wire::HttpRequest& request, const ApiRoute& route) {
    const bool events = route.kind == ApiRoute::Kind::events;
    const std::string_view type = events ? kEvents : kJson;
    if (!accepts(request, type)) return problem(406, "this path answers " + std::string(type));
    if (request.method != "POST" || request.body.empty()) return std::nullopt;
    const auto sent = request.find("Content-Type");
    if (sent && wire::equalsIgnoringCase(mediaTypeOf(*sent), kJson)) return std::nullopt;
    return problem(415, "the body is " + std::string(kJson));
}

core::Result<EventCursors> cursorsOf(const wire::HttpRequest& request, std::size_t most) {
    const std::vector<std::string> channels = request.parameters("channel");
    const std::vector<std::string> cursors = request.parameters("cursor");
    if (channels.empty()) return core::fail(Code::badField, "channel: at least one is needed");
    if (channels.size() > most) {
        return core::fail(Code::tooManySubscriptions,
                          "at most " + std::to_string(most) + " channels in one stream");
    }
    if (cursors.size() > channels.size()) {
        return core::fail(Code::badField, "cursor: there are more of them than channels");
    }
    std::vector<EventCursors::Place> places;
    for (std::size_t i = 0; i < channels.size(); ++i) {
        if (auto named = wire::checkName(channels[i]); !named) return core::fail(named.error());
        if (std::ranges::find(places, channels[i], &EventCursors::Place::channel) != places.end()) {
            return core::fail(Code::badField, "channel: one stands there twice");
        }
        EventCursors::Place& place = places.emplace_back(channels[i], std::nullopt);
        if (i >= cursors.size() || cursors[i].empty()) continue;
        auto cursor = cursorFrom(cursors[i]);
        if (!cursor) return core::fail(std::move(cursor.error()));
        place.cursor = std::move(*cursor);
    }
    EventCursors made(std::move(places));
    const auto last = request.find("Last-Event-ID");
    if (last) {
        if (auto restored = made.restore(*last); !restored) return core::fail(restored.error());
    }
    return made;
}

core::Result<EventRequest> eventsOf(const wire::HttpRequest& request, const Gateway& gateway) {
    if (request.parameter("client")) {
        return core::fail(Code::badField, "client: a secret does not belong into a URL");
    }
    auto cursors = cursorsOf(request, gateway.settings.api.eventChannelsMax);
    if (!cursors) return core::fail(std::move(cursors.error()));
    EventRequest events{std::move(*cursors), {}, std::nullopt};
    if (const auto client = request.find("Syncline-Client")) {
        if (auto checked = checkClient(*client); !checked) return core::fail(checked.error());
        events.client = *client;
    }
    const auto ticket = request.parameter("ticket");
    if (!ticket) return events;
    events.holder = gateway.api.tickets.use(*ticket);
    if (!events.holder) {
        return core::fail(Code::tokenInvalid, "this ticket was used, or is too old");
    }
    return events;
}

ApiDecision answered(wire::HttpResponse answer, const wire::HttpRequest& request,
                     const ListenerPolicy& policy) {
    ApiDecision decision;
    decision.answer = std::move(answer);
    allowOrigin(request, policy, decision.answer);
    return decision;
}

/// What is wrong with the request before anybody asks what it wants.
Refusal refusalOf(const wire::HttpRequest& request, const ApiRoute& route, const Gateway& gateway) {
    if (auto refusal = methodRefusal(request, route)) return refusal;
    if (request.method == "OPTIONS") return preflight(route.methods());
    const bool asksForStatus = route.kind == ApiRoute::Kind::realtime && request.method != "POST";
    if (auto refusal = formRefusal(request, route)) return refusal;
    if (asksForStatus) return std::nullopt;
    if (const auto error = gateway.server.refusal()) return errorResponse(*error);
    return std::nullopt;
}

}  // namespace

ApiDecision decide(const wire::HttpRequest& request, const ApiRoute& route,
                   const ListenerPolicy& policy, const Gateway& gateway, std::string peer) {
    if (!isOriginAllowed(request, policy.origins)) {
        ApiDecision decision;
        decision.answer = problem(403, "this origin is not allowed");
        return decision;
    }
    if (auto refusal = refusalOf(request, route, gateway)) {
        return answered(std::move(*refusal), request, policy);
    }
    if (route.kind == ApiRoute::Kind::realtime && request.method != "POST") {
        return answered(answerTo(request, gateway.server, policy), request, policy);
    }
    auto shown = credentialsOf(request, policy, std::move(peer));
    if (!shown) {
        return answered(problem(shown.error().status, shown.error().reason), request, policy);
    }
    ApiDecision decision;
    decision.shown = std::move(*shown);
    if (route.kind == ApiRoute::Kind::events) {
        auto events = eventsOf(request, gateway);
        if (!events) return answered(errorResponse(events.error()), request, policy);
        decision.kind = ApiDecision::Kind::events;
        decision.events = std::move(*events);
        return decision;
    }
    // Every shard has the same pipelines.
    const PlanContext context{gateway.settings.api, gateway.shards.of(0).pipelines,
                              gateway.api.tickets};
    auto plan = planFor(request, route, context);
    if (!plan) return answered(std::move(plan.error()), request, policy);
    decision.kind = ApiDecision::Kind::session;
    decision.plan = std::move(*plan);
    return decision;
}

}  // namespace syncline::gateway
