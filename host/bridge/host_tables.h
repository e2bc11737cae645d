// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <span>
#include <string_view>

namespace syncline::bridge {

/// A table that this host lends, as a manifest names it.
struct OfferedTable {
    std::string_view id;  ///< "draft.value/1"
    unsigned minor;
    const void* table;
};

/// All of them. Their functions never throw, and answer a zero to a plugin that misuses them.
std::span<const OfferedTable> offeredTables() noexcept;

/// `syncline_host::table`.
const void* findTable(const syncline_host* host, const char* id) noexcept;

// One source each: what the tables are.
extern const syncline_value_table kValueTable;
extern const syncline_builder_table kBuilderTable;
extern const syncline_log_table kLogTable;
extern const syncline_clock_table kClockTable;
extern const syncline_random_table kRandomTable;
extern const syncline_metrics_table kMetricsTable;
extern const syncline_health_table kHealthTable;
extern const syncline_call_table kCallTable;
extern const syncline_auth_table kAuthTable;
extern const syncline_session_table kSessionTable;
extern const syncline_channel_table kChannelTable;
extern const syncline_broadcast_table kBroadcastTable;

}  // namespace syncline::bridge
