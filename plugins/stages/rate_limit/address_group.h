// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace syncline::rate_limit {

/// What of a peer's address is limited: an IPv4 address whole (also one written as IPv6), of an
/// IPv6 address the network of 64 bits, in which everybody can take as many addresses as they like.
/// A text that is no address stands for itself.
std::string addressGroup(std::string_view address);

}  // namespace syncline::rate_limit
