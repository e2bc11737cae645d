// SPDX-License-Identifier: Apache-2.0
// What every storage backend promises, asked of both through their C functions.
#include <gmock/gmock.h>

#include "storage_files.h"

namespace syncline::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Kind {
    const char* name;
    const char* library;
    Config config;
};

class StorageContract : public testing::TestWithParam<Kind> {
protected:
    void SetUp() override {
        Config config = GetParam().config;
        if (std::string(GetParam().name) != "memory") config["path"] = folder / "s.db";
        storage = std::make_unique<StorageInstance>(GetParam().library, config);
        ASSERT_TRUE(storage->answer().ok()) << storage->answer().reason;
        expectOk(storage->start());
    }

    StoredChannel loaded(const std::string& channel) {
        StoredChannel stored;
        expectOk(storage->load(channel, stored));
        return stored;
    }

    std::vector<std::string> log(const std::string& channel, std::uint64_t first,
                                 std::uint64_t last) {
        std::vector<StoredEntry> entries;
        expectOk(storage->readLog(channel, first, last, entries));
        std::vector<std::string> bodies;
        for (const StoredEntry& entry : entries) bodies.push_back(entry.body);
        return bodies;
    }

    TempFolder folder;
    std::unique_ptr<StorageInstance> storage;
};

TEST_P(StorageContract, AnUnknownChannelPoursNothing) {
    EXPECT_EQ(loaded("nobody"), StoredChannel{});
    EXPECT_THAT(log("nobody", 1, 100), IsEmpty());
    expectOk(storage->trim("nobody", 5));
    expectOk(storage->drop("nobody"));
}

TEST_P(StorageContract, GivesBackEveryFieldOfAnEntry) {
    const std::string binary("\0\xff{\"a\":1}\n", 10);
    Addition addition{"room", 0, {binary, ""}, {0, 7}};
    expectOk(storage->commit({&addition, 1}));
    EXPECT_TRUE(addition.committed);
    EXPECT_THAT(loaded("room").entries, ElementsAre(StoredEntry{1, 0, 1'700'000'000'001, binary},
                                                    StoredEntry{2, 7, 1'700'000'000'002, ""}));
}

TEST_P(StorageContract, LeavesOutAnAppendWhoseIndexDoesNotMatchAndOnlyThatOne) {
    expectOk(storage->append("a", 0, {"a1"}));
    Addition both[] = {{"a", 0, {"stale"}}, {"b", 0, {"b1"}}, {"a", 5, {"future"}}};
    expectOk(storage->commit(both));
    EXPECT_FALSE(both[0].committed);
    EXPECT_TRUE(both[1].committed);
    EXPECT_FALSE(both[2].committed);
    EXPECT_THAT(log("a", 1, 99), ElementsAre("a1"));
    EXPECT_THAT(log("b", 1, 99), ElementsAre("b1"));
}

TEST_P(StorageContract, AppendsToOneChannelInOneCommitBuildOnEachOther) {
    Addition two[] = {{"a", 0, {"a1", "a2"}}, {"a", 2, {"a3"}}, {"a", 2, {"again"}}};
    expectOk(storage->commit(two));
    EXPECT_TRUE(two[1].committed);
    EXPECT_FALSE(two[2].committed);
    EXPECT_THAT(log("a", 1, 99), ElementsAre("a1", "a2", "a3"));
}

TEST_P(StorageContract, TakesEmptyCommitsAndEmptyAppends) {
    expectOk(storage->commit({}));
    Addition nothing[] = {{"a", 0, {}}, {"a", 3, {}}};
    expectOk(storage->commit(nothing));
    EXPECT_TRUE(nothing[0].committed);
    EXPECT_FALSE(nothing[1].committed);
    expectOk(storage->append("a", 0, {"first"}));
}

TEST_P(StorageContract, LoadGivesTheCheckpointAndTheEntriesBehindIt) {
    expectOk(storage->append("a", 0, {"1", "2", "3", "4"}));
    const StoredHead head{"epoch-1", 3, 3, "sum"};
    expectOk(storage->checkpoint("a", head, {{"k", "v"}, {"gone", "x"}}, {{"s", "9"}}));
    StoredChannel stored = loaded("a");
    EXPECT_EQ(stored.checkpoint, head);
    EXPECT_EQ(stored.records, (Items{{"gone", "x"}, {"k", "v"}}));
    EXPECT_EQ(stored.streams, (Items{{"s", "9"}}));
    ASSERT_EQ(stored.entries.size(), 1U);
    EXPECT_EQ(stored.entries[0].body, "4");
}

TEST_P(StorageContract, ACheckpointCarriesChangesAndAnEmptyBodyRemoves) {
    expectOk(storage->append("a", 0, {"1", "2"}));
    expectOk(storage->checkpoint("a", {"e", 1, 1, "h1"}, {{"x", "1"}, {"y", "1"}}));
    expectOk(storage->checkpoint("a", {"e", 2, 2, "h2"}, {{"x", ""}, {"z", "2"}, {"never", ""}}));
    EXPECT_EQ(loaded("a").records, (Items{{"y", "1"}, {"z", "2"}}));
    EXPECT_EQ(loaded("a").checkpoint->head, "h2");
}

TEST_P(StorageContract, RefusesACheckpointOlderThanTheStoredOne) {
    expectOk(storage->append("a", 0, {"1", "2"}));
    expectOk(storage->checkpoint("a", {"e", 2, 2, "new"}, {{"k", "new"}}));
    const Answer answer = storage->checkpoint("a", {"e", 1, 1, "old"}, {{"k", "old"}});
    EXPECT_EQ(answer.status, SYNCLINE_FAILED);
    EXPECT_THAT(answer.reason, HasSubstr("older than the stored one"));
    EXPECT_EQ(loaded("a").records, (Items{{"k", "new"}}));
}

