// SPDX-License-Identifier: Apache-2.0
#include "channel/storage_check.h"

#include <algorithm>
#include <optional>

#include "channel/entry_codec.h"

namespace syncline::channel {

namespace {

constexpr std::uint64_t kLogSlice = 1'000;

/// What the log comes to; its entries follow each other.
class ChainCheck {
public:
    /// False when that entry does not follow the one before.
    bool take(const StoredEntry& stored) {
        const core::Result<Entry> entry = decodeEntry(stored);
        if (!entry) return false;
        if (sum_ && (entry->seq != seq_ + 1 || entry->sum != chainSum(*entry, *sum_))) return false;
        sum_ = entry->sum;
        seq_ = entry->seq;
        return true;
    }
    bool endsIn(const CommittedState& state) const {
        return !sum_ || (seq_ == state.seq && *sum_ == state.sum);
    }

private:
    std::optional<std::uint64_t> sum_;
    std::uint64_t seq_ = 0;
};

/// What is wrong with the log of a channel that could be loaded; empty if nothing.
std::string checkLog(Storage& storage, const std::string& channel, const CommittedState& state,
                     std::size_t& entries) {
    ChainCheck chain;
    for (std::uint64_t first = 1; first <= state.seq; first += kLogSlice) {
        const auto stored =
            storage.readLog(channel, first, std::min(first + kLogSlice - 1, state.seq));
        if (!stored) return stored.error().reason;
        entries += stored->size();
        for (const StoredEntry& each : *stored) {
            if (!chain.take(each)) {
                return "the log is broken at entry " + std::to_string(each.index);
            }
        }
    }
    return chain.endsIn(state) ? "" : "the log does not end where the channel does";
}

}  // namespace

core::Result<StorageFindings> checkStorage(
    Storage& storage, const std::function<LoadSettings(const std::string&)>& settingsFor) {
    const auto names = storage.list();
    if (!names) return core::fail(names.error());
    StorageFindings found;
    for (const std::string& name : *names) {
        ++found.channels;
        const core::Result<CommittedState> state = loadChannel(storage, settingsFor(name));
        if (!state) {
            found.wrong.push_back(state.error().reason);
            continue;
        }
        found.records += state->records.size();
        const std::string wrong = checkLog(storage, name, *state, found.entries);
        if (!wrong.empty()) found.wrong.push_back("channel '" + name + "': " + wrong);
    }
    return found;
}

}  // namespace syncline::channel
