// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/task.h"

namespace syncline::core {

/// A thread that runs tasks one after another, in the order in which each poster posted them.
class Executor {
public:
    virtual ~Executor() = default;

    /// Runs `task` later on this executor's thread. Answers false, and drops the task, when the
    /// inbox is at its limit: the caller says `busy`. [any thread]
    [[nodiscard]] virtual bool post(Task task) = 0;

    /// The same for the answer to work that was already counted when it was asked for: never
    /// refused, because dropping it would lose an outcome. [any thread]
    virtual void postAlways(Task task) = 0;

    /// Whether the caller runs on this executor's thread. [any thread]
    virtual bool isCurrent() const = 0;
};

}  // namespace syncline::core
