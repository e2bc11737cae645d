// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "bridge/conduct.h"
#include "bridge/packed_call.h"
#include "bridge/runtime.h"
#include "core/error.h"
#include "json/value.h"
#include "pipeline/stage.h"

namespace syncline::bridge {

/// A call as seen from anywhere but its shard's stack: from a pool, from a thread of a plugin's
/// own, or from a stage that has returned. Everything is posted to the shard, where it is found out
/// whether the call still waits for this very stage; what comes too late, or twice, is dropped and
/// held against the instance. Holds nothing that a retired generation takes with it. [any thread]
class FarCall {
public:
    /// `stage` is compared, never called.
    FarCall(Runtime& runtime, PackedCall call, const pipeline::Stage* stage,
            std::shared_ptr<Conduct> conduct);

    /// An answer to the sender; `body` may be absent. Leaves the call as it is.
    void reply(std::string type, std::optional<json::Value> body) const;

    /// What the channel answers to it tells nothing that others wrote.
    void conceal() const;

    /// Ends the call with an error.
    void refuse(core::Error error) const;

    /// Ends the stage, with proceed or stop.
    void complete(pipeline::Outcome outcome) const;

private:
    template <class Step>
    void post(Step step) const;

    /// The call, if it waits for this stage. Else the instance is blamed, and it is null.
    pipeline::Call* waiting(const char* what) const;
    void blame(const char* what) const;

    Runtime* runtime_;
    PackedCall call_;
    const pipeline::Stage* stage_;
    std::shared_ptr<Conduct>
        conduct_;  ///< shared: the instance may go before what was posted comes
};

}  // namespace syncline::bridge
