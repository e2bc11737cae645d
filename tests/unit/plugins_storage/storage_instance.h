// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "fake_host.h"

namespace syncline::test {

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

/// One append, with as many entries as there are bodies. Seqs follow the indexes unless given.
struct Addition {
    std::string channel;
    std::uint64_t expectedIndex = 0;
    std::vector<std::string> bodies;
    std::vector<std::uint64_t> seqs = {};
    bool committed = false;
};

struct Answer {
    syncline_status status = SYNCLINE_OK;
    std::string reason;
    std::string pointer;
    bool retry = false;
    bool ok() const { return status == SYNCLINE_OK; }
};

/// A backend as the host sees it: a shared library, opened and driven through its C functions.
class StorageInstance {
public:
    /// Creates and validates; answer() tells how that went.
    StorageInstance(const std::string& library, Config config);
    ~StorageInstance();
    StorageInstance(const StorageInstance&) = delete;
    StorageInstance& operator=(const StorageInstance&) = delete;

    const Answer& answer() const { return answer_; }
    Answer start();
    void drain();
    FakeHost& host() { return *host_; }

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
    Answer list(std::vector<std::string>& into);
    bool wasClean();

    /// The reader stops after as many items of any kind.
    void stopReadingAfter(int items) { itemsMax_ = items; }

private:
    const syncline_storage_backend& functions() const;
    template <class Call>
    Answer ask(Call&& call);

    std::unique_ptr<FakeHost> host_ = std::make_unique<FakeHost>();
    Config config_;
    const syncline_component* component_ = nullptr;
    void* self_ = nullptr;
    Answer answer_;
    int itemsMax_ = -1;
};

}  // namespace syncline::test
