// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <utility>

#include "bridge/instance.h"
#include "bridge/plugin_error.h"
#include "bridge/running_call.h"
#include "core/result.h"
#include "session/session.h"

namespace syncline::bridge {

/// Fails a plugin's question, as one that the contract forbids.
inline syncline_status forbid(Instance& instance, const char* why, syncline_error* error) noexcept {
    instance.conduct().misbehaved(why);
    fillError(error, core::Error{core::Code::pluginFailed, why, false, 0, {}});
    return SYNCLINE_FAILED;
}

/// Runs `ask(running, session)` for a [shard] function of the host, if the plugin may ask now:
/// within its own function for that call, on the shard, with what its manifest declares.
template <class Ask>
syncline_status asking(const syncline_host* host, syncline_call call, bool declared,
                       syncline_error* error, Ask&& ask) noexcept {
    Instance& instance = Instance::of(host);
    if (!declared) return forbid(instance, "its manifest does not declare this", error);
    RunningCall* running = RunningCall::current(host, call);
    if (running == nullptr || instance.traits().blocking) {
        return forbid(instance, "the host was asked outside of the call's function on its shard",
                      error);
    }
    session::Session* session = running->session();
    if (session == nullptr) {
        fillError(error, core::Error::of(core::Code::internal, "the sender has gone"));
        return SYNCLINE_FAILED;
    }
    core::Result<void> begun = std::forward<Ask>(ask)(*running, *session);
    if (begun) return SYNCLINE_OK;
    fillError(error, begun.error());
    return SYNCLINE_FAILED;
}

/// The same for questions whose answer ends the call, or comes back to it: one per function.
template <class Ask>
syncline_status askingOnce(const syncline_host* host, syncline_call call, bool declared,
                           syncline_error* error, Ask&& ask) noexcept {
    RunningCall* running = RunningCall::current(host, call);
    if (running != nullptr && !running->mayAsk()) {
        return forbid(Instance::of(host), "a second question, or one after the call's end", error);
    }
    const syncline_status status = asking(host, call, declared, error, std::forward<Ask>(ask));
    if (status == SYNCLINE_OK) running->asked();
    return status;
}

/// Why a required argument cannot be used.
inline core::Result<void> missingArgument(const char* what) {
    return core::fail(core::Code::badField, what);
}

}  // namespace syncline::bridge
