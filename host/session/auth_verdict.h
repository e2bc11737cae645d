// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "core/result.h"
#include "json/value.h"
#include "session/auth_provider.h"
#include "session/shard_context.h"

namespace syncline::session {

/// The principal, or what the client is told; why goes to the log alone.
core::Result<json::Value> toPrincipal(AuthAnswer answer, const ShardContext& context,
                                      std::uint64_t session);

}  // namespace syncline::session
