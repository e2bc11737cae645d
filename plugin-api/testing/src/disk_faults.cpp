// SPDX-License-Identifier: Apache-2.0
#include "syncline/testing/disk_faults.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <vector>

namespace syncline::conformance {
namespace {

enum Kind { unsyncedFolder, killing, tearing, full, readOnlyFolder };

/// What is under way. Kept to the end: a thread of a backend may still be looking at it.
struct Fault {
    std::string folder;
    std::uint64_t point;
    Kind kind;
    std::atomic<std::uint64_t> changes{0};
    std::atomic<bool> struck{false};
};

std::atomic<Fault*> current{nullptr};

bool isBeneath(const Fault& fault, const char* path) {
    if (path == nullptr) return false;
    const std::string_view whole = path;
    return whole.starts_with(fault.folder) &&
           (whole.size() == fault.folder.size() || whole[fault.folder.size()] == '/');
}

/// The fault that concerns an open file, if there is one.
Fault* faultOf(int descriptor) {
    Fault* fault = current.load(std::memory_order_acquire);
    if (fault == nullptr) return nullptr;
    std::array<char, 4096> path{};
    const std::string link = "/proc/self/fd/" + std::to_string(descriptor);
    const ::ssize_t size = ::readlink(link.c_str(), path.data(), path.size() - 1);
    return size > 0 && isBeneath(*fault, path.data()) ? fault : nullptr;
}

Fault* faultOf(const char* path) {
    Fault* fault = current.load(std::memory_order_acquire);
    return fault != nullptr && isBeneath(*fault, path) ? fault : nullptr;
}

[[noreturn]] void die() {
    ::kill(::getpid(), SIGKILL);
    for (;;) ::pause();
}

enum class Verdict { go, tear, refuse };

/// What becomes of the next change. `grows`: it needs space.
Verdict next(Fault* fault, bool grows) {
    if (fault == nullptr) return Verdict::go;
    const std::uint64_t number = fault->changes.fetch_add(1) + 1;
    if (fault->kind == unsyncedFolder) return Verdict::go;
    if (fault->kind != readOnlyFolder && number < fault->point) return Verdict::go;
    if (fault->kind == full && !grows) return Verdict::go;
    fault->struck = true;
    if (fault->kind == killing) die();
    if (fault->kind == tearing) return Verdict::tear;
    errno = fault->kind == full ? ENOSPC : EROFS;
    return Verdict::refuse;
}

template <class Function>
Function* real(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

/// A change that cannot be torn: dying instead of it comes to the same.
template <class Answer, class Change>
Answer whole(Fault* fault, bool grows, Answer refused, Change&& change) {
    switch (next(fault, grows)) {
        case Verdict::tear:
            die();
        case Verdict::refuse:
            return refused;
        case Verdict::go:
            break;
    }
    return change();
}

/// `change(size)` writes as much of it.
template <class Change>
::ssize_t writing(int descriptor, std::size_t size, Change&& change) {
    switch (next(faultOf(descriptor), true)) {
        case Verdict::tear:
            static_cast<void>(change(size / 2));
            die();
        case Verdict::refuse:
            return -1;
        case Verdict::go:
            break;
    }
    return change(size);
}

int syncing(int descriptor, const char* name) {
    Fault* fault = faultOf(descriptor);
    return whole(fault, false, -1, [&] {
        // What a process wrote outlives it without that.
        if (fault != nullptr) return 0;
        return real<int(int)>(name)(descriptor);
    });
}

}  // namespace

DiskFaults::DiskFaults(const std::string& folder, std::uint64_t point, int kind) {
    static std::vector<std::unique_ptr<Fault>> all;
    all.emplace_back(new Fault{
        std::filesystem::canonical(folder).string(), point, static_cast<Kind>(kind), {}, {}});
    current = all.back().get();
}

DiskFaults::~DiskFaults() {
    current = nullptr;
}

DiskFaults DiskFaults::killAt(const std::string& folder, std::uint64_t point) {
    return DiskFaults(folder, point, killing);
}
DiskFaults DiskFaults::tearAt(const std::string& folder, std::uint64_t point) {
    return DiskFaults(folder, point, tearing);
}
DiskFaults DiskFaults::fullFrom(const std::string& folder, std::uint64_t point) {
    return DiskFaults(folder, point, full);
}
DiskFaults DiskFaults::readOnly(const std::string& folder) {
    return DiskFaults(folder, 0, readOnlyFolder);
}
DiskFaults DiskFaults::unsynced(const std::string& folder) {
    return DiskFaults(folder, 0, unsyncedFolder);
}

std::uint64_t DiskFaults::changes() const {
    return current.load()->changes;
}

bool DiskFaults::struck() const {
    return current.load()->struck;
}

int refusalOfOpening(const char* path, int flags) {
    Fault* fault = faultOf(path);
    const bool writes = (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC)) != 0;
    if (fault == nullptr || !writes) return 0;
    if (fault->kind == readOnlyFolder) {
        fault->struck = true;
        return EROFS;
    }
    struct stat known = {};
    const bool creates = (flags & O_CREAT) != 0 && ::lstat(path, &known) != 0;
    const bool cuts = (flags & O_TRUNC) != 0 && !creates;
    if (!creates && !cuts) return 0;
    return whole(fault, creates, ENOSPC, [] { return 0; });
}

int refusalOfRemoving(const char* path) {
    return whole(faultOf(path), false, EROFS, [] { return 0; });
}

}  // namespace syncline::conformance

