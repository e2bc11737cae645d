// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "json/value.h"

namespace syncline::simulation {

/// Members of messages that the server wrote; what is absent is 0, empty or false.
inline std::uint64_t numberOf(const json::Value& message, std::string_view name) {
    const json::Value* member = message.find(name);
    return member == nullptr || !member->isNumber()
               ? 0
               : static_cast<std::uint64_t>(member->asNumber());
}
inline std::string_view textOf(const json::Value& message, std::string_view name) {
    const json::Value* member = message.find(name);
    return member == nullptr || !member->isString() ? std::string_view() : member->asString();
}
inline bool boolOf(const json::Value& message, std::string_view name) {
    const json::Value* member = message.find(name);
    return member != nullptr && member->isBool() && member->asBool();
}

}  // namespace syncline::simulation
