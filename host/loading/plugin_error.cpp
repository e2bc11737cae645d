// SPDX-License-Identifier: Apache-2.0
#include "loading/plugin_error.h"

#include <utility>

namespace syncline::loading {

std::string toString(PluginCode code) {
    return "P" + std::to_string(static_cast<unsigned>(code));
}

PluginError::PluginError(PluginCode code, std::filesystem::path path, const std::string& reason)
    : std::runtime_error("plugin " + path.filename().string() + ": error[" + toString(code) +
                         "]: " + reason),
      code_(code),
      path_(std::move(path)),
      reason_(reason) {}

}  // namespace syncline::loading
