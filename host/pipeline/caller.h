// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/error.h"
#include "json/value.h"
#include "observe/log_context.h"
#include "pipeline/principal.h"

namespace syncline::pipeline {

struct Call;

/// Who sent a message and gets its answers. Implemented by the session layer, which cancels its
/// calls before it goes. [its shard]
class Caller {
public:
    virtual ~Caller() = default;

    /// Whether it is the session of a client, of which handlers may ask what sessions do.
    virtual bool isClient() const { return true; }

    /// What lines of the log about it say; of the message the caller of this knows more.
    virtual void describe(observe::LogContext& context) const { static_cast<void>(context); }

    /// Null before a session is open.
    virtual const Principal* principal() const = 0;
    virtual std::string_view transport() const = 0;
    virtual std::string_view address() const = 0;

    /// Names the connection behind it for as long as it lasts, unlike any other of this process;
    /// 0: none.
    virtual std::uint64_t connection() const { return 0; }

    /// Sends {"type":type,"re":id,…members of body}. `body` may be null.
    virtual void answer(const Call& call, std::string_view type, const json::Value* body) = 0;

    /// Tells the sender that a stage refused the message, or that the call failed.
    virtual void refuse(Call& call, const core::Error& error) = 0;

    /// The last stage has been called: messages behind this one may run. At most once per call,
    /// and before ended().
    virtual void departed(const Call& call) = 0;

    /// The call is over; its id is dead.
    virtual void ended(const Call& call) = 0;
};

}  // namespace syncline::pipeline
