// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <utility>

namespace syncline::core {

/// Immutable bytes that many connections on several shards send: encoded once, given back when the
/// last of them has sent or dropped them. Shared because no single one of them outlives the rest.
using SharedBytes = std::shared_ptr<const std::string>;

inline SharedBytes share(std::string bytes) {
    return std::make_shared<const std::string>(std::move(bytes));
}

}  // namespace syncline::core
