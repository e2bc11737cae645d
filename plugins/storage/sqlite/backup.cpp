// SPDX-License-Identifier: Apache-2.0
#include "backup.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "folded_store.h"

namespace syncline::sqlite {
namespace {

Result<void> copyPages(Connection& source, Connection& copy) {
    sqlite3_backup* backup = sqlite3_backup_init(copy.handle(), "main", source.handle(), "main");
    if (backup == nullptr) return fail(copy.failure("beginning the backup"));
    const int step = sqlite3_backup_step(backup, -1);
    const int end = sqlite3_backup_finish(backup);
    // The end knows of errors alone: a lock that was held is none, and nothing was copied.
    if (end != SQLITE_OK) return fail(copy.failure("copying"));
    if (step != SQLITE_DONE) return fail(describe(step, source.path(), "copying", {}));
    return {};
}

Result<void> markAsCopy(Connection& copy) {
    // The mode of the write-ahead log would ask for two more files beside the copy.
    if (auto mode = copy.ask("PRAGMA journal_mode=DELETE"); !mode) return fail(mode.error());
    auto state = readState(copy);
    if (!state) return fail(state.error());
    auto id = copy.ask("SELECT lower(hex(randomblob(16)))");
    if (!id) return fail(id.error());
    return writeState(copy, {std::move(*id), state->foldedUpto, Ending::copied});
}

// The name of a file is to outlive a loss of power as the file does. Not every file system syncs
// folders; one that does not says EINVAL.
Result<void> syncFolder(const std::filesystem::path& folder) {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const bool synced = descriptor >= 0 && (::fsync(descriptor) == 0 || errno == EINVAL);
    const std::error_code problem(errno, std::generic_category());
    if (descriptor >= 0) ::close(descriptor);
    if (synced) return {};
    return fail(folder.string() + ": syncing failed: " + problem.message());
}

}  // namespace

Result<void> copyFile(const std::string& from, const std::string& to) {
    std::error_code problem;
    const std::string partial = to + ".partial";
    std::filesystem::remove(partial, problem);
    {
        auto source = Connection::open(from, Connection::Access::existing);
        if (!source) return fail(source.error());
        auto copy = Connection::open(partial, Connection::Access::create);
        if (!copy) return fail(copy.error());
        if (auto done = copyPages(**source, **copy); !done) return done;
        auto mode = (*copy)->ask("PRAGMA journal_mode=DELETE");
        if (!mode) return fail(mode.error());
    }
    std::filesystem::rename(partial, to, problem);
    if (problem) return fail(to + ": renaming failed: " + problem.message());
    return syncFolder(std::filesystem::path(to).parent_path());
}

Result<void> writeBackup(Connection& source, const std::string& path) {
    std::error_code problem;
    const std::filesystem::path target = std::filesystem::absolute(path, problem);
    if (std::filesystem::exists(target, problem)) {
        return fail(target.string() + ": exists: a backup never replaces a file");
    }
    const std::filesystem::path partial = target.string() + ".partial";
    std::filesystem::remove(partial, problem);
    auto written = [&]() -> Result<void> {
        auto copy = Connection::open(partial.string(), Connection::Access::create);
        if (!copy) return fail(copy.error());
        if (auto done = copyPages(source, **copy); !done) return done;
        return markAsCopy(**copy);
    }();
    if (written) {
        std::filesystem::rename(partial, target, problem);
        if (problem) written = fail(target.string() + ": renaming failed: " + problem.message());
    }
    if (!written) {
        std::filesystem::remove(partial, problem);
        return written;
    }
    written = syncFolder(target.parent_path());
    if (!written) std::filesystem::remove(target, problem);
    return written;
}

}  // namespace syncline::sqlite
