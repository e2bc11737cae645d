// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

#include "core/clock.h"
#include "core/executor.h"
#include "core/timer_wheel.h"

namespace syncline::core {

/// One of the server's N single-threaded workers, as the layers above the event loop see it.
/// The event loop in `net` is one; tests drive one by hand.
///
/// A tick is: read sockets and run what arrived, drain the inbox, run due timers, run the tick-end
/// hooks, write out. [every member but post, postAlways and isCurrent: this shard's thread]
class Shard : public Executor {
public:
    virtual std::size_t index() const = 0;

    virtual const Clock& clock() const = 0;

    /// Monotonic milliseconds as of the start of this tick: free to read.
    virtual std::int64_t nowMs() const = 0;

    virtual TimerWheel& timers() = 0;

    /// Runs `hook` once at the end of the current tick, before sockets are written. What was
    /// gathered during the tick (commits, broadcasts) is handed over there. A hook may add hooks;
    /// they run in the same tick.
    virtual void atTickEnd(Task hook) = 0;
};

}  // namespace syncline::core
