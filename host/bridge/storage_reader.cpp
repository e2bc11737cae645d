// SPDX-License-Identifier: Apache-2.0
#include "bridge/storage_reader.h"

#include <utility>

#include "bridge/plugin_error.h"

namespace syncline::bridge {

StorageReader::StorageReader(Instance& instance, Expect expect)
    : instance_(instance), expect_(expect), table_{sizeof(syncline_reader),
                                                   this,
                                                   &takeCheckpoint,
                                                   &takeRecord,
                                                   &takeStream,
                                                   &takeEntry,
                                                   &takeName} {}

bool StorageReader::accepts(bool fits, const char* otherwise) {
    if (fault_) return false;
    if (fits) return true;
    instance_.conduct().misbehaved(otherwise);
    fault_ = core::Error::of(core::Code::storageUnavailable,
                             instance_.name() + ": what it read cannot be used: " + otherwise);
    return false;
}

std::int32_t StorageReader::takeCheckpoint(const syncline_reader* reader,
                                           const syncline_checkpoint* head) noexcept {
    StorageReader& self = of(reader);
    const bool fits = self.expect_ == Expect::channel && head != nullptr &&
                      !self.channel.checkpoint && self.channel.entries.empty();
    if (!self.accepts(fits, "a checkpoint that is not the first")) return 0;
    channel::Checkpoint& checkpoint = self.channel.checkpoint.emplace();
    checkpoint.channel = toView(head->channel);
    checkpoint.epoch = toView(head->epoch);
    checkpoint.index = head->index;
    checkpoint.seq = head->seq;
    checkpoint.head = toView(head->head);
    return 1;
}

std::int32_t StorageReader::takeItem(const syncline_stored_item* item,
                                     std::vector<channel::StoredItem> channel::Checkpoint::*into) {
    const bool fits = item != nullptr && channel.checkpoint && channel.entries.empty();
    if (!accepts(fits, "a record or stream that is not right behind a checkpoint")) return 0;
    ((*channel.checkpoint).*into)
        .push_back({std::string(toView(item->name)), std::string(toView(item->body))});
    return 1;
}

std::int32_t StorageReader::takeRecord(const syncline_reader* reader,
                                       const syncline_stored_item* item) noexcept {
    return of(reader).takeItem(item, &channel::Checkpoint::records);
}

std::int32_t StorageReader::takeStream(const syncline_reader* reader,
                                       const syncline_stored_item* item) noexcept {
    return of(reader).takeItem(item, &channel::Checkpoint::streams);
}

std::int32_t StorageReader::takeEntry(const syncline_reader* reader,
                                      const syncline_entry* entry) noexcept {
    StorageReader& self = of(reader);
    std::vector<channel::StoredEntry>& entries = self.channel.entries;
    bool fits = self.expect_ != Expect::names && entry != nullptr;
    if (fits && !entries.empty()) {
        // Dense behind a checkpoint; a part of the log leaves out what took no seq.
        const std::uint64_t last = entries.back().index;
        fits = self.expect_ == Expect::channel ? entry->index == last + 1 : entry->index > last;
    } else if (fits && self.channel.checkpoint) {
        fits = entry->index == self.channel.checkpoint->index + 1;
    }
    if (!self.accepts(fits, "entries that are not in the order of their indexes")) return 0;
    entries.push_back({entry->index, entry->seq, entry->at_ms, std::string(toView(entry->body))});
    return 1;
}

std::int32_t StorageReader::takeName(const syncline_reader* reader, syncline_text name) noexcept {
    StorageReader& self = of(reader);
    const bool fits = self.expect_ == Expect::names && name.size > 0;
    if (!self.accepts(fits, "a channel's name that was not asked for")) return 0;
    self.names.emplace_back(toView(name));
    return 1;
}

}  // namespace syncline::bridge
