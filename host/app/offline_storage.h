// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "app/instance_maker.h"
#include "app/loaded_config.h"
#include "bridge/runtime.h"
#include "bridge/storage_adapter.h"
#include "channel/channel_loading.h"
#include "core/clock.h"
#include "core/ids.h"

namespace syncline::app {

/// One storage of a configuration, open without a server. Made by a command for as long as it runs.
/// A storage that may have lost something still says so when the server starts next: it is only
/// closed in order if it was found in order. [control thread]
class OfflineStorage {
public:
    /// Throws StartFailure when it cannot be opened, for example because a server has it.
    OfflineStorage(LoadedConfig& config, const settings::NamedComponent& storage);
    ~OfflineStorage();
    OfflineStorage(const OfflineStorage&) = delete;
    OfflineStorage& operator=(const OfflineStorage&) = delete;

    channel::Storage& storage() { return adapter_; }
    const std::string& name() const { return name_; }
    std::int64_t nowMs() const { return clock_.wallMs(); }

    /// How a server would load that channel.
    channel::LoadSettings loadSettings(const std::string& channel);

private:
    const std::string name_;
    const std::size_t stampsMax_;
    core::SystemClock clock_;
    core::SystemRandom random_;
    bridge::Runtime runtime_;
    InstanceMaker maker_;
    std::unique_ptr<bridge::Instance> instance_;
    bridge::StorageAdapter adapter_;
    const bool wasClean_;
};

}  // namespace syncline::app
