// SPDX-License-Identifier: Apache-2.0
#include "upgrade.h"

#include <algorithm>
#include <filesystem>

#include "backup.h"
#include "schema.h"

namespace syncline::sqlite {
namespace {

bool isOlder(std::int64_t version, const FileKind& kind) {
    return version != 0 && version < kind.version();
}

/// A name that is free: a process that was killed may have left a copy, and no copy replaces one.
std::string freeName(const std::string& path, std::int64_t version) {
    const std::string name = path + ".version-" + std::to_string(version);
    std::error_code problem;
    std::string free = name;
    for (int again = 2; std::filesystem::exists(free, problem); ++again) {
        free = name + "-" + std::to_string(again);
    }
    return free;
}

}  // namespace

Result<void> keepOlderVersion(const std::string& path, const std::string& journalPath,
                              const std::function<void(const std::string& line)>& log) {
    const auto folded = versionOf(path, foldedFile);
    if (!folded) return fail(folded.error());
    const auto journal = versionOf(journalPath, journalFile);
    if (!journal) return fail(journal.error());
    if (!isOlder(*folded, foldedFile) && !isOlder(*journal, journalFile)) return {};
    const std::string copy = freeName(path, std::max(*folded, *journal));
    // With the second name in its place the copy is whole.
    if (*journal != 0) {
        if (auto done = copyFile(journalPath, copy + ".commits"); !done) return done;
    }
    if (*folded != 0) {
        if (auto done = copyFile(path, copy); !done) return done;
    }
    log("the files are brought from version " + std::to_string(*folded) + " to " +
        std::to_string(foldedFile.version()) + "; what they were is kept as " + copy);
    return {};
}

}  // namespace syncline::sqlite
