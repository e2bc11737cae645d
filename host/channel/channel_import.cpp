// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>
#include <vector>

#include "channel/base64.h"
#include "channel/entry_codec.h"
#include "channel/image_codec.h"
#include "channel/transfer.h"
#include "core/ids.h"
#include "json/parse.h"

namespace syncline::channel {

namespace {

constexpr json::ParseLimits kLineLimits{1'000, std::size_t{1} << 30, false};
constexpr std::size_t kCommitEntriesMax = 1'000;
constexpr std::size_t kCommitBytesMax = 4U << 20;

tl::unexpected<core::Error> wrong(std::string what) {
    return core::fail(core::Code::badField, std::move(what));
}

}  // namespace

/// One line, parsed. Members that are missing or of another type are empty, and remembered.
class ChannelImport::Line {
public:
    explicit Line(const json::Value& value) : value_(value) {}

    std::string text(std::string_view name) const {
        const json::Value* found = value_.find(name);
        if (found != nullptr && found->isString()) return std::string(found->asString());
        return missing(name), std::string();
    }
    std::uint64_t number(std::string_view name) const {
        const json::Value* found = value_.find(name);
        const auto number = found == nullptr ? std::nullopt : found->toInteger();
        if (number && *number >= 0) return static_cast<std::uint64_t>(*number);
        return missing(name), 0;
    }
    std::string bytes(std::string_view name) const {
        auto decoded = fromBase64(text(name));
        if (decoded && !decoded->empty()) return std::move(*decoded);
        return missing(name), std::string();
    }
    const json::Value* find(std::string_view name) const { return value_.find(name); }

    /// What was asked for was there.
    core::Result<void> good() const {
        if (missing_.empty()) return {};
        return wrong("'" + missing_ + "' is missing or not what it should be");
    }

private:
    void missing(std::string_view name) const {
        if (missing_.empty()) missing_ = name;
    }

