// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "channel/log_tail.h"

namespace syncline::channel {

/// An `update` with a member more, `before`: for each record that it changed its version before
/// (absent when there was none), and the values that were overwritten, place by place, in the order
/// in which they are put back. A place without `value` held nothing. Of a list, `inserted` is the
/// index of the element that came, `erased` that of the one that went, and `value` what it was.
std::string withOverwritten(std::string_view update,
                            std::span<const LogTail::Overwritten> overwritten);

}  // namespace syncline::channel
