// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "connection.h"

namespace syncline::sqlite {

/// Copies the snapshot that `source` sees into one file at `path`, which must not exist. The copy
/// needs no journal, has an id of its own, and says of itself that it is a copy.
Result<void> writeBackup(Connection& source, const std::string& path);

/// Copies a file of SQLite's whole, with what its log holds. An unfinished copy has another name.
Result<void> copyFile(const std::string& from, const std::string& to);

}  // namespace syncline::sqlite
