// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "result.h"

namespace syncline::sqlite {

/// Before files of an older version are brought to this one: copies both beside them, as
/// `<path>.version-N` and `<path>.version-N.commits`, which are a storage of their own. Files of
/// this version, and those that are not there yet, need no copy; of a newer one are refused. Only
/// while nobody has the files open.
Result<void> keepOlderVersion(const std::string& path, const std::string& journalPath,
                              const std::function<void(const std::string& line)>& log);

}  // namespace syncline::sqlite
