// SPDX-License-Identifier: Apache-2.0
#include "app/backups.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <filesystem>
#include <utility>

namespace syncline::app {

std::string backupFileName(const std::string& storage, std::int64_t wallMs) {
    return fmt::format("{}-{:%Y%m%dT%H%M%S}.{:03}Z.backup", storage,
                       fmt::gmtime(static_cast<std::time_t>(wallMs / 1'000)), wallMs % 1'000);
}

Backups::Backups(std::string folder, Storages storages, const core::Clock& clock,
                 std::shared_ptr<spdlog::logger> log)
    : folder_(std::move(folder)),
      storages_(std::move(storages)),
      clock_(clock),
      log_(std::move(log)) {}

void Backups::write(core::Shard& from, const std::string& storage, Answer answer) {
    if (folder_.empty()) {
        return answer(core::fail(core::Code::notConfigured,
                                 "no folder for backups is configured: server.backups"));
    }
    const auto found = storages_.find(storage);
    if (found == storages_.end()) {
        return answer(core::fail(core::Code::badField, "there is no storage of this name"));
    }
    if (writing_.exchange(true)) {
        return answer(core::fail(core::Code::busy, "another backup is being written"));
    }
    // Shared by the job and by this call, which keeps it when there is no thread for the job.
    auto kept = std::make_shared<Answer>(std::move(answer));
    const bool begun = thread_.submit([this, &from, kept, found](bool run) {
        core::Result<json::Value> done =
            run ? copy(found->first, *found->second)
                : core::fail(core::Code::draining, "the server is shutting down");
        // Whoever is answered may ask for the next one.
        writing_ = false;
        from.postAlways([kept, done = std::move(done)]() mutable { (*kept)(std::move(done)); });
    });
    if (begun) return;
    writing_ = false;
    (*kept)(core::fail(core::Code::busy, "there is no thread for a backup"));
}

core::Result<json::Value> Backups::copy(const std::string& name, channel::Storage& storage) const {
    std::error_code problem;
    std::filesystem::create_directories(folder_, problem);
    const auto file = std::filesystem::path(folder_) / backupFileName(name, clock_.wallMs());
    auto written =
        problem ? core::fail(core::Code::storageUnavailable, folder_ + ": " + problem.message())
                : storage.backup(file.string());
    if (!written) {
        log_->error("backing up storage '{}' failed: {}", name, written.error().reason);
        return core::fail(std::move(written.error()));
    }
    const auto bytes = std::filesystem::file_size(file, problem);
    log_->info("storage '{}' was backed up to {} ({} bytes)", name, file.string(), bytes);
    json::Value told = json::Value::object();
    told.set("storage", name);
    told.set("file", file.string());
    told.set("bytes", static_cast<std::uint64_t>(problem ? 0 : bytes));
    return told;
}

}  // namespace syncline::app
