// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "result.h"

namespace syncline::sqlite {

/// Held by the one process that uses a storage. The kernel gives it up when the process ends,
/// however it ends, so a lock is never stale; the file itself stays.
class LockFile {
public:
    /// Refused at once, never waited for.
    static Result<LockFile> acquire(const std::string& path);
    ~LockFile();
    LockFile(LockFile&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    LockFile& operator=(LockFile&&) = delete;

private:
    explicit LockFile(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

}  // namespace syncline::sqlite
