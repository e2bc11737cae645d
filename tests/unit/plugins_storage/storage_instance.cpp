// SPDX-License-Identifier: Apache-2.0
#include "storage_instance.h"

#include <dlfcn.h>

#include <algorithm>
#include <stdexcept>

namespace syncline::test {
namespace {

syncline_text text(std::string_view view) {
    return {view.data(), view.size()};
}
std::string own(syncline_text text) {
    return {text.data == nullptr ? "" : text.data, text.size};
}

/// Collects what a backend pours.
struct Collector {
    StoredChannel channel;
    std::vector<std::string> names;
    int left = -1;

    std::int32_t more() { return left < 0 || --left > 0 ? 1 : 0; }

    static Collector& of(const syncline_reader* reader) {
        return *static_cast<Collector*>(reader->context);
    }
    static std::int32_t onCheckpoint(const syncline_reader* reader,
                                     const syncline_checkpoint* head) {
        of(reader).channel.checkpoint = {own(head->epoch), head->index, head->seq, own(head->head)};
        return of(reader).more();
    }
    static std::int32_t onRecord(const syncline_reader* reader, const syncline_stored_item* item) {
        of(reader).channel.records[own(item->name)] = own(item->body);
        return of(reader).more();
    }
    static std::int32_t onStream(const syncline_reader* reader, const syncline_stored_item* item) {
        of(reader).channel.streams[own(item->name)] = own(item->body);
        return of(reader).more();
    }
    static std::int32_t onEntry(const syncline_reader* reader, const syncline_entry* entry) {
        of(reader).channel.entries.push_back(
            {entry->index, entry->seq, entry->at_ms, own(entry->body)});
        return of(reader).more();
    }
    static std::int32_t onChannel(const syncline_reader* reader, syncline_text name) {
        of(reader).names.push_back(own(name));
        return of(reader).more();
    }

