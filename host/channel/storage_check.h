// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "channel/channel_loading.h"
#include "channel/storage.h"
#include "core/result.h"

namespace syncline::channel {

/// What a storage holds, and what of it cannot be used.
struct StorageFindings {
    std::size_t channels = 0;
    std::size_t records = 0;
    std::size_t entries = 0;         ///< of the kept logs
    std::vector<std::string> wrong;  ///< one reason for each channel that is damaged
};

/// Reads every channel as a server would, and its whole log, whose chain of sums has to end in the
/// channel's. Error: it cannot even be listed. [a thread that may block]
core::Result<StorageFindings> checkStorage(
    Storage& storage, const std::function<LoadSettings(const std::string&)>& settingsFor);

}  // namespace syncline::channel
