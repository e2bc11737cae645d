// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spdlog/logger.h>

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "channel/storage.h"
#include "core/clock.h"
#include "core/result.h"
#include "core/shard.h"
#include "core/worker_pool.h"
#include "json/value.h"

namespace syncline::app {

/// What a copy of that storage is called: it sorts by time, and needs no quotes in a shell.
std::string backupFileName(const std::string& storage, std::int64_t wallMs);

/// Has storages write copies of themselves into one folder while the server goes on, one copy at a
/// time. Owned by the server, which destroys it before the storages; asked on any shard. The
/// storage writes on a thread of this object's own.
class Backups {
public:
    using Storages = std::map<std::string, channel::Storage*>;
    using Answer = core::UniqueFunction<void(core::Result<json::Value>)>;

    /// `folder` is made when the first copy is asked for; empty: none are written.
    Backups(std::string folder, Storages storages, const core::Clock& clock,
            std::shared_ptr<spdlog::logger> log);
    Backups(const Backups&) = delete;
    Backups& operator=(const Backups&) = delete;

    /// Answers {storage,file,bytes} on `from`, once the copy is whole. [from]
    void write(core::Shard& from, const std::string& storage, Answer answer);

private:
    core::Result<json::Value> copy(const std::string& name, channel::Storage& storage) const;

    const std::string folder_;
    const Storages storages_;
    const core::Clock& clock_;
    const std::shared_ptr<spdlog::logger> log_;  ///< shared: spdlog hands loggers out that way
    std::atomic<bool> writing_{false};
    core::WorkerPool thread_{1, 1};  ///< last: it uses the others until its end
};

}  // namespace syncline::app
