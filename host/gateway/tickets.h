// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "core/clock.h"
#include "core/ids.h"
#include "core/result.h"
#include "gateway/gateway_settings.h"
#include "json/value.h"

namespace syncline::gateway {

/// Who holds a ticket: verified when it was given out.
struct TicketHolder {
    std::string client;
    json::Value principal;
};

/// One-time tickets: a browser's EventSource can send no header, and a token must not stand in a
/// URL, which logs keep. A ticket may, because it is worth nothing once it was used, or a little
/// later. One per server; locked, because the request that shows it may come to another shard.
/// [any thread]
class Tickets {
public:
    Tickets(const ApiSettings& settings, const core::Clock& clock, core::Random& random)
        : settings_(settings), clock_(clock), random_(random) {}

    /// Error: busy when too many wait to be used.
    core::Result<std::string> issue(TicketHolder holder);

    /// Nothing when there is no such ticket, or no more.
    std::optional<TicketHolder> use(const std::string& ticket);

private:
    struct Issued {
        TicketHolder holder;
        std::int64_t endsMs = 0;
    };

    void dropOld(std::int64_t nowMs);

    const ApiSettings& settings_;
    const core::Clock& clock_;
    core::Random& random_;
    std::mutex mutex_;
    std::unordered_map<std::string, Issued> issued_;
    std::multimap<std::int64_t, std::string> byEnd_;
};

}  // namespace syncline::gateway
