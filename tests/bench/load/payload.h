// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace syncline::bench {

/// `@` and 19 digits, then padding: what a payload begins with.
std::string stamped(std::uint64_t number, std::size_t bytes);

/// The number in the first such payload of a message. Throws std::runtime_error without one.
std::uint64_t stampIn(std::string_view message);

}  // namespace syncline::bench
