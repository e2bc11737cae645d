// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "gateway/listener_policy.h"
#include "gateway/server_view.h"
#include "wire/http_request.h"
#include "wire/http_response.h"

namespace syncline::gateway {

/// Whether WebSockets are upgraded at this path.
bool isSocketPath(std::string_view path);

/// The answer to a request that upgrades nothing: health, what runs, the page; else 404 or 405.
wire::HttpResponse answerTo(const wire::HttpRequest& request, const ServerView& server,
                            const ListenerPolicy& policy);

}  // namespace syncline::gateway
