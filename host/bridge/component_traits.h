// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace syncline::bridge {

/// What the composition root tells the bridge of one component instance: its names, what its
/// manifest declares, and its limits.
struct ComponentTraits {
    std::string plugin;     ///< id of the plugin
    std::string component;  ///< name of the component
    std::string instance;   ///< what logs, metrics and the watchdog call it; unique

    bool blocking = false;           ///< its functions may wait: they run on a pool of its own
    bool asksAlways = false;         ///< a strategy that is asked for every op
    bool opensSession = false;       ///< a handler that may open sessions
    bool carriesOps = false;         ///< a handler that may submit ops
    bool carriesBatches = false;     ///< a handler that may submit batches
    bool resolvesConflicts = false;  ///< a handler that may resolve conflicts
    bool subscribes = false;         ///< a handler that may subscribe
    bool readsSnapshot = false;      ///< a handler that may read snapshots
    bool readsHistory = false;       ///< a handler that may read the log

    std::size_t concurrencyMax = 8;    ///< calls on its pool at once
    std::size_t queueMax = 64;         ///< calls that wait for one of these
    std::int64_t decideUsMax = 5'000;  ///< a strategy that takes longer is named in the log
};

}  // namespace syncline::bridge
