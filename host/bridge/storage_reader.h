// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bridge/instance.h"
#include "channel/storage.h"
#include "core/result.h"

namespace syncline::bridge {

/// Takes what a backend pours, and holds it to the order that the contract gives it: what comes out
/// of order, or where it was not asked for, ends the reading as an error. On the stack of one call.
class StorageReader {
public:
    /// What may be poured.
    enum class Expect { channel, log, names };

    StorageReader(Instance& instance, Expect expect);
    StorageReader(const StorageReader&) = delete;
    StorageReader& operator=(const StorageReader&) = delete;

    const syncline_reader* table() const { return &table_; }

    /// Why what was poured cannot be used.
    const std::optional<core::Error>& fault() const { return fault_; }

    channel::StoredChannel channel;
    std::vector<std::string> names;

private:
    static StorageReader& of(const syncline_reader* reader) {
        return *static_cast<StorageReader*>(reader->context);
    }
    static std::int32_t takeCheckpoint(const syncline_reader* reader,
                                       const syncline_checkpoint* head) noexcept;
    static std::int32_t takeRecord(const syncline_reader* reader,
                                   const syncline_stored_item* item) noexcept;
    static std::int32_t takeStream(const syncline_reader* reader,
                                   const syncline_stored_item* item) noexcept;
    static std::int32_t takeEntry(const syncline_reader* reader,
                                  const syncline_entry* entry) noexcept;
    static std::int32_t takeName(const syncline_reader* reader, syncline_text name) noexcept;

    /// Whether to go on: not after a fault. `fits` false is one.
    bool accepts(bool fits, const char* otherwise);
    std::int32_t takeItem(const syncline_stored_item* item,
                          std::vector<channel::StoredItem> channel::Checkpoint::*into);

    Instance& instance_;
    const Expect expect_;
    const syncline_reader table_;
    std::optional<core::Error> fault_;
};

}  // namespace syncline::bridge
