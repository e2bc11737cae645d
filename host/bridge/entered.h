// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>
#include <string>
#include <utility>

#include "bridge/instance.h"
#include "bridge/thread_state.h"

namespace syncline::bridge {

/// Marks that this thread is inside a function of an instance's plugin: for blame, and for the
/// watchdog when the thread is a shard's. Nests.
class Entered {
public:
    /// `function` is a literal.
    Entered(Instance& instance, const char* function) noexcept
        : marker_(instance.runtime().ownsThread() ? threadState.marker : nullptr),
          previous_(std::exchange(threadState.instance, &instance)) {
        threadState.walk = GapWalk();
        if (marker_ == nullptr) return;
        before_ = marker_->get();
        marker_->set({instance.publicName(), function});
    }
    ~Entered() {
        threadState.instance = previous_;
        threadState.walk = GapWalk();
        if (marker_ != nullptr) marker_->set(before_);
    }
    Entered(const Entered&) = delete;
    Entered& operator=(const Entered&) = delete;

private:
    CallMarker* const marker_;
    Instance* const previous_;
    CallMarker::Place before_;
};

/// Runs `function` as the plugin's. The contract forbids exceptions to cross; one that does all the
/// same is held against the instance and answered with `onThrow`.
template <class Result, class Function>
Result callPlugin(Instance& instance, const char* name, Result onThrow, Function&& function) {
    const Entered entered(instance, name);
    try {
        return std::forward<Function>(function)();
    } catch (const std::exception& exception) {
        instance.conduct().misbehaved(std::string(name) + " threw: " + exception.what());
    } catch (...) {
        instance.conduct().misbehaved(std::string(name) + " threw");
    }
    return onThrow;
}

/// The same for functions that answer nothing.
template <class Function>
void callPlugin(Instance& instance, const char* name, Function&& function) {
    callPlugin(instance, name, 0, [&] {
        std::forward<Function>(function)();
        return 0;
    });
}

}  // namespace syncline::bridge
