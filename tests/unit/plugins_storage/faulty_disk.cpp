// SPDX-License-Identifier: Apache-2.0
#include "faulty_disk.h"

#include <sqlite3.h>

#include <new>

namespace syncline::test {
namespace {

/// What SQLite holds for an open file: our head, and behind it the real one.
struct File {
    sqlite3_file base;
    std::string* path;
    sqlite3_file* real;
};

sqlite3_vfs* realVfs = nullptr;
FaultyDisk* disk = nullptr;

File& of(sqlite3_file* file) {
    return *reinterpret_cast<File*>(file);
}
sqlite3_file* real(sqlite3_file* file) {
    return of(file).real;
}
const sqlite3_io_methods& methods(sqlite3_file* file) {
    return *real(file)->pMethods;
}

int onClose(sqlite3_file* file) {
    const int result = methods(file).xClose(real(file));
    delete of(file).path;
    return result;
}

int onWrite(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
    if (const int code = disk->writeResult(*of(file).path); code != SQLITE_OK) return code;
    return methods(file).xWrite(real(file), bytes, size, at);
}

int onSync(sqlite3_file* file, int flags) {
    if (const int code = disk->syncResult(*of(file).path); code != SQLITE_OK) return code;
    return methods(file).xSync(real(file), flags);
}

const sqlite3_io_methods ioMethods = {
    3,
    &onClose,
    [](sqlite3_file* f, void* to, int size, sqlite3_int64 at) {
        return methods(f).xRead(real(f), to, size, at);
    },
    &onWrite,
    [](sqlite3_file* f, sqlite3_int64 size) { return methods(f).xTruncate(real(f), size); },
    &onSync,
    [](sqlite3_file* f, sqlite3_int64* size) { return methods(f).xFileSize(real(f), size); },
    [](sqlite3_file* f, int lock) { return methods(f).xLock(real(f), lock); },
    [](sqlite3_file* f, int lock) { return methods(f).xUnlock(real(f), lock); },
    [](sqlite3_file* f, int* out) { return methods(f).xCheckReservedLock(real(f), out); },
    [](sqlite3_file* f, int op, void* arg) { return methods(f).xFileControl(real(f), op, arg); },
    [](sqlite3_file* f) { return methods(f).xSectorSize(real(f)); },
    [](sqlite3_file* f) { return methods(f).xDeviceCharacteristics(real(f)); },
    [](sqlite3_file* f, int page, int size, int extend, void volatile** to) {
        return methods(f).xShmMap(real(f), page, size, extend, to);
    },
    [](sqlite3_file* f, int offset, int n, int flags) {
        return methods(f).xShmLock(real(f), offset, n, flags);
    },
    [](sqlite3_file* f) { methods(f).xShmBarrier(real(f)); },
    [](sqlite3_file* f, int remove) { return methods(f).xShmUnmap(real(f), remove); },
    [](sqlite3_file* f, sqlite3_int64 at, int size, void** to) {
        return methods(f).xFetch(real(f), at, size, to);
    },
    [](sqlite3_file* f, sqlite3_int64 at, void* from) {
        return methods(f).xUnfetch(real(f), at, from);
    }};

int onOpen(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* outFlags) {
    File& mine = *new (file) File{};
    mine.real = reinterpret_cast<sqlite3_file*>(&mine + 1);
    const int result = realVfs->xOpen(realVfs, name, mine.real, flags, outFlags);
    if (mine.real->pMethods == nullptr) return result;
    mine.path = new std::string(name == nullptr ? "" : name);
    mine.base.pMethods = &ioMethods;
    return result;
}

bool endsWith(const std::string& path, const std::string& ending) {
    return !ending.empty() && path.ends_with(ending);
}

}  // namespace

FaultyDisk& FaultyDisk::install() {
    static FaultyDisk instance;
    static sqlite3_vfs vfs = [] {
        disk = &instance;
        realVfs = sqlite3_vfs_find(nullptr);
        sqlite3_vfs mine = *realVfs;
        mine.zName = "faulty";
        mine.szOsFile = static_cast<int>(sizeof(File)) + realVfs->szOsFile;
        mine.xOpen = &onOpen;
        return mine;
    }();
    sqlite3_vfs_register(&vfs, 1);
    return instance;
}

void FaultyDisk::failWrites(const std::string& ending, int code) {
    const std::lock_guard lock(mutex_);
    writeEnding_ = ending;
    writeCode_ = code;
}

void FaultyDisk::failSyncs(const std::string& ending, int code, int times) {
    const std::lock_guard lock(mutex_);
    syncEnding_ = ending;
    syncCode_ = code;
    syncsLeft_ = times;
}

void FaultyDisk::heal() {
    const std::lock_guard lock(mutex_);
    writeEnding_.clear();
    syncsLeft_ = 0;
}

int FaultyDisk::writeResult(const std::string& path) const {
    const std::lock_guard lock(mutex_);
    return endsWith(path, writeEnding_) ? writeCode_ : SQLITE_OK;
}

int FaultyDisk::syncResult(const std::string& path) {
    const std::lock_guard lock(mutex_);
    if (syncsLeft_ == 0 || !endsWith(path, syncEnding_)) return SQLITE_OK;
    --syncsLeft_;
    return syncCode_;
}

}  // namespace syncline::test
