// SPDX-License-Identifier: Apache-2.0
#include "lock_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>

namespace syncline::sqlite {
namespace {

std::string holder(int descriptor) {
    std::array<char, 32> text{};
    const ssize_t size = ::pread(descriptor, text.data(), text.size() - 1, 0);
    return size > 0 ? std::string(text.data(), static_cast<std::size_t>(size)) : "unknown";
}

}  // namespace

Result<LockFile> LockFile::acquire(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
    if (descriptor < 0) {
        return fail(path + ": cannot be created (" + std::generic_category().message(errno) +
                    "): give the server write permission for that folder or choose another `path`");
    }
    LockFile lock(descriptor);
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) {
            return fail(path + ": locking failed: " + std::generic_category().message(errno));
        }
        return fail(path + ": locked by another process (pid " + holder(descriptor) +
                    "): one server at a time uses a storage; stop that one or choose another "
                    "`path`");
    }
    // The number is a courtesy for the message above: a full disk does not make the lock less good.
    const std::string pid = std::to_string(::getpid());
    if (::ftruncate(descriptor, 0) == 0) {
        [[maybe_unused]] const ssize_t written = ::pwrite(descriptor, pid.data(), pid.size(), 0);
    }
    return lock;
}

LockFile::~LockFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace syncline::sqlite
