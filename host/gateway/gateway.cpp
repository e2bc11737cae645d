// SPDX-License-Identifier: Apache-2.0
#include "gateway/gateway.h"

#include <memory>

#include "gateway/http_connection.h"

namespace syncline::gateway {

net::HandlerFactory Gateway::factory(const ListenerPolicy& policy) const {
    return [this, &policy](net::Connection& connection) -> std::unique_ptr<net::ConnectionHandler> {
        return std::make_unique<HttpConnection>(*this, policy, connection);
    };
}

}  // namespace syncline::gateway
