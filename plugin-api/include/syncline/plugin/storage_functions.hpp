// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <cstddef>
#include <cstdint>
#include <syncline/plugin/storage_backend.hpp>

/// What stands in a storage backend's function table: each function runs one of the author's and
/// lets nothing through.
namespace syncline::detail {

inline StorageBackend& storage(void* self) noexcept {
    return instance<StorageBackend>(self);
}

inline syncline_status commit(void* self, syncline_append* appends, std::size_t count,
                              syncline_error* error) noexcept {
    try {
        storage(self).commit(Appends(appends, count));
        return SYNCLINE_OK;
    } catch (const CommitUnknown& unknown) {
        fillError(error, 0, unknown.what());
        return SYNCLINE_UNKNOWN;
    } catch (...) {
        describeException(error);
        return SYNCLINE_FAILED;
    }
}

inline syncline_status load(void* self, syncline_text channel, const syncline_reader* reader,
                            syncline_error* error) noexcept {
    return guarded(error, [&] { storage(self).load(toView(channel), Reader(reader)); });
}

inline syncline_status readLog(void* self, syncline_text channel, std::uint64_t first,
                               std::uint64_t last, const syncline_reader* reader,
                               syncline_error* error) noexcept {
    return guarded(error,
                   [&] { storage(self).readLog(toView(channel), first, last, Reader(reader)); });
}

inline syncline_status checkpoint(void* self, const syncline_checkpoint* checkpoint,
                                  syncline_error* error) noexcept {
    return guarded(error, [&] { storage(self).checkpoint(Checkpoint(checkpoint)); });
}

inline syncline_status trim(void* self, syncline_text channel, std::uint64_t below,
                            syncline_error* error) noexcept {
    return guarded(error, [&] { storage(self).trim(toView(channel), below); });
}

inline syncline_status list(void* self, const syncline_reader* reader,
                            syncline_error* error) noexcept {
    return guarded(error, [&] { storage(self).list(Reader(reader)); });
}

inline syncline_status drop(void* self, syncline_text channel, syncline_error* error) noexcept {
    return guarded(error, [&] { storage(self).drop(toView(channel)); });
}

inline syncline_status backup(void* self, syncline_text path, syncline_error* error) noexcept {
    return guarded(error, [&] { storage(self).backup(toView(path)); });
}

inline std::int32_t wasClean(void* self) noexcept {
    std::int32_t clean = 0;
    guardedLog(storage(self), "wasClean", [&] { clean = storage(self).wasClean() ? 1 : 0; });
    return clean;
}

inline constexpr syncline_storage_backend storageFunctions = {sizeof(syncline_storage_backend),
                                                              &commit,
                                                              &load,
                                                              &readLog,
                                                              &checkpoint,
                                                              &trim,
                                                              &list,
                                                              &drop,
                                                              &backup,
                                                              &wasClean};

}  // namespace syncline::detail
