// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "channel/entry.h"
#include "channel/stream.h"
#include "core/error.h"

namespace syncline::channel {

/// The answer to an op that has its final verdict: an `ack`, a `conflict` or a settled `error`, as
/// a JSON object without `re`. `duplicate`: the verdict was given before.
std::string verdictReply(std::string_view quotedChannel, std::uint64_t n,
                         const StoredVerdict& verdict, bool duplicate);

/// An `error` without a verdict: `"settled":false`. n 0: the number is not known.
std::string unsettledReply(std::string_view quotedChannel, std::uint64_t n,
                           const core::Error& error);

/// The members of a settled error, as Verdict::extra keeps them.
std::string rejectionMembers(const core::Error& error);

/// The push `update` of an entry that took effect, as a JSON object.
std::string updateText(std::string_view quotedChannel, const Entry& entry);

}  // namespace syncline::channel
