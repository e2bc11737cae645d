// SPDX-License-Identifier: Apache-2.0
#include "settings/environment.h"

#include <cstdlib>

namespace syncline::settings {

std::optional<std::string> ProcessEnvironment::find(const std::string& name) const {
    const char* value = std::getenv(name.c_str());
    if (value == nullptr) return std::nullopt;
    return std::string(value);
}

std::optional<std::string> FixedEnvironment::find(const std::string& name) const {
    const auto found = variables_.find(name);
    if (found == variables_.end()) return std::nullopt;
    return found->second;
}

}  // namespace syncline::settings
