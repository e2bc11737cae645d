// SPDX-License-Identifier: Apache-2.0
#include "bridge/host_tables.h"

#include <array>

namespace syncline::bridge {

namespace {

const std::array<OfferedTable, 12> kTables = {{
    {SYNCLINE_VALUE_TABLE, 0, &kValueTable},
    {SYNCLINE_BUILDER_TABLE, 0, &kBuilderTable},
    {SYNCLINE_LOG_TABLE, 0, &kLogTable},
    {SYNCLINE_CLOCK_TABLE, 0, &kClockTable},
    {SYNCLINE_RANDOM_TABLE, 0, &kRandomTable},
    {SYNCLINE_METRICS_TABLE, 0, &kMetricsTable},
    {SYNCLINE_HEALTH_TABLE, 0, &kHealthTable},
    {SYNCLINE_CALL_TABLE, 2, &kCallTable},
    {SYNCLINE_AUTH_TABLE, 0, &kAuthTable},
    {SYNCLINE_SESSION_TABLE, 1, &kSessionTable},
    {SYNCLINE_CHANNEL_TABLE, 2, &kChannelTable},
    {SYNCLINE_BROADCAST_TABLE, 0, &kBroadcastTable},
}};

}  // namespace

std::span<const OfferedTable> offeredTables() noexcept {
    return kTables;
}

const void* findTable(const syncline_host*, const char* id) noexcept {
    if (id == nullptr) return nullptr;
    for (const OfferedTable& offered : kTables) {
        if (offered.id == id) return offered.table;
    }
    return nullptr;
}

}  // namespace syncline::bridge
