// SPDX-License-Identifier: Apache-2.0
// A channel between the storages that are shipped, as `syncline export` and `import` move it: the
// plugins are the built ones, and the channel layer works on each before and behind the move.
#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "app/offline_storage.h"
#include "channel/storage_check.h"
#include "channel/transfer.h"
#include "support/temporary_folder.h"
#include "unit/channel/world.h"

namespace syncline::app {
namespace {

using tests::Client;
using tests::increment;
using tests::member;
using tests::parsed;
using tests::remove;
using tests::set;
using tests::World;

using Lines = std::vector<std::string>;

/// A storage of each kind, and again, named by the component.
constexpr const char* kConfig = R"({
  "version": 1,
  "plugins": {"search": ["PLUGINS"]},
  "listeners": {"public": {"bind": "127.0.0.1:0", "auth": ["visitors"]}},
  "auth": {"visitors": {"use": "anonymous"}},
  "storage": {
    "sqlite": {"use": "sqlite", "with": {"path": "one.db"}},
    "memory": {"use": "memory"},
    "back": {"use": "sqlite", "with": {"path": "two.db"}}},
  "conflict": [{"use": "server_order"}],
  "channels": [{"match": "*", "storage": "sqlite"}]})";

class Moving : public testing::TestWithParam<std::pair<const char*, const char*>> {
protected:
    Moving() {
        std::string text = kConfig;
        text.replace(text.find("PLUGINS"), 7, PLUGINS);
        config = std::make_unique<LoadedConfig>(
            loadConfig(folder.write("syncline.yaml", text).string()));
        from = open(GetParam().first);
        to = open(GetParam().second);
    }
    ~Moving() override {
        world.crash();
        from.reset();
        to.reset();
        config.reset();
    }

    std::unique_ptr<OfflineStorage> open(const std::string& name) {
        for (const settings::NamedComponent& each : config->settings.storage) {
            if (each.name == name) return std::make_unique<OfflineStorage>(*config, each);
        }
        throw std::runtime_error("no storage " + name);
    }

    /// From here on the channel layer works on that storage.
    void serve(OfflineStorage& storage) {
        world.crash();
        world.settings.storages = {{"main", &storage.storage()}};
    }

    /// A history, some of it behind a checkpoint, refusals and a delete among it.
    void write() {
        world.settings.checkpointOpsMax = 5;
        serve(*from);
        for (int i = 0; i < 12; ++i) ann.send(set("a" + std::to_string(i % 3), R"({"x":1})"));
        bob.send(increment("a1", "/x", 4));
        bob.send(increment("a1", "", 1));  // refused
        bob.send(set("gone", "1"));
        bob.send(remove("gone"));
        ann.send(increment("a2", "", 1));  // refused, and the last
        cursor = ann.subscribe()->reached;
        world.crash();
    }

    /// The storage is open since what it holds was written: it has lost nothing.
    static channel::LoadSettings room(OfflineStorage& storage) {
        channel::LoadSettings settings = storage.loadSettings("room");
        settings.renewEpoch = false;
        return settings;
    }

    static Lines exported(OfflineStorage& storage) {
        Lines lines;
        const auto counts =
            channel::exportChannel(storage.storage(), room(storage), 5,
                                   [&](std::string_view line) { lines.emplace_back(line); });
        EXPECT_TRUE(counts) << counts.error().reason;
        return lines;
    }

    static core::Result<channel::TransferCounts> import(const Lines& lines,
                                                        OfflineStorage& storage) {
        channel::ChannelImport import;
        for (const std::string& line : lines) EXPECT_TRUE(import.take(line)) << line;
        EXPECT_TRUE(import.isComplete());
        return import.writeTo(storage.storage(), "room");
    }

    const tests::TemporaryFolder folder;
    std::unique_ptr<LoadedConfig> config;
    std::unique_ptr<OfflineStorage> from;
    std::unique_ptr<OfflineStorage> to;
    World world;
    Client ann{world, "ann"};
    Client bob{world, "bob"};
    channel::Cursor cursor;
};

TEST_P(Moving, RecordsVerdictsAndHistoryComeAlongAndClientsGoOn) {
    write();
    const auto counts = import(exported(*from), *to);
    ASSERT_TRUE(counts) << counts.error().reason;
    EXPECT_EQ(counts->seq, 15U);
    serve(*to);
    const core::Result<channel::CatchUp> after = ann.subscribe(cursor);
    ASSERT_TRUE(after) << after.error().reason;
    // A storage that forgets is never clean when a server opens it, and clients begin anew.
    const bool forgets = GetParam().second == std::string("memory");
    EXPECT_EQ(member(after->subscribed, "mode"), forgets ? "reset" : "tail");
    EXPECT_EQ(member(after->subscribed, "high"), "13");
    EXPECT_EQ(after->reached.sum, cursor.sum);
    EXPECT_EQ(bob.value("a1"), R"({"x":5})");
    EXPECT_EQ(bob.value("gone"), "");
    EXPECT_EQ(member(bob.send(increment("a1", "", 1), 2), "duplicate"), "true");
    EXPECT_EQ(member(bob.send(set("gone", "1"), 3), "original"), "applied");
    EXPECT_EQ(parsed(member(ann.history(1, 99), "updates")).size(), 15U);
    EXPECT_EQ(member(bob.send(set("b", "1"), 5), "seq"), "16");
    world.crash();
    const auto found =
        channel::checkStorage(to->storage(), [&](const std::string&) { return room(*to); });
    ASSERT_TRUE(found) << found.error().reason;
    EXPECT_EQ(found->channels, 1U);
    EXPECT_TRUE(found->wrong.empty());
}

TEST_P(Moving, WhatWasMovedIsExportedTheSameLineByLine) {
    write();
    const Lines before = exported(*from);
    ASSERT_TRUE(import(before, *to));
    const Lines after = exported(*to);
    // The order of records is the storage's own, and the last line has a checksum of all before.
    EXPECT_EQ(std::set<std::string>(before.begin(), before.end() - 1),
              std::set<std::string>(after.begin(), after.end() - 1));
}

TEST_P(Moving, AChannelThatIsThereIsLeftAsItIs) {
    write();
    const Lines lines = exported(*from);
    ASSERT_TRUE(import(lines, *to));
    const auto again = import(lines, *to);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().reason, "channel 'room' is not empty: nothing was changed");
    EXPECT_EQ(exported(*to).size(), lines.size());
}

INSTANTIATE_TEST_SUITE_P(Between, Moving,
                         testing::Values(std::pair{"sqlite", "memory"}, std::pair{"memory", "back"},
                                         std::pair{"sqlite", "back"}),
                         [](const auto& which) {
                             return std::string(which.param.first) + "_to_" + which.param.second;
                         });

}  // namespace
}  // namespace syncline::app
