// SPDX-License-Identifier: Apache-2.0
#include "gateway/tickets.h"

#include <utility>

namespace syncline::gateway {

namespace {

constexpr std::size_t kTicketBytes = 24;

}  // namespace

core::Result<std::string> Tickets::issue(TicketHolder holder) {
    std::string ticket = core::randomHex(random_, kTicketBytes);
    const std::int64_t nowMs = clock_.steadyMs();
    const std::lock_guard lock(mutex_);
    dropOld(nowMs);
    if (issued_.size() >= settings_.ticketsMax) {
        core::Error error = core::Error::of(core::Code::busy, "too many tickets wait to be used");
        error.retryAfterMs = static_cast<std::uint32_t>(settings_.ticketLifeMs);
        return core::fail(std::move(error));
    }
    const std::int64_t endsMs = nowMs + settings_.ticketLifeMs;
    issued_.emplace(ticket, Issued{std::move(holder), endsMs});
    byEnd_.emplace(endsMs, ticket);
    return ticket;
}

std::optional<TicketHolder> Tickets::use(const std::string& ticket) {
    const std::int64_t nowMs = clock_.steadyMs();
    const std::lock_guard lock(mutex_);
    dropOld(nowMs);
    auto found = issued_.extract(ticket);
    if (found.empty()) return std::nullopt;
    return std::move(found.mapped().holder);
}

void Tickets::dropOld(std::int64_t nowMs) {
    while (!byEnd_.empty() && byEnd_.begin()->first <= nowMs) {
        issued_.erase(byEnd_.begin()->second);
        byEnd_.erase(byEnd_.begin());
    }
}

}  // namespace syncline::gateway
