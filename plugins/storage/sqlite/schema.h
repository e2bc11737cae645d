// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <span>
#include <string>

#include "connection.h"
#include "settings.h"

namespace syncline::sqlite {

/// A kind of file: who may read it, and how its tables came to be. Step n leads from version n to
/// n + 1; the steps of a released version never change.
struct FileKind {
    const char* title;
    std::int32_t applicationId;
    std::span<const char* const> steps;
    std::int64_t cacheKiB;
    std::int64_t pageBytes;  ///< of a new file

    std::int64_t version() const { return static_cast<std::int64_t>(steps.size()); }
};

extern const FileKind foldedFile;   ///< records, streams, checkpoints, log segments
extern const FileKind journalFile;  ///< commits that are not folded yet

/// Refuses a file that is not empty and no SQLite database. Only while this process has not opened
/// it with SQLite: closing it here would give up SQLite's locks.
Result<void> checkHeader(const std::string& path);

/// The version that a file has; 0 for one that is not there yet. Refuses another application's and
/// a newer version's. Changes nothing.
Result<std::int64_t> versionOf(const std::string& path, const FileKind& kind);

/// Opens a file for writing: refuses another application's and a newer version's, creates or
/// migrates the tables in one transaction, and sets the durability.
Result<std::unique_ptr<Connection>> openFile(const std::string& path, const FileKind& kind,
                                             Durability durability);

/// Reads the whole file through, its indexes against its tables; fails with the first thing that is
/// wrong.
Result<void> checkIntegrity(Connection& db);

}  // namespace syncline::sqlite
