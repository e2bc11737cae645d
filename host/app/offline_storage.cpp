// SPDX-License-Identifier: Apache-2.0
#include "app/offline_storage.h"

#include "observe/log.h"

namespace syncline::app {

namespace {

observe::LogSettings quietLog() {
    observe::LogSettings log;
    log.level = spdlog::level::warn;
    return log;
}

constexpr std::size_t kEpochBytes = 8;
constexpr std::size_t kLogOpsMax = 1'000;
constexpr std::size_t kLogBytesMax = 16U << 20;

}  // namespace

OfflineStorage::OfflineStorage(LoadedConfig& config, const settings::NamedComponent& storage)
    : name_(storage.name),
      stampsMax_(static_cast<std::size_t>(config.settings.limits.stampsMax)),
      runtime_(1, clock_, random_, observe::makeLogger(quietLog())),
      maker_(*config.plugins, runtime_),
      instance_(maker_.make(storage.component, "storage." + storage.name)),
      adapter_(*instance_),
      wasClean_(adapter_.wasClean()) {}

OfflineStorage::~OfflineStorage() {
    if (wasClean_) instance_->drain();
    instance_->destroy();
}

channel::LoadSettings OfflineStorage::loadSettings(const std::string& channel) {
    channel::LoadSettings settings;
    settings.channel = channel;
    settings.freshEpoch = core::randomHex(random_, kEpochBytes);
    settings.renewEpoch = !wasClean_;
    settings.stampsMax = stampsMax_;
    settings.logOpsMax = kLogOpsMax;
    settings.logBytesMax = kLogBytesMax;
    return settings;
}

}  // namespace syncline::app
