// SPDX-License-Identifier: Apache-2.0
#include "syncline/testing/storage_driver.h"

#include <algorithm>
#include <ostream>

#include "syncline/testing/struct_array.h"

namespace syncline::conformance {
namespace {

constexpr std::uint32_t kNeverSet = 7;

std::string own(syncline_text text) {
    return std::string(toView(text));
}

/// Collects what a backend pours. On the stack of one read.
struct Collector {
    StoredChannel channel;
    std::vector<std::string> names;
    int left;
    Ledger& ledger;
    bool stopped = false;

    std::int32_t more() {
        if (stopped) ledger.blame("went on pouring after the reader had stopped it");
        stopped = left >= 0 && --left <= 0;
        return stopped ? 0 : 1;
    }

    static Collector& of(const syncline_reader* reader) {
        return *static_cast<Collector*>(reader->context);
    }
    void put(Items& items, const syncline_stored_item* item) {
        const bool isNew = items.emplace(own(item->name), own(item->body)).second;
        if (!isNew) ledger.blame("poured '" + own(item->name) + "' twice");
    }

    syncline_reader reader() {
        syncline_reader reader = {};
        reader.size = sizeof reader;
        reader.context = this;
        reader.checkpoint = [](const syncline_reader* r, const syncline_checkpoint* head) {
            of(r).channel.checkpoint = {own(head->epoch), head->index, head->seq, own(head->head)};
            return of(r).more();
        };
        reader.record = [](const syncline_reader* r, const syncline_stored_item* item) {
            of(r).put(of(r).channel.records, item);
            return of(r).more();
        };
        reader.stream = [](const syncline_reader* r, const syncline_stored_item* item) {
            of(r).put(of(r).channel.streams, item);
            return of(r).more();
        };
        reader.entry = [](const syncline_reader* r, const syncline_entry* entry) {
            of(r).channel.entries.push_back(
                {entry->index, entry->seq, entry->at_ms, own(entry->body)});
            return of(r).more();
        };
        reader.channel = [](const syncline_reader* r, syncline_text name) {
            of(r).names.push_back(own(name));
            return of(r).more();
        };
        return reader;
    }
};

StructArray<syncline_stored_item> itemsOf(const Items& from, bool newerHost) {
    StructArray<syncline_stored_item> to(newerHost);
    for (const auto& [name, body] : from) {
        to.add({sizeof(syncline_stored_item), toText(name), toText(body)});
    }
    return to;
}

}  // namespace

std::ostream& operator<<(std::ostream& stream, const StoredChannel& channel) {
    if (channel.checkpoint) {
        stream << "checkpoint " << channel.checkpoint->index << " '" << channel.checkpoint->head
               << "' of " << channel.checkpoint->epoch << "; ";
    }
    for (const auto& [key, body] : channel.records) stream << key << "=" << body << " ";
    for (const auto& [id, body] : channel.streams) stream << "~" << id << "=" << body << " ";
    for (const auto& each : channel.entries) stream << each.index << ":" << each.seq << " ";
    return stream;
}

StorageDriver::StorageDriver(const syncline_component& component, const Json& config)
    : instance_(component) {
    answer_ = instance_.create();
    if (answer_.ok()) answer_ = instance_.validate(config);
}

Answer StorageDriver::commit(std::span<Addition> additions) {
    std::vector<StructArray<syncline_entry>> entries;
    StructArray<syncline_append> appends(newerHost_);
    for (const Addition& each : additions) {
        std::uint64_t index = each.expectedIndex;
        auto& mine = entries.emplace_back(newerHost_);
        for (std::size_t i = 0; i < each.bodies.size(); ++i) {
            ++index;
            const std::uint64_t seq = i < each.seqs.size() ? each.seqs[i] : index;
            mine.add({sizeof(syncline_entry), index, seq,
                      1'700'000'000'000 + static_cast<std::int64_t>(index),
                      toText(each.bodies[i])});
        }
    }
    for (std::size_t i = 0; i < additions.size(); ++i) {
        appends.add({sizeof(syncline_append), toText(additions[i].channel), toText("epoch-1"),
                     additions[i].expectedIndex, entries[i].data(), entries[i].size(), kNeverSet});
    }
    Answer answer = answerOf([&](syncline_error* error) {
        return functions().commit(instance_.self(), appends.data(), appends.size(), error);
    });
    for (std::size_t i = 0; i < additions.size(); ++i) {
        const std::uint32_t committed = appends.at(i)->committed;
        if (answer.ok() && committed == kNeverSet) {
            host().ledger().blame("a commit did not say whether it took an append");
        }
        additions[i].committed = answer.ok() && committed != 0 && committed != kNeverSet;
    }
    return answer;
}

Answer StorageDriver::append(const std::string& channel, std::uint64_t expectedIndex,
                             std::vector<std::string> bodies) {
    Addition addition{channel, expectedIndex, std::move(bodies)};
    Answer answer = commit({&addition, 1});
    if (answer.ok() && !addition.committed) {
        answer.status = SYNCLINE_FAILED;
        answer.reason = "not committed";
    }
    return answer;
}

Answer StorageDriver::commitRaw(const std::string& channel, std::uint64_t expectedIndex,
                                std::span<const syncline_entry> entries) {
    syncline_append append = {
        sizeof(syncline_append), toText(channel), toText("epoch-1"), expectedIndex,
        entries.data(),          entries.size(),  kNeverSet};
    return answerOf([&](syncline_error* error) {
        return functions().commit(instance_.self(), &append, 1, error);
    });
}

Answer StorageDriver::checkpoint(const std::string& channel, const StoredHead& head,
                                 const Items& records, const Items& streams) {
    auto recordItems = itemsOf(records, newerHost_);
    auto streamItems = itemsOf(streams, newerHost_);
    const syncline_checkpoint checkpoint = {sizeof(syncline_checkpoint),
                                            toText(channel),
                                            toText(head.epoch),
                                            head.index,
                                            head.seq,
                                            toText(head.head),
                                            recordItems.data(),
                                            recordItems.size(),
                                            streamItems.data(),
                                            streamItems.size()};
    return answerOf([&](syncline_error* error) {
        return functions().checkpoint(instance_.self(), &checkpoint, error);
    });
}

Answer StorageDriver::load(const std::string& channel, StoredChannel& into) {
    Collector collector{{}, {}, itemsMax_, host().ledger()};
    const syncline_reader reader = collector.reader();
    Answer answer = answerOf([&](syncline_error* error) {
        return functions().load(instance_.self(), toText(channel), &reader, error);
    });
    into = std::move(collector.channel);
    return answer;
}

Answer StorageDriver::readLog(const std::string& channel, std::uint64_t firstSeq,
                              std::uint64_t lastSeq, std::vector<StoredEntry>& into) {
    Collector collector{{}, {}, itemsMax_, host().ledger()};
    const syncline_reader reader = collector.reader();
    Answer answer = answerOf([&](syncline_error* error) {
        return functions().read_log(instance_.self(), toText(channel), firstSeq, lastSeq, &reader,
                                    error);
    });
    into = std::move(collector.channel.entries);
    return answer;
}

Answer StorageDriver::trim(const std::string& channel, std::uint64_t belowIndex) {
    return answerOf([&](syncline_error* error) {
        return functions().trim(instance_.self(), toText(channel), belowIndex, error);
    });
}

Answer StorageDriver::drop(const std::string& channel) {
    return answerOf([&](syncline_error* error) {
        return functions().drop(instance_.self(), toText(channel), error);
    });
}

Answer StorageDriver::backup(const std::string& path) {
    return answerOf([&](syncline_error* error) {
        return functions().backup(instance_.self(), toText(path), error);
    });
}

Answer StorageDriver::list(std::vector<std::string>& into) {
    Collector collector{{}, {}, itemsMax_, host().ledger()};
    const syncline_reader reader = collector.reader();
    Answer answer = answerOf(
        [&](syncline_error* error) { return functions().list(instance_.self(), &reader, error); });
    into = std::move(collector.names);
    std::sort(into.begin(), into.end());
    return answer;
}

bool StorageDriver::wasClean() {
    return functions().was_clean(instance_.self()) != 0;
}

}  // namespace syncline::conformance