TEST_P(StorageContract, ACheckpointAheadOfTheLogStartsTheLogAnewBehindIt) {
    expectOk(storage->append("a", 0, {"1"}));
    expectOk(storage->checkpoint("a", {"e", 10, 8, ""}, {}));
    EXPECT_FALSE(storage->append("a", 1, {"2"}).ok());
    expectOk(storage->append("a", 10, {"11"}));
    EXPECT_EQ(loaded("a").entries.front().index, 11U);
    EXPECT_THAT(log("a", 1, 99), ElementsAre("11"));
}

TEST_P(StorageContract, ReadsTheLogBySeqAndSkipsEntriesWithoutOne) {
    Addition addition{"a", 0, {"1", "-", "2", "-", "3"}, {1, 0, 2, 0, 3}};
    expectOk(storage->commit({&addition, 1}));
    Addition more{"a", 5, {"-", "4"}, {0, 4}};
    expectOk(storage->commit({&more, 1}));
    struct Row {
        std::uint64_t first, last;
        std::vector<std::string> found;
    };
    for (const Row& row : std::vector<Row>{{1, 4, {"1", "2", "3", "4"}},
                                           {2, 3, {"2", "3"}},
                                           {4, 4, {"4"}},
                                           {5, 9, {}},
                                           {3, 2, {}},
                                           {0, UINT64_MAX, {"1", "2", "3", "4"}}}) {
        EXPECT_EQ(log("a", row.first, row.last), row.found) << row.first << ".." << row.last;
    }
}

TEST_P(StorageContract, TrimForgetsNothingThatNoCheckpointCovers) {
    expectOk(storage->append("a", 0, {"1", "2", "3"}));
    expectOk(storage->trim("a", 100));
    EXPECT_EQ(loaded("a").entries.size(), 3U);
    expectOk(storage->checkpoint("a", {"e", 2, 2, ""}, {}));
    expectOk(storage->trim("a", 100));
    expectOk(storage->append("a", 3, {"4"}));
    EXPECT_EQ(loaded("a").entries.size(), 2U);
    EXPECT_THAT(log("a", 3, 4), ElementsAre("3", "4"));
}

TEST_P(StorageContract, ListsEachChannelOnceWithOrWithoutACheckpoint) {
    expectOk(storage->append("logged", 0, {"1"}));
    expectOk(storage->checkpoint("bare", {"e", 0, 0, ""}, {}));
    expectOk(storage->append("both", 0, {"1"}));
    expectOk(storage->checkpoint("both", {"e", 1, 1, ""}, {}));
    std::vector<std::string> names;
    expectOk(storage->list(names));
    EXPECT_THAT(names, ElementsAre("bare", "both", "logged"));
}

TEST_P(StorageContract, ADroppedChannelStartsFromNothing) {
    expectOk(storage->append("a", 0, {"1", "2"}));
    expectOk(storage->append("b", 0, {"b1"}));
    expectOk(storage->checkpoint("a", {"e", 2, 2, ""}, {{"k", "v"}}, {{"s", "1"}}));
    expectOk(storage->drop("a"));
    EXPECT_EQ(loaded("a"), StoredChannel{});
    std::vector<std::string> names;
    expectOk(storage->list(names));
    EXPECT_THAT(names, ElementsAre("b"));
    expectOk(storage->append("a", 0, {"new"}));
    EXPECT_THAT(log("a", 1, 9), ElementsAre("new"));
}

TEST_P(StorageContract, TheReaderMayStopAtAnyPoint) {
    expectOk(storage->append("a", 0, {"1", "2", "3"}));
    expectOk(storage->checkpoint("a", {"e", 1, 1, ""}, {{"r", "1"}}, {{"s", "1"}}));
    for (int items = 1; items <= 5; ++items) {
        storage->stopReadingAfter(items);
        const StoredChannel stored = loaded("a");
        EXPECT_EQ(static_cast<int>(1 + stored.records.size() + stored.streams.size() +
                                   stored.entries.size()),
                  items);
        EXPECT_EQ(static_cast<int>(log("a", 1, 9).size()), std::min(items, 3));
    }
    storage->stopReadingAfter(1);
    std::vector<std::string> names;
    expectOk(storage->list(names));
    EXPECT_EQ(names.size(), 1U);
}

TEST_P(StorageContract, EntriesThatDoNotFollowEachOtherFailTheWholeCommit) {
    const syncline_entry entries[] = {{sizeof(syncline_entry), 1, 1, 0, {"x", 1}},
                                      {sizeof(syncline_entry), 3, 3, 0, {"y", 1}}};
    EXPECT_FALSE(storage->commitRaw("a", 0, entries).ok());
    EXPECT_EQ(loaded("a"), StoredChannel{});
}

INSTANTIATE_TEST_SUITE_P(
    Backends, StorageContract,
    testing::Values(Kind{"memory", SYNCLINE_MEMORY_PLUGIN, {}},
                    Kind{"sqlite", SYNCLINE_SQLITE_PLUGIN, {}},
                    // Folds after every commit, so that all is read from the folded file.
                    Kind{"sqlite_folded", SYNCLINE_SQLITE_PLUGIN, {{"fold_ops", 1.0}}},
                    Kind{"sqlite_none", SYNCLINE_SQLITE_PLUGIN, {{"durability", "none"}}}),
    [](const auto& kind) { return std::string(kind.param.name); });

}  // namespace
}  // namespace syncline::test
