// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

namespace syncline::net {

/// What a descriptor is watched for, and what it is ready for. `broken` (error or hang-up) is
/// always watched.
struct Readiness {
    bool readable = false;
    bool writable = false;
    bool broken = false;
    bool operator==(const Readiness&) const = default;
};

/// Something with a descriptor that a poller watches. [the poller's thread]
class Pollable {
public:
    virtual void onReady(Readiness ready) = 0;

protected:
    ~Pollable() = default;
};

/// Waits for descriptors: the one place that knows which system call does it. Owned by a reactor;
/// [the reactor's thread] except wake().
class Poller {
public:
    virtual ~Poller() = default;

    /// Watches `descriptor` until remove(). False when the system has no room for it. `pollable`
    /// must live until the end of the wait() during or before which it was removed.
    [[nodiscard]] virtual bool add(int descriptor, Readiness interest, Pollable& pollable) = 0;
    virtual void modify(int descriptor, Readiness interest, Pollable& pollable) = 0;
    virtual void remove(int descriptor) = 0;

    /// Sleeps until something is ready, wake() is called or `timeoutMs` have passed.
    virtual void wait(int timeoutMs) = 0;

    /// Calls onReady() of all that the last wait() found, in its order; answers how many.
    virtual int dispatch() = 0;

    /// Ends the current or the next wait(). Never blocks. [any thread]
    virtual void wake() = 0;
};

}  // namespace syncline::net
