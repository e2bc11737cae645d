// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <tl/expected.hpp>

#include "gateway/api_route.h"
#include "gateway/gateway_settings.h"
#include "gateway/request_plan.h"
#include "gateway/tickets.h"
#include "pipeline/pipeline.h"
#include "wire/http_request.h"
#include "wire/http_response.h"

namespace syncline::gateway {

/// What plans are made with. Everything outlives them.
struct PlanContext {
    const ApiSettings& settings;
    const pipeline::PipelineTable& pipelines;
    Tickets& tickets;
};

using PlanOrAnswer = tl::expected<RequestPlan, wire::HttpResponse>;

/// The plan of a request whose method its route takes, or what is wrong with it.
PlanOrAnswer planFor(const wire::HttpRequest& request, const ApiRoute& route,
                     const PlanContext& context);

// One function per route; realtime_plans.cpp and channel_plans.cpp.

/// {"client","messages":[…],"cursors":[…]} -> {"replies":[…],"updates":[…],"more":…}
PlanOrAnswer planExchange(const wire::HttpRequest& request, const PlanContext& context);

/// {"client"?} -> {"ticket","lifeMs"}
PlanOrAnswer planTicket(const wire::HttpRequest& request, const PlanContext& context);

/// -> {"channel","epoch","seq","sum","high","records":[…]}
PlanOrAnswer planSnapshot(const wire::HttpRequest& request, const ApiRoute& route,
                          const PlanContext& context);

/// -> {"channel","epoch","seq","sum","key","version","value"}
PlanOrAnswer planRecord(const wire::HttpRequest& request, const ApiRoute& route,
                        const PlanContext& context);

/// -> {"channel","epoch","updates":[…],"more":…}
PlanOrAnswer planOps(const wire::HttpRequest& request, const ApiRoute& route,
                     const PlanContext& context);

/// {"kind",…,"base"?} -> an ack, a conflict or an error
PlanOrAnswer planWrite(const wire::HttpRequest& request, const ApiRoute& route,
                       const PlanContext& context);

/// The body as a JSON object; {} when it is empty.
tl::expected<json::Value, wire::HttpResponse> bodyOf(const wire::HttpRequest& request,
                                                     const PlanContext& context);

/// Whether `client` is random enough and a name. Error: badField.
core::Result<void> checkClient(std::string_view client);

}  // namespace syncline::gateway
