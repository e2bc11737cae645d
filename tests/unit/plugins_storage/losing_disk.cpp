// SPDX-License-Identifier: Apache-2.0
#include "losing_disk.h"

#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <new>

namespace syncline::test {
namespace {

constexpr std::size_t sectorBytes = 512;

/// What SQLite holds for an open file: our head, and behind it the real one.
struct File {
    sqlite3_file base;
    std::string* path;
    sqlite3_file* real;
};

sqlite3_vfs* realVfs = nullptr;
LosingDisk* disk = nullptr;

using Step = LosingDisk::Step;

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
    disk->note({Step::Kind::write, *of(file).path, at,
                std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size))});
    return methods(file).xWrite(real(file), bytes, size, at);
}

int onTruncate(sqlite3_file* file, sqlite3_int64 size) {
    disk->note({Step::Kind::truncate, *of(file).path, size, {}});
    return methods(file).xTruncate(real(file), size);
}

/// Noted when it is over: before that nothing is promised.
int onSync(sqlite3_file* file, int flags) {
    const int result = methods(file).xSync(real(file), flags);
    if (result == SQLITE_OK) disk->note({Step::Kind::sync, *of(file).path, 0, {}});
    return result;
}

const sqlite3_io_methods ioMethods = {
    2,
    &onClose,
    [](sqlite3_file* f, void* to, int size, sqlite3_int64 at) {
        return methods(f).xRead(real(f), to, size, at);
    },
    &onWrite,
    &onTruncate,
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
    nullptr,
    nullptr};

int onOpen(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* outFlags) {
    File& mine = *new (file) File{};
    mine.real = reinterpret_cast<sqlite3_file*>(&mine + 1);
    const int result = realVfs->xOpen(realVfs, name, mine.real, flags, outFlags);
    if (mine.real->pMethods == nullptr) return result;
    mine.path = new std::string(name == nullptr ? "" : name);
    mine.base.pMethods = &ioMethods;
    return result;
}

int onDelete(sqlite3_vfs*, const char* name, int syncFolder) {
    disk->note({Step::Kind::remove, name, 0, {}});
    return realVfs->xDelete(realVfs, name, syncFolder);
}

void apply(const Step& step, std::string& content) {
    const auto at = static_cast<std::size_t>(step.at);
    if (step.kind == Step::Kind::truncate) {
        content.resize(at, '\0');
        return;
    }
    if (content.size() < at + step.bytes.size()) content.resize(at + step.bytes.size(), '\0');
    content.replace(at, step.bytes.size(), step.bytes);
}

/// Some of the sectors of a write, each whole.
void applySectors(const Step& step, std::string& content, std::mt19937& random) {
    for (std::size_t from = 0; from < step.bytes.size();) {
        const std::size_t at = static_cast<std::size_t>(step.at) + from;
        const std::size_t size = std::min(sectorBytes - at % sectorBytes, step.bytes.size() - from);
        if (random() % 2 == 0) {
            apply({Step::Kind::write,
                   {},
                   static_cast<std::int64_t>(at),
                   step.bytes.substr(from, size)},
                  content);
        }
        from += size;
    }
}

/// A file on its way: what is safe, and what was written since.
struct Content {
    std::string safe;
    bool isThere = false;  ///< its name reached the disk
    std::vector<const Step*> pending;

    void sync() {
        for (const Step* step : pending) apply(*step, safe);
        pending.clear();
        isThere = true;
    }

    void lose(LosingDisk::Kept kept, std::mt19937& random) {
        using Kept = LosingDisk::Kept;
        std::size_t left = pending.size();
        if (kept == Kept::nothing) left = 0;
        if (kept == Kept::beginning && left > 0) left = random() % (left + 1);
        for (std::size_t i = 0; i < left; ++i) {
            const bool whole = kept != Kept::some || random() % 2 == 0;
            if (kept == Kept::sectors && pending[i]->kind == Step::Kind::write) {
                applySectors(*pending[i], safe, random);
            } else if (whole) {
                apply(*pending[i], safe);
            } else {
                continue;
            }
            isThere = true;
        }
    }
};

}  // namespace

LosingDisk& LosingDisk::install() {
    static LosingDisk instance;
    static sqlite3_vfs vfs = [] {
        disk = &instance;
        realVfs = sqlite3_vfs_find(nullptr);
        sqlite3_vfs mine = *realVfs;
        mine.zName = "losing";
        mine.szOsFile = static_cast<int>(sizeof(File)) + realVfs->szOsFile;
        mine.xOpen = &onOpen;
        mine.xDelete = &onDelete;
        return mine;
    }();
    sqlite3_vfs_register(&vfs, 1);
    return instance;
}

void LosingDisk::watch(const std::string& folder) {
    const std::lock_guard lock(mutex_);
    folder_ = folder;
    if (!folder.empty()) steps_.clear();
}

void LosingDisk::note(Step step) {
    const std::lock_guard lock(mutex_);
    if (folder_.empty() || !step.file.starts_with(folder_)) return;
    step.file = std::filesystem::path(step.file).filename().string();
    steps_.push_back(std::move(step));
}

void LosingDisk::mark(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    steps_.push_back({Step::Kind::mark, {}, static_cast<std::int64_t>(number), {}});
}

std::size_t LosingDisk::steps() const {
    const std::lock_guard lock(mutex_);
    return steps_.size();
}

bool LosingDisk::isSyncOrMark(std::size_t step) const {
    const std::lock_guard lock(mutex_);
    const Step::Kind kind = steps_[step].kind;
    return kind == Step::Kind::sync || kind == Step::Kind::mark || kind == Step::Kind::remove;
}

std::uint64_t LosingDisk::markBefore(std::size_t step) const {
    const std::lock_guard lock(mutex_);
    for (std::size_t i = step; i-- > 0;) {
        if (steps_[i].kind == Step::Kind::mark) return static_cast<std::uint64_t>(steps_[i].at);
    }
    return 0;
}

std::map<std::string, std::string> LosingDisk::after(std::size_t step, Kept kept,
                                                     std::mt19937& random) const {
    const std::lock_guard lock(mutex_);
    std::map<std::string, Content> contents;
    for (std::size_t i = 0; i < step; ++i) {
        const Step& each = steps_[i];
        switch (each.kind) {
            case Step::Kind::write:
            case Step::Kind::truncate:
                contents[each.file].pending.push_back(&each);
                break;
            case Step::Kind::sync:
                contents[each.file].sync();
                break;
            case Step::Kind::remove:
                contents.erase(each.file);
                break;
            case Step::Kind::mark:
                break;
        }
    }
    std::map<std::string, std::string> files;
    for (auto& [name, content] : contents) {
        content.lose(kept, random);
        if (content.isThere) files.emplace(name, std::move(content.safe));
    }
    return files;
}

}  // namespace syncline::test