// A definition in the program comes before that of the C library, for the plugins too.
extern "C" {

using namespace syncline::conformance;

ssize_t write(int descriptor, const void* bytes, size_t size) {
    return writing(descriptor, size, [&](std::size_t part) {
        return real<ssize_t(int, const void*, size_t)>("write")(descriptor, bytes, part);
    });
}

ssize_t pwrite(int descriptor, const void* bytes, size_t size, off_t at) {
    return writing(descriptor, size, [&](std::size_t part) {
        return real<ssize_t(int, const void*, size_t, off_t)>("pwrite")(descriptor, bytes, part,
                                                                        at);
    });
}

ssize_t pwrite64(int descriptor, const void* bytes, size_t size, off64_t at) {
    return writing(descriptor, size, [&](std::size_t part) {
        return real<ssize_t(int, const void*, size_t, off64_t)>("pwrite64")(descriptor, bytes, part,
                                                                            at);
    });
}

ssize_t writev(int descriptor, const struct iovec* parts, int count) {
    return whole(faultOf(descriptor), true, ssize_t{-1}, [&] {
        return real<ssize_t(int, const struct iovec*, int)>("writev")(descriptor, parts, count);
    });
}

size_t fwrite(const void* bytes, size_t size, size_t count, FILE* file) {
    return whole(faultOf(::fileno(file)), true, size_t{0}, [&] {
        return real<size_t(const void*, size_t, size_t, FILE*)>("fwrite")(bytes, size, count, file);
    });
}

int fsync(int descriptor) {
    return syncing(descriptor, "fsync");
}

int fdatasync(int descriptor) {
    return syncing(descriptor, "fdatasync");
}

int ftruncate(int descriptor, off_t size) noexcept {
    return whole(faultOf(descriptor), false, -1,
                 [&] { return real<int(int, off_t)>("ftruncate")(descriptor, size); });
}

int ftruncate64(int descriptor, off64_t size) noexcept {
    return whole(faultOf(descriptor), false, -1,
                 [&] { return real<int(int, off64_t)>("ftruncate64")(descriptor, size); });
}

int fallocate(int descriptor, int mode, off_t at, off_t size) {
    return whole(faultOf(descriptor), true, -1, [&] {
        return real<int(int, int, off_t, off_t)>("fallocate")(descriptor, mode, at, size);
    });
}

int rename(const char* from, const char* to) noexcept {
    return whole(faultOf(to), false, -1,
                 [&] { return real<int(const char*, const char*)>("rename")(from, to); });
}

int remove(const char* path) noexcept {
    return whole(faultOf(path), false, -1, [&] { return real<int(const char*)>("remove")(path); });
}
}  // extern "C"
