// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <syncline/plugin/component.hpp>

namespace syncline {

/// Thrown from commit() when it is not known whether the commit happened: the host reloads.
class CommitUnknown : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// One committed outcome; `body` is opaque to a backend.
struct Entry {
    std::uint64_t index;  ///< dense in its channel, from 1
    std::uint64_t seq;    ///< 0: consumed a number and changed nothing
    std::int64_t atMs;    ///< Unix time
    std::string_view body;
};

/// A record or stream by name; an empty body removes it.
struct StoredItem {
    std::string_view name;
    std::string_view body;
};

/// What one commit appends to one channel.
class Append {
public:
    explicit Append(syncline_append* append) noexcept : append_(append) {}

    std::string_view channel() const noexcept { return detail::toView(append_->channel); }
    std::string_view epoch() const noexcept { return detail::toView(append_->epoch); }
    /// The channel's last index before this; if it is another, nothing is appended.
    std::uint64_t expectedIndex() const noexcept { return append_->expected_index; }
    std::size_t entryCount() const noexcept { return append_->entry_count; }
    Entry entry(std::size_t index) const noexcept {
        const syncline_entry& entry = *detail::elementAt(append_->entries, index);
        return {entry.index, entry.seq, entry.at_ms, detail::toView(entry.body)};
    }
    void setCommitted(bool committed) noexcept { append_->committed = committed ? 1 : 0; }

private:
    syncline_append* append_;
};

/// The appends of one transaction.
class Appends {
public:
    Appends(syncline_append* first, std::size_t count) noexcept : first_(first), count_(count) {}
    std::size_t size() const noexcept { return count_; }
    Append operator[](std::size_t index) const noexcept {
        return Append(detail::elementAt(first_, index));
    }

private:
    syncline_append* first_;
    std::size_t count_;
};

/// The state of a channel as of `index`. Items are those that changed since the last checkpoint.
class Checkpoint {
public:
    explicit Checkpoint(const syncline_checkpoint* checkpoint) noexcept
        : checkpoint_(*checkpoint) {}

    std::string_view channel() const noexcept { return detail::toView(checkpoint_.channel); }
    std::string_view epoch() const noexcept { return detail::toView(checkpoint_.epoch); }
    std::uint64_t index() const noexcept { return checkpoint_.index; }
    std::uint64_t seq() const noexcept { return checkpoint_.seq; }
    std::string_view head() const noexcept { return detail::toView(checkpoint_.head); }
    std::size_t recordCount() const noexcept { return checkpoint_.record_count; }
    StoredItem record(std::size_t index) const noexcept { return item(checkpoint_.records, index); }
    std::size_t streamCount() const noexcept { return checkpoint_.stream_count; }
    StoredItem stream(std::size_t index) const noexcept { return item(checkpoint_.streams, index); }

private:
    static StoredItem item(const syncline_stored_item* items, std::size_t index) noexcept {
        const syncline_stored_item& found = *detail::elementAt(items, index);
        return {detail::toView(found.name), detail::toView(found.body)};
    }

    const syncline_checkpoint& checkpoint_;
};

/// The head of a checkpoint as a backend pours it back; its records and streams follow one by one.
struct CheckpointHead {
    std::string_view channel;
    std::string_view epoch;
    std::uint64_t index;
    std::uint64_t seq;
    std::string_view head;
};

/// Where a backend pours what it reads. False: the host has enough, stop.
class Reader {
public:
    explicit Reader(const syncline_reader* reader) noexcept : reader_(reader) {}

    bool checkpoint(const CheckpointHead& head) const {
        syncline_checkpoint poured = {};
        poured.size = sizeof poured;
        poured.channel = detail::toText(head.channel);
        poured.epoch = detail::toText(head.epoch);
        poured.index = head.index;
        poured.seq = head.seq;
        poured.head = detail::toText(head.head);
        return reader_->checkpoint(reader_, &poured) != 0;
    }
    bool record(const StoredItem& item) const {
        const syncline_stored_item poured = toItem(item);
        return reader_->record(reader_, &poured) != 0;
    }
    bool stream(const StoredItem& item) const {
        const syncline_stored_item poured = toItem(item);
        return reader_->stream(reader_, &poured) != 0;
    }
    bool entry(const Entry& entry) const {
        const syncline_entry poured = {sizeof(syncline_entry), entry.index, entry.seq, entry.atMs,
                                       detail::toText(entry.body)};
        return reader_->entry(reader_, &poured) != 0;
    }
    bool channel(std::string_view name) const {
        return reader_->channel(reader_, detail::toText(name)) != 0;
    }

private:
    static syncline_stored_item toItem(const StoredItem& item) noexcept {
        return {sizeof(syncline_stored_item), detail::toText(item.name), detail::toText(item.body)};
    }

    const syncline_reader* reader_;
};

/// Keeps logs and checkpoints of channels; abi.h states the law. commit() comes from the instance's
/// one writer thread, the others from a pool, concurrently. Whatever is thrown means: nothing
/// happened.
class StorageBackend : public Component {
public:
    /// All appends in one durable transaction; calls setCommitted() on each. Throws CommitUnknown
    /// when the outcome is not known.
    virtual void commit(Appends appends) = 0;

    /// Pours the checkpoint, its records and streams, then the entries behind it in order. A
    /// channel that does not exist pours nothing.
    virtual void load(std::string_view channel, const Reader& reader) = 0;

    /// Pours the kept entries with a seq in firstSeq..lastSeq, in order.
    virtual void readLog(std::string_view channel, std::uint64_t firstSeq, std::uint64_t lastSeq,
                         const Reader& reader) = 0;

    /// Replaces the channel's checkpoint by this newer one, atomically.
    virtual void checkpoint(const Checkpoint& checkpoint) = 0;

    /// Entries with an index below this one, which a checkpoint covers, may be forgotten.
    virtual void trim(std::string_view channel, std::uint64_t belowIndex) = 0;

    /// Pours the names of all channels.
    virtual void list(const Reader& reader) = 0;

    /// Forgets the channel.
    virtual void drop(std::string_view channel) = 0;

    /// Writes a consistent copy to `path`.
    virtual void backup(std::string_view path) {
        throw std::runtime_error("this storage cannot write a backup to " + std::string(path));
    }

    /// Whether the last process that used this storage shut down cleanly.
    virtual bool wasClean() { return true; }
};

}  // namespace syncline
