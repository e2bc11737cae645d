// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>

#include "gateway/api_route.h"
#include "gateway/event_cursors.h"
#include "gateway/gateway.h"
#include "gateway/listener_policy.h"
#include "gateway/request_plan.h"
#include "gateway/tickets.h"
#include "session/auth_provider.h"
#include "wire/http_request.h"
#include "wire/http_response.h"

namespace syncline::gateway {

/// What a stream of events begins with.
struct EventRequest {
    EventCursors cursors;
    std::string client;                  ///< as a header says; empty: none
    std::optional<TicketHolder> holder;  ///< none: the request's headers say who it is
};

/// What is to be done with a request under /api.
struct ApiDecision {
    enum class Kind { answer, session, events };

    Kind kind = Kind::answer;
    session::Credentials shown;  ///< by the request's headers; its client is not in it
    wire::HttpResponse answer;   ///< with what a page of another origin needs to read it
    RequestPlan plan;
    EventRequest events;
};

/// Origin, method, what the client sends and takes, whether the server is ready, and then what the
/// route asks for. `peer` is an address with a port.
ApiDecision decide(const wire::HttpRequest& request, const ApiRoute& route,
                   const ListenerPolicy& policy, const Gateway& gateway, std::string peer);

}  // namespace syncline::gateway
