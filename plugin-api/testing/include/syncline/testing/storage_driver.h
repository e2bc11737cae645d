// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "syncline/testing/instance.h"

namespace syncline::conformance {

struct StoredEntry {
    std::uint64_t index = 0;
    std::uint64_t seq = 0;
    std::int64_t atMs = 0;
    std::string body;
    bool operator==(const StoredEntry&) const = default;
};

struct StoredHead {
    std::string epoch;
    std::uint64_t index = 0;
    std::uint64_t seq = 0;
    std::string head;
    bool operator==(const StoredHead&) const = default;
};

using Items = std::map<std::string, std::string>;

/// What load() pours.
struct StoredChannel {
    std::optional<StoredHead> checkpoint;
    Items records;
    Items streams;
    std::vector<StoredEntry> entries;
    bool operator==(const StoredChannel&) const = default;

    std::uint64_t lastIndex() const {
        if (!entries.empty()) return entries.back().index;
        return checkpoint ? checkpoint->index : 0;
    }
};
std::ostream& operator<<(std::ostream& stream, const StoredChannel& channel);

/// One append, with as many entries as there are bodies. Seqs follow the indexes unless given.
struct Addition {
    std::string channel;
    std::uint64_t expectedIndex = 0;
    std::vector<std::string> bodies;
    std::vector<std::uint64_t> seqs = {};
    bool committed = false;
};

/// A storage backend as the host sees it: driven through its C functions, each from any thread.
class StorageDriver {
public:
    /// Creates and validates; answer() tells how that went.
    StorageDriver(const syncline_component& component, const Json& config);

    const Answer& answer() const { return answer_; }
    Answer start() { return instance_.start(); }
    void drain() { instance_.drain(); }
    MockHost& host() { return instance_.host(); }
    Instance& instance() { return instance_; }

    Answer commit(std::span<Addition> additions);
    Answer append(const std::string& channel, std::uint64_t expectedIndex,
                  std::vector<std::string> bodies);
    /// One append whose entries are the caller's to get wrong.
    Answer commitRaw(const std::string& channel, std::uint64_t expectedIndex,
                     std::span<const syncline_entry> entries);
    Answer checkpoint(const std::string& channel, const StoredHead& head, const Items& records,
                      const Items& streams = {});
    Answer load(const std::string& channel, StoredChannel& into);
    Answer readLog(const std::string& channel, std::uint64_t firstSeq, std::uint64_t lastSeq,
                   std::vector<StoredEntry>& into);
    Answer trim(const std::string& channel, std::uint64_t belowIndex);
    Answer drop(const std::string& channel);
    Answer backup(const std::string& path);
    /// In the order of the names; `each` as often as it was poured.
    Answer list(std::vector<std::string>& into);
    bool wasClean();

    /// The reader stops after as many items of any kind; without a number, never.
    void stopReadingAfter(int items = -1) { itemsMax_ = items; }
    /// Structs in arrays are longer from now on, as those of a newer host are.
    void actAsNewerHost() { newerHost_ = true; }

private:
    const syncline_storage_backend& functions() const {
        return instance_.functions<syncline_storage_backend>();
    }

    Instance instance_;
    Answer answer_;
    int itemsMax_ = -1;
    bool newerHost_ = false;
};

}  // namespace syncline::conformance
