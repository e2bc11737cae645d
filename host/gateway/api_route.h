// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "wire/http_request.h"

namespace syncline::gateway {

/// What a path under /api stands for.
struct ApiRoute {
    enum class Kind {
        realtime,   ///< /api/realtime
        events,     ///< /api/realtime/events
        ticket,     ///< /api/realtime/ticket
        channel,    ///< /api/channels/{channel}
        ops,        ///< /api/channels/{channel}/ops
        conflicts,  ///< /api/channels/{channel}/conflicts
        record,     ///< /api/channels/{channel}/records/{key}
    };

    Kind kind = Kind::realtime;
    std::string channel;
    std::string key;

    /// Methods that it takes, as in `Allow`.
    std::string_view methods() const;
    bool takes(std::string_view method) const;
};

/// Nothing for a path that is no such. Names are whatever the percent-encoding says, slashes too.
std::optional<ApiRoute> apiRouteOf(const wire::HttpRequest& request);

}  // namespace syncline::gateway