    syncline_reader reader() {
        return {sizeof(syncline_reader),
                this,
                &onCheckpoint,
                &onRecord,
                &onStream,
                &onEntry,
                &onChannel};
    }
};

std::vector<syncline_stored_item> items(const Items& from) {
    std::vector<syncline_stored_item> to;
    for (const auto& [name, body] : from) {
        to.push_back({sizeof(syncline_stored_item), text(name), text(body)});
    }
    return to;
}

}  // namespace

StorageInstance::StorageInstance(const std::string& library, Config config)
    : config_(std::move(config)) {
    void* handle = ::dlopen(library.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) throw std::runtime_error(::dlerror());
    const auto entry =
        reinterpret_cast<syncline_plugin_entry>(::dlsym(handle, SYNCLINE_PLUGIN_SYMBOL));
    component_ = entry()->components[0];
    syncline_error error = {};
    error.size = sizeof error;
    answer_.status = component_->create(host_->handle(), &self_, &error);
    if (answer_.ok()) answer_.status = component_->validate(self_, asValue(config_), &error);
    if (!answer_.ok()) answer_ = {answer_.status, error.reason, error.pointer, error.retry != 0};
}

StorageInstance::~StorageInstance() {
    if (self_ != nullptr) component_->destroy(self_);
}

const syncline_storage_backend& StorageInstance::functions() const {
    return *static_cast<const syncline_storage_backend*>(component_->functions);
}

template <class Call>
Answer StorageInstance::ask(Call&& call) {
    syncline_error error = {};
    error.size = sizeof error;
    const syncline_status status = call(&error);
    if (status == SYNCLINE_OK) return {};
    return {status, error.reason, error.pointer, error.retry != 0};
}

Answer StorageInstance::start() {
    return ask([&](syncline_error* error) { return component_->start(self_, error); });
}

void StorageInstance::drain() {
    component_->drain(self_);
}

Answer StorageInstance::commit(std::span<Addition> additions) {
    std::vector<std::vector<syncline_entry>> entries;
    std::vector<syncline_append> appends;
    for (const Addition& each : additions) {
        std::uint64_t index = each.expectedIndex;
        auto& mine = entries.emplace_back();
        for (std::size_t i = 0; i < each.bodies.size(); ++i) {
            ++index;
            const std::uint64_t seq = i < each.seqs.size() ? each.seqs[i] : index;
            mine.push_back({sizeof(syncline_entry), index, seq,
                            1'700'000'000'000 + static_cast<std::int64_t>(index),
                            text(each.bodies[i])});
        }
    }
    for (std::size_t i = 0; i < additions.size(); ++i) {
        appends.push_back({sizeof(syncline_append), text(additions[i].channel), text("epoch-1"),
                           additions[i].expectedIndex, entries[i].data(), entries[i].size(), 0});
    }
    Answer answer = ask([&](syncline_error* error) {
        return functions().commit(self_, appends.data(), appends.size(), error);
    });
    for (std::size_t i = 0; i < additions.size(); ++i) {
        additions[i].committed = appends[i].committed != 0;
    }
    return answer;
}

Answer StorageInstance::append(const std::string& channel, std::uint64_t expectedIndex,
                               std::vector<std::string> bodies) {
    Addition addition{channel, expectedIndex, std::move(bodies)};
    Answer answer = commit({&addition, 1});
    if (answer.ok() && !addition.committed) answer = {SYNCLINE_FAILED, "not committed", "", false};
    return answer;
}

Answer StorageInstance::commitRaw(const std::string& channel, std::uint64_t expectedIndex,
                                  std::span<const syncline_entry> entries) {
    syncline_append append = {sizeof(syncline_append),
                              text(channel),
                              text("epoch-1"),
                              expectedIndex,
                              entries.data(),
                              entries.size(),
                              0};
    return ask([&](syncline_error* error) { return functions().commit(self_, &append, 1, error); });
}

Answer StorageInstance::checkpoint(const std::string& channel, const StoredHead& head,
                                   const Items& records, const Items& streams) {
    const auto recordItems = items(records);
    const auto streamItems = items(streams);
    const syncline_checkpoint checkpoint = {sizeof(syncline_checkpoint),
                                            text(channel),
                                            text(head.epoch),
                                            head.index,
                                            head.seq,
                                            text(head.head),
                                            recordItems.data(),
                                            recordItems.size(),
                                            streamItems.data(),
                                            streamItems.size()};
    return ask(
        [&](syncline_error* error) { return functions().checkpoint(self_, &checkpoint, error); });
}

Answer StorageInstance::load(const std::string& channel, StoredChannel& into) {
    Collector collector;
    collector.left = itemsMax_;
    const syncline_reader reader = collector.reader();
    Answer answer = ask([&](syncline_error* error) {
        return functions().load(self_, text(channel), &reader, error);
    });
    into = std::move(collector.channel);
    return answer;
}

Answer StorageInstance::readLog(const std::string& channel, std::uint64_t firstSeq,
                                std::uint64_t lastSeq, std::vector<StoredEntry>& into) {
    Collector collector;
    collector.left = itemsMax_;
    const syncline_reader reader = collector.reader();
    Answer answer = ask([&](syncline_error* error) {
        return functions().read_log(self_, text(channel), firstSeq, lastSeq, &reader, error);
    });
    into = std::move(collector.channel.entries);
    return answer;
}

Answer StorageInstance::trim(const std::string& channel, std::uint64_t belowIndex) {
    return ask([&](syncline_error* error) {
        return functions().trim(self_, text(channel), belowIndex, error);
    });
}

Answer StorageInstance::drop(const std::string& channel) {
    return ask(
        [&](syncline_error* error) { return functions().drop(self_, text(channel), error); });
}

Answer StorageInstance::backup(const std::string& path) {
    return ask([&](syncline_error* error) { return functions().backup(self_, text(path), error); });
}

Answer StorageInstance::list(std::vector<std::string>& into) {
    Collector collector;
    collector.left = itemsMax_;
    const syncline_reader reader = collector.reader();
    Answer answer =
        ask([&](syncline_error* error) { return functions().list(self_, &reader, error); });
    into = std::move(collector.names);
    std::sort(into.begin(), into.end());
    return answer;
}

bool StorageInstance::wasClean() {
    return functions().was_clean(self_) != 0;
}

}  // namespace syncline::test
