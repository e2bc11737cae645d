// SPDX-License-Identifier: Apache-2.0
#include "channel/transfer.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "channel/base64.h"
#include "channel/entry_codec.h"
#include "channel/image_codec.h"
#include "core/ids.h"
#include "json/value.h"
#include "json/write.h"

namespace syncline::channel {

namespace {

constexpr std::uint64_t kLogSlice = 1'000;

json::Value headerLine(const CommittedState& state, const std::string& channel,
                       std::int64_t nowMs) {
    json::Value line = json::Value::object();
    line.set("kind", "channel");
    line.set("format", kTransferFormat);
    line.set("channel", channel);
    line.set("epoch", state.epoch);
    line.set("index", state.index);
    line.set("seq", state.seq);
    line.set("sum", core::toHex16(state.sum));
    line.set("at", nowMs);
    line.set("head", toBase64(encodeHead(state)));
    return line;
}

json::Value recordLine(const std::string& key, const Record& record) {
    json::Value line = json::Value::object();
    line.set("kind", "record");
    line.set("key", key);
    line.set("version", record.version);
    line.set("by", record.lastBy);
    if (record.deleted)
        line.set("deleted", true);
    else
        line.set("value", record.value.clone());
    json::Value stamps = json::Value::array();
    for (const PathStamps::Stamp& stamp : record.stamps.all()) {
        json::Value one = json::Value::array();
        one.push(stamp.path);
        one.push(static_cast<int>(stamp.stampClass));
        one.push(stamp.seq);
        stamps.push(std::move(one));
    }
    line.set("stamps", std::move(stamps));
    line.set("image", toBase64(encodeRecord(record)));
    return line;
}

json::Value streamLine(const StreamId& id, const Stream& stream) {
    json::Value line = json::Value::object();
    line.set("kind", "stream");
    line.set("id", id.toHex());
    line.set("user", stream.user);
    line.set("high", stream.high());
    json::Value outcomes = json::Value::array();
    for (std::uint64_t n = stream.forgotten() + 1; n <= stream.high(); ++n) {
        json::Value one = json::Value::array();
        one.push(n);
        one.push(outcomeName(stream.find(n)->outcome));
        outcomes.push(std::move(one));
    }
    line.set("outcomes", std::move(outcomes));
    line.set("image", toBase64(encodeStream(stream)));
    return line;
}

json::Value entryLine(const StoredEntry& stored, const Entry& entry) {
    json::Value line = json::Value::object();
    line.set("kind", "entry");
    line.set("index", stored.index);
    line.set("seq", stored.seq);
    line.set("at", stored.atMs);
    line.set("by", entry.by);
    json::Value keys = json::Value::array();
    for (const Effect& effect : entry.effects) keys.push(effect.key);
    line.set("keys", std::move(keys));
    line.set("image", toBase64(stored.body));
    return line;
}

/// What the lines go through on their way out.
class Writer {
public:
    explicit Writer(const std::function<void(std::string_view)>& write) : write_(write) {}

    void put(const json::Value& line) {
        const std::string text = json::toText(line);
        digest_.add(text);
        write_(text);
    }
    void end(const TransferCounts& counts) {
        json::Value line = json::Value::object();
        line.set("kind", "end");
        line.set("records", counts.records);
        line.set("streams", counts.streams);
        line.set("entries", counts.entries);
        line.set("sha256", digest_.hex());
        write_(json::toText(line));
    }

private:
    const std::function<void(std::string_view)>& write_;
    LineDigest digest_;
};

core::Result<std::size_t> writeLog(Storage& storage, const std::string& channel, std::uint64_t seq,
                                   Writer& writer) {
    std::size_t count = 0;
    for (std::uint64_t first = 1; first <= seq; first += kLogSlice) {
        const auto stored = storage.readLog(channel, first, std::min(first + kLogSlice - 1, seq));
        if (!stored) return core::fail(stored.error());
        for (const StoredEntry& each : *stored) {
            const core::Result<Entry> entry = decodeEntry(each);
            if (!entry) return core::fail(entry.error());
            writer.put(entryLine(each, *entry));
        }
        count += stored->size();
    }
    return count;
}

}  // namespace

LineDigest::LineDigest() : context_(EVP_MD_CTX_new()) {
    EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
}

void LineDigest::Free::operator()(evp_md_ctx_st* context) const {
    EVP_MD_CTX_free(context);
}

void LineDigest::add(std::string_view line) {
    EVP_DigestUpdate(context_.get(), line.data(), line.size());
    EVP_DigestUpdate(context_.get(), "\n", 1);
}

std::string LineDigest::hex() {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    EVP_DigestFinal_ex(context_.get(), digest.data(), &size);
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    for (unsigned int i = 0; i < size; ++i) {
        text += digits[digest[i] >> 4];
        text += digits[digest[i] & 0xf];
    }
    return text;
}

core::Result<TransferCounts> exportChannel(Storage& storage, const LoadSettings& settings,
                                           std::int64_t nowMs,
                                           const std::function<void(std::string_view)>& write) {
    const core::Result<CommittedState> state = loadChannel(storage, settings);
    if (!state) return core::fail(state.error());
    if (state->index == 0)
        return core::fail(core::Code::noSuchChannel,
                          "the storage has no channel '" + settings.channel + "'");
    Writer writer(write);
    writer.put(headerLine(*state, settings.channel, nowMs));
    TransferCounts counts{state->records.size(), state->streams.size(), 0, state->seq};
    for (const auto& [key, record] : state->records) writer.put(recordLine(key, record));
    for (const auto& [id, stream] : state->streams) writer.put(streamLine(id, stream));
    const auto entries = writeLog(storage, settings.channel, state->seq, writer);
    if (!entries) return core::fail(entries.error());
    counts.entries = *entries;
    writer.end(counts);
    return counts;
}

}  // namespace syncline::channel
