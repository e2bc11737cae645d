// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>

namespace syncline::bridge {

/// Which function of which plugin a shard is in, for the watchdog that finds the shard standing
/// still. Two relaxed stores on each side of a call: a reader may see the halves of two calls,
/// which on a shard that stands still it does not. Written by its shard; read by any thread.
class CallMarker {
public:
    /// Both live as long as the process does; null: in no plugin.
    struct Place {
        const char* instance = nullptr;
        const char* function = nullptr;
    };

    void set(Place place) noexcept {
        instance_.store(place.instance, std::memory_order_relaxed);
        function_.store(place.function, std::memory_order_relaxed);
    }

    Place get() const noexcept {
        return {instance_.load(std::memory_order_relaxed),
                function_.load(std::memory_order_relaxed)};
    }

private:
    std::atomic<const char*> instance_{nullptr};
    std::atomic<const char*> function_{nullptr};
};

}  // namespace syncline::bridge
