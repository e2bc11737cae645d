// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "subject_test.h"
#include "syncline/testing/storage_driver.h"

namespace syncline::conformance {

/// Tests of a storage backend, with one that is open. A subject's `durable` says that what was
/// committed outlives the process; `backupConfig`, with ${BACKUP} in it, opens a backup.
class StorageTest : public SubjectTest {
protected:
    using Bodies = std::vector<std::string>;

    void SetUp() override {
        storage = open(config());
        ASSERT_TRUE(storage->answer().ok()) << storage->answer().reason;
    }
    void TearDown() override {
        if (storage != nullptr) close();
    }

    std::unique_ptr<StorageDriver> open(const Json& with) const {
        auto opened = std::make_unique<StorageDriver>(component(), with);
        EXPECT_TRUE(opened->answer().ok()) << opened->answer().reason;
        if (opened->answer().ok()) expectOk(opened->start());
        return opened;
    }
    /// Ends the storage's life as a server does that shuts down, or without a drain.
    void close(bool cleanly = true) {
        if (cleanly) storage->drain();
        storage->instance().destroy();
        expectGoodConduct(storage->host());
        storage.reset();
    }
    void reopen(bool cleanly = true) {
        close(cleanly);
        storage = open(config());
    }

    StoredChannel loaded(const std::string& channel) const { return loaded(*storage, channel); }
    static StoredChannel loaded(StorageDriver& from, const std::string& channel) {
        StoredChannel stored;
        expectOk(from.load(channel, stored));
        return stored;
    }
    Bodies log(const std::string& channel, std::uint64_t first, std::uint64_t last) const {
        std::vector<StoredEntry> entries;
        expectOk(storage->readLog(channel, first, last, entries));
        return bodiesOf(entries);
    }
    static Bodies bodiesOf(const std::vector<StoredEntry>& entries) {
        Bodies bodies;
        for (const StoredEntry& entry : entries) bodies.push_back(entry.body);
        return bodies;
    }
    Bodies names() const {
        Bodies all;
        expectOk(storage->list(all));
        return all;
    }
    bool isDurable() const { return subject().facts.boolean("durable"); }

    std::unique_ptr<StorageDriver> storage;
};

}  // namespace syncline::conformance