    const json::Value& value_;
    mutable std::string missing_;
};

core::Result<void> ChannelImport::take(std::string_view text) {
    if (ended_) return wrong("there is something behind the last line");
    const core::Result<json::Value> value = json::parse(text, kLineLimits);
    if (!value) return wrong(value.error().reason);
    if (!value->isObject()) return wrong("is no JSON object");
    const Line line(*value);
    const std::string kind = line.text("kind");
    if (begun_ == (kind == "channel"))
        return wrong(begun_ ? "a second header" : "the header of a channel comes first");
    core::Result<void> taken;
    if (kind == "channel")
        taken = takeHeader(line);
    else if (kind == "record")
        taken = takeRecord(line);
    else if (kind == "stream")
        taken = takeStream(line);
    else if (kind == "entry")
        taken = takeEntry(line);
    else if (kind == "end")
        taken = takeEnd(line);
    else
        taken = wrong("unknown kind '" + kind + "'");
    if (auto good = line.good(); !good) return good;
    if (taken) digest_.add(text);
    return taken;
}

core::Result<void> ChannelImport::takeHeader(const Line& line) {
    const std::uint64_t format = line.number("format");
    if (format != kTransferFormat)
        return wrong("has format " + std::to_string(format) + ", this server knows format " +
                     std::to_string(kTransferFormat));
    header_.channel = line.text("channel");
    header_.epoch = line.text("epoch");
    header_.index = line.number("index");
    header_.seq = line.number("seq");
    header_.head = line.bytes("head");
    if (auto good = line.good(); !good) return good;
    CommittedState state;
    if (auto decoded = decodeHead(header_.head, state); !decoded)
        return wrong(decoded.error().reason);
    if (!core::fromHex16(line.text("sum"), sum_) || state.sum != sum_)
        return wrong("'sum' and 'head' do not say the same");
    if (header_.epoch.empty() || header_.seq > header_.index)
        return wrong("'epoch', 'index' and 'seq' cannot be those of a channel");
    begun_ = true;
    return {};
}

core::Result<void> ChannelImport::takeRecord(const Line& line) {
    std::string key = line.text("key");
    std::string image = line.bytes("image");
    const std::uint64_t version = line.number("version");
    if (auto good = line.good(); !good) return good;
    const core::Result<Record> record = decodeRecord(image);
    if (!record) return wrong(record.error().reason);
    const json::Value* value = line.find("value");
    const bool same = record->version == version && record->deleted == (value == nullptr) &&
                      (record->deleted || record->value == *value);
    if (!same) return wrong("the record and its 'image' do not say the same");
    if (version > header_.seq) return wrong("a version beyond the channel's 'seq'");
    if (!keys_.insert(key).second) return wrong("record '" + key + "' comes twice");
    header_.records.push_back({std::move(key), std::move(image)});
    return {};
}

core::Result<void> ChannelImport::takeStream(const Line& line) {
    std::string id = line.text("id");
    std::string image = line.bytes("image");
    const std::uint64_t high = line.number("high");
    if (auto good = line.good(); !good) return good;
    if (!StreamId::fromHex(id)) return wrong("'id' is not that of a stream");
    const core::Result<Stream> stream = decodeStream(image);
    if (!stream) return wrong(stream.error().reason);
    if (stream->high() != high) return wrong("the stream and its 'image' do not say the same");
    if (!ids_.insert(id).second) return wrong("stream " + id + " comes twice");
    header_.streams.push_back({std::move(id), std::move(image)});
    return {};
}

core::Result<void> ChannelImport::takeEntry(const Line& line) {
    StoredEntry stored{line.number("index"), line.number("seq"),
                       static_cast<std::int64_t>(line.number("at")), line.bytes("image")};
    if (auto good = line.good(); !good) return good;
    const core::Result<Entry> entry = decodeEntry(stored);
    if (!entry) return wrong(entry.error().reason);
    if (stored.seq == 0 || stored.seq > header_.seq || stored.index > header_.index)
        return wrong("an entry that is not of this channel");
    if (!entries_.empty()) {
        const StoredEntry& last = entries_.back();
        if (stored.seq != last.seq + 1 || stored.index <= last.index)
            return wrong("seq " + std::to_string(last.seq + 1) + " is missing before it");
    }
    if (chained_ && entry->sum != chainSum(*entry, *chained_))
        return wrong("the chain of sums is broken");
    chained_ = entry->sum;
    entries_.push_back(std::move(stored));
    return {};
}

core::Result<void> ChannelImport::takeEnd(const Line& line) {
    const bool counted = line.number("records") == header_.records.size() &&
                         line.number("streams") == header_.streams.size() &&
                         line.number("entries") == entries_.size();
    if (!counted) return wrong("lines are missing: the counts are others");
    if (line.text("sha256") != digest_.hex()) return wrong("the checksum is another");
    if (!entries_.empty() && (entries_.back().seq != header_.seq || *chained_ != sum_))
        return wrong("the log does not end where the channel does");
    ended_ = true;
    return {};
}

core::Result<TransferCounts> ChannelImport::writeTo(Storage& storage, const std::string& name) {
    const core::Result<StoredChannel> there = storage.load(name);
    if (!there) return core::fail(there.error());
    const bool unfinished = there->checkpoint && there->checkpoint->head == kUnfinishedImport;
    if (!unfinished && (there->checkpoint || !there->entries.empty()))
        return wrong("channel '" + name + "' is not empty: nothing was changed");
    if (unfinished) {
        if (auto dropped = storage.drop(name); !dropped) return core::fail(dropped.error());
    }
    if (auto filled = fill(storage, name); !filled) {
        static_cast<void>(storage.drop(name));
        return core::fail(filled.error());
    }
    return TransferCounts{header_.records.size(), header_.streams.size(), entries_.size(),
                          header_.seq};
}

/// The log first, behind a mark that nobody takes for a channel; with the checkpoint it is one.
core::Result<void> ChannelImport::fill(Storage& storage, const std::string& name) {
    header_.channel = name;
    if (!entries_.empty()) {
        const Checkpoint mark{name,
                              header_.epoch,
                              entries_.front().index - 1,
                              entries_.front().seq - 1,
                              std::string(kUnfinishedImport),
                              {},
                              {}};
        if (auto marked = storage.checkpoint(mark); !marked) return marked;
        if (auto logged = commitLog(storage, name); !logged) return logged;
    }
    if (auto written = storage.checkpoint(header_); !written) return written;
    LoadSettings settings;
    settings.channel = name;
    settings.freshEpoch = header_.epoch;
    const core::Result<CommittedState> state = loadChannel(storage, settings);
    if (!state) return core::fail(state.error());
    if (state->seq == header_.seq && state->sum == sum_ &&
        state->records.size() == header_.records.size())
        return {};
    return core::fail(core::Code::storageUnavailable,
                      "the storage gives back another channel than it was given");
}

/// Entries without a seq were not exported: others that are empty take their places, so that the
/// indexes stay what they were. A checkpoint covers them, nobody will read them.
core::Result<void> ChannelImport::commitLog(Storage& storage, const std::string& name) {
    std::uint64_t index = entries_.front().index - 1;
    auto next = entries_.begin();
    while (index < header_.index) {
        Append append{name, header_.epoch, index, {}, false};
        std::size_t bytes = 0;
        while (index < header_.index && append.entries.size() < kCommitEntriesMax &&
               bytes < kCommitBytesMax) {
            ++index;
            if (next != entries_.end() && next->index == index) {
                bytes += next->body.size();
                append.entries.push_back(*next++);
            } else {
                append.entries.push_back({index, 0, 0, {}});
            }
        }
        core::Error error;
        const CommitStatus status = storage.commit({&append, 1}, error);
        if (status != CommitStatus::done) return core::fail(std::move(error));
        if (!append.committed) return wrong("somebody else writes to channel '" + name + "'");
    }
    return {};
}

}  // namespace syncline::channel
