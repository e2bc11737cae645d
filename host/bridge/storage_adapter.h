// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/instance.h"
#include "channel/storage.h"

namespace syncline::bridge {

/// A storage plugin as the channel layer's storage. Owned by the server, like its instance, which
/// it borrows. Each call may block: commit comes from one writer thread, the rest from a pool.
class StorageAdapter final : public channel::Storage {
public:
    /// The instance has been created.
    explicit StorageAdapter(Instance& instance) : instance_(instance) {}

    channel::CommitStatus commit(std::span<channel::Append> appends, core::Error& error) override;
    core::Result<channel::StoredChannel> load(std::string_view channel) override;
    core::Result<std::vector<channel::StoredEntry>> readLog(std::string_view channel,
                                                            std::uint64_t firstSeq,
                                                            std::uint64_t lastSeq) override;
    core::Result<void> checkpoint(const channel::Checkpoint& checkpoint) override;
    core::Result<void> trim(std::string_view channel, std::uint64_t belowIndex) override;
    core::Result<std::vector<std::string>> list() override;
    core::Result<void> drop(std::string_view channel) override;
    core::Result<void> backup(std::string_view path) override;
    bool wasClean() override;

private:
    const syncline_storage_backend& functions() const {
        return instance_.functions<syncline_storage_backend>();
    }

    /// Runs one function of the backend. `ask(error)` answers its status.
    template <class Ask>
    core::Result<void> call(const char* function, Ask&& ask);

    Instance& instance_;
};

}  // namespace syncline::bridge
