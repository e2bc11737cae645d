// SPDX-License-Identifier: Apache-2.0
#include "bridge/storage_adapter.h"

#include <cstddef>
#include <utility>

#include "bridge/entered.h"
#include "bridge/plugin_error.h"
#include "bridge/storage_reader.h"

namespace syncline::bridge {

namespace {

using channel::CommitStatus;

/// The appends of one commit as the contract writes them. The entries of all lie in one row.
class AppendRow {
public:
    explicit AppendRow(std::span<const channel::Append> appends) {
        std::size_t total = 0;
        for (const channel::Append& append : appends) total += append.entries.size();
        entries_.reserve(total);  // so that nothing moves once it is pointed to
        rows_.reserve(appends.size());
        for (const channel::Append& append : appends) add(append);
    }

    syncline_append* data() { return rows_.data(); }
    std::size_t size() const { return rows_.size(); }
    bool committed(std::size_t index) const { return rows_[index].committed != 0; }

private:
    void add(const channel::Append& append) {
        const syncline_entry* first = entries_.data() + entries_.size();
        for (const channel::StoredEntry& entry : append.entries) {
            entries_.push_back(
                {sizeof(syncline_entry), entry.index, entry.seq, entry.atMs, toText(entry.body)});
        }
        rows_.push_back({sizeof(syncline_append), toText(append.channel), toText(append.epoch),
                         append.expectedIndex, first, append.entries.size(), 0});
    }

    std::vector<syncline_entry> entries_;
    std::vector<syncline_append> rows_;
};

std::vector<syncline_stored_item> toItems(const std::vector<channel::StoredItem>& items) {
    std::vector<syncline_stored_item> row;
    row.reserve(items.size());
    for (const channel::StoredItem& item : items) {
        row.push_back({sizeof(syncline_stored_item), toText(item.name), toText(item.body)});
    }
    return row;
}

core::Error storageError(const Instance& instance, const syncline_error& error) {
    core::Error result = toError(error, core::Code::storageUnavailable);
    result.reason = instance.name() + ": " + result.reason;
    return result;
}

}  // namespace

CommitStatus StorageAdapter::commit(std::span<channel::Append> appends, core::Error& error) {
    AppendRow row(appends);
    syncline_error filled = emptyError();
    // What threw may have committed before that.
    const syncline_status status = callPlugin(
        instance_, "commit", syncline_status{SYNCLINE_UNKNOWN},
        [&] { return functions().commit(instance_.self(), row.data(), row.size(), &filled); });
    for (std::size_t i = 0; i < appends.size(); ++i) {
        appends[i].committed = status == SYNCLINE_OK && row.committed(i);
    }
    if (status == SYNCLINE_OK) return CommitStatus::done;
    error = storageError(instance_, filled);
    if (status == SYNCLINE_FAILED) return CommitStatus::failed;
    if (status != SYNCLINE_UNKNOWN) {
        instance_.conduct().misbehaved("commit answered a number that is no status");
    }
    return CommitStatus::unknown;
}

template <class Ask>
core::Result<void> StorageAdapter::call(const char* function, Ask&& ask) {
    syncline_error error = emptyError();
    const syncline_status status = callPlugin(instance_, function, syncline_status{SYNCLINE_FAILED},
                                              [&] { return std::forward<Ask>(ask)(&error); });
    if (status == SYNCLINE_OK) return {};
    return core::fail(storageError(instance_, error));
}

core::Result<channel::StoredChannel> StorageAdapter::load(std::string_view channel) {
    StorageReader reader(instance_, StorageReader::Expect::channel);
    auto status = call("load", [&](syncline_error* error) {
        return functions().load(instance_.self(), toText(channel), reader.table(), error);
    });
    if (reader.fault()) return core::fail(*reader.fault());
    if (!status) return core::fail(std::move(status.error()));
    return std::move(reader.channel);
}

core::Result<std::vector<channel::StoredEntry>> StorageAdapter::readLog(std::string_view channel,
                                                                        std::uint64_t firstSeq,
                                                                        std::uint64_t lastSeq) {
    StorageReader reader(instance_, StorageReader::Expect::log);
    auto status = call("read_log", [&](syncline_error* error) {
        return functions().read_log(instance_.self(), toText(channel), firstSeq, lastSeq,
                                    reader.table(), error);
    });
    if (reader.fault()) return core::fail(*reader.fault());
    if (!status) return core::fail(std::move(status.error()));
    return std::move(reader.channel.entries);
}

core::Result<void> StorageAdapter::checkpoint(const channel::Checkpoint& checkpoint) {
    const auto records = toItems(checkpoint.records);
    const auto streams = toItems(checkpoint.streams);
    const syncline_checkpoint written = {sizeof(syncline_checkpoint),
                                         toText(checkpoint.channel),
                                         toText(checkpoint.epoch),
                                         checkpoint.index,
                                         checkpoint.seq,
                                         toText(checkpoint.head),
                                         records.data(),
                                         records.size(),
                                         streams.data(),
                                         streams.size()};
    return call("checkpoint", [&](syncline_error* error) {
        return functions().checkpoint(instance_.self(), &written, error);
    });
}

core::Result<void> StorageAdapter::trim(std::string_view channel, std::uint64_t belowIndex) {
    return call("trim", [&](syncline_error* error) {
        return functions().trim(instance_.self(), toText(channel), belowIndex, error);
    });
}

core::Result<std::vector<std::string>> StorageAdapter::list() {
    StorageReader reader(instance_, StorageReader::Expect::names);
    auto status = call("list", [&](syncline_error* error) {
        return functions().list(instance_.self(), reader.table(), error);
    });
    if (reader.fault()) return core::fail(*reader.fault());
    if (!status) return core::fail(std::move(status.error()));
    return std::move(reader.names);
}

core::Result<void> StorageAdapter::drop(std::string_view channel) {
    return call("drop", [&](syncline_error* error) {
        return functions().drop(instance_.self(), toText(channel), error);
    });
}

core::Result<void> StorageAdapter::backup(std::string_view path) {
    return call("backup", [&](syncline_error* error) {
        return functions().backup(instance_.self(), toText(path), error);
    });
}

bool StorageAdapter::wasClean() {
    return callPlugin(instance_, "was_clean", std::int32_t{0},
                      [&] { return functions().was_clean(instance_.self()); }) != 0;
}

}  // namespace syncline::bridge
