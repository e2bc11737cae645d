// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string_view>

#include "gateway/admin_view.h"
#include "gateway/listener_policy.h"
#include "wire/http_request.h"
#include "wire/http_response.h"

namespace syncline::gateway {

/// Whether a listener for whoever runs the server answers at this path.
bool isAdminPath(std::string_view path);

/// Whether it asks for a copy of a storage.
bool wantsBackup(const wire::HttpRequest& request);

/// The answer to a request for such a path; nothing: it wants a backup or the statistics, which
/// come later.
std::optional<wire::HttpResponse> answerAdmin(const wire::HttpRequest& request,
                                              const ListenerPolicy& policy, const AdminView& view);

}  // namespace syncline::gateway
