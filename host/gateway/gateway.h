// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gateway/admin_view.h"
#include "gateway/api.h"
#include "gateway/gateway_settings.h"
#include "gateway/listener_policy.h"
#include "gateway/server_view.h"
#include "net/connection_handler.h"
#include "session/shard_context.h"

namespace syncline::gateway {

/// What all connections of the server share. Owned by the composition root; outlives them.
struct Gateway {
    const GatewaySettings& settings;
    const ServerView& server;
    session::ShardContexts& shards;
    Api& api;
    const AdminView* admin = nullptr;  ///< null: nothing is told

    /// How a listener with that policy greets a connection: in HTTP.
    net::HandlerFactory factory(const ListenerPolicy& policy) const;
};

}  // namespace syncline::gateway
