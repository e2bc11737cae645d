// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "core/error.h"
#include "pipeline/call.h"

namespace syncline::session {

/// The text of an answer of a channel for a sender who may write and not read: a verdict, or a
/// message with verdicts as its `results`, without what others wrote and what tells of it.
std::string concealed(std::string_view body);

/// Whether the verdict of a message that a stage has refused is to be concealed. It may be one of
/// long ago, when its sender still had the right that is missing now.
inline bool conceals(const pipeline::Call& call, const core::Error& error) {
    return call.conceals || error.code == core::Code::forbidden;
}

}  // namespace syncline::session
