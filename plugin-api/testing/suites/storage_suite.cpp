// SPDX-License-Identifier: Apache-2.0
// What the contract says of storage backends while they run: appends, checkpoints, reads.
#include <algorithm>

#include "storage_test.h"

namespace syncline::conformance {
namespace {

class Storage : public StorageTest {};

TEST_P(Storage, AnUnknownChannelPoursNothingAndIsNoError) {
    EXPECT_EQ(loaded("nobody"), StoredChannel{});
    EXPECT_EQ(log("nobody", 1, 100), Bodies{});
    expectOk(storage->trim("nobody", 5));
    expectOk(storage->drop("nobody"));
    EXPECT_EQ(names(), Bodies{});
}

TEST_P(Storage, GivesBackEveryFieldOfAnEntry) {
    const std::string binary("\0\xff{\"a\":1}\n", 10);
    Addition addition{"room", 0, {binary, ""}, {0, 7}};
    expectOk(storage->commit({&addition, 1}));
    EXPECT_TRUE(addition.committed);
    const std::vector<StoredEntry> expected = {{1, 0, 1'700'000'000'001, binary},
                                               {2, 7, 1'700'000'000'002, ""}};
    EXPECT_EQ(loaded("room").entries, expected);
}

TEST_P(Storage, KeepsBodiesOfAnySizeUnchanged) {
    Bodies bodies;
    for (const std::size_t size : {1U, 255U, 4'095U, 4'096U, 65'537U, 1'000'000U}) {
        std::string body(size, '\0');
        for (std::size_t i = 0; i < size; ++i) body[i] = static_cast<char>(i * 31 + size);
        bodies.push_back(std::move(body));
    }
    expectOk(storage->append("room", 0, bodies));
    EXPECT_TRUE(bodiesOf(loaded("room").entries) == bodies);
}

TEST_P(Storage, ComparesNamesByteByByte) {
    const Bodies channels = {"a",
                             "A",
                             "a ",
                             "a%",
                             "a_",
                             "a\"'",
                             "a/b",
                             "a\\b",
                             "ä",
                             "a\u0308",
                             "😀",
                             "*",
                             std::string(255, 'x'),
                             std::string(254, 'x')};
    for (const std::string& channel : channels) {
        expectOk(storage->append(channel, 0, {"of " + channel}));
        expectOk(storage->checkpoint(channel, {"e", 0, 0, ""}, {{channel, channel}}));
    }
    for (const std::string& channel : channels) {
        EXPECT_EQ(log(channel, 1, 9), Bodies{"of " + channel});
        EXPECT_EQ(loaded(channel).records, (Items{{channel, channel}}));
    }
    EXPECT_EQ(names().size(), channels.size());
}

TEST_P(Storage, LeavesOutAnAppendWhoseIndexDoesNotMatchAndOnlyThatOne) {
    expectOk(storage->append("a", 0, {"a1"}));
    Addition three[] = {{"a", 0, {"stale"}}, {"b", 0, {"b1"}}, {"a", 5, {"future"}}};
    expectOk(storage->commit(three));
    EXPECT_FALSE(three[0].committed);
    EXPECT_TRUE(three[1].committed);
    EXPECT_FALSE(three[2].committed);
    EXPECT_EQ(log("a", 1, 99), Bodies{"a1"});
    EXPECT_EQ(log("b", 1, 99), Bodies{"b1"});
    EXPECT_EQ(loaded("a").lastIndex(), 1U);
}

TEST_P(Storage, AppendsToOneChannelInOneCommitBuildOnEachOther) {
    Addition three[] = {{"a", 0, {"a1", "a2"}}, {"a", 2, {"a3"}}, {"a", 2, {"again"}}};
    expectOk(storage->commit(three));
    EXPECT_TRUE(three[0].committed);
    EXPECT_TRUE(three[1].committed);
    EXPECT_FALSE(three[2].committed);
    EXPECT_EQ(log("a", 1, 99), (Bodies{"a1", "a2", "a3"}));
}

TEST_P(Storage, TakesEmptyCommitsAndEmptyAppends) {
    expectOk(storage->commit({}));
    Addition nothing[] = {{"a", 0, {}}, {"a", 3, {}}};
    expectOk(storage->commit(nothing));
    EXPECT_TRUE(nothing[0].committed);
    EXPECT_FALSE(nothing[1].committed);
    expectOk(storage->append("a", 0, {"first"}));
}

TEST_P(Storage, EntriesThatDoNotFollowEachOtherFailTheWholeCommit) {
    const syncline_entry entries[] = {{sizeof(syncline_entry), 1, 1, 0, {"x", 1}},
                                      {sizeof(syncline_entry), 3, 3, 0, {"y", 1}}};
    EXPECT_FALSE(storage->commitRaw("a", 0, entries).ok());
    EXPECT_EQ(loaded("a"), StoredChannel{});
    expectOk(storage->append("a", 0, {"first"}));
}

TEST_P(Storage, PoursEntriesInTheirOrder) {
    Bodies expected;
    for (std::uint64_t index = 0; index < 300; ++index) {
        expected.push_back("entry " + std::to_string(index + 1));
        expectOk(storage->append("a", index, {expected.back()}));
        if (index % 3 == 0) expectOk(storage->append("b", index / 3, {"other"}));
    }
    EXPECT_EQ(bodiesOf(loaded("a").entries), expected);
    EXPECT_EQ(log("a", 1, 300), expected);
}

TEST_P(Storage, LoadPoursTheCheckpointAndTheEntriesBehindIt) {
    expectOk(storage->append("a", 0, {"1", "2", "3", "4"}));
    const StoredHead head{"epoch-1", 3, 3, "sum"};
    expectOk(storage->checkpoint("a", head, {{"k", "v"}, {"gone", "x"}}, {{"s", "9"}}));
    const StoredChannel stored = loaded("a");
    EXPECT_EQ(stored.checkpoint, head);
    EXPECT_EQ(stored.records, (Items{{"gone", "x"}, {"k", "v"}}));
    EXPECT_EQ(stored.streams, (Items{{"s", "9"}}));
    EXPECT_EQ(bodiesOf(stored.entries), Bodies{"4"});
}

TEST_P(Storage, ACheckpointCarriesChangesOnly) {
    expectOk(storage->append("a", 0, {"1", "2"}));
    expectOk(storage->checkpoint("a", {"e", 1, 1, "h1"}, {{"x", "1"}, {"y", "1"}}, {{"s", "1"}}));
    expectOk(storage->checkpoint("a", {"e2", 2, 2, "h2"}, {{"x", "2"}}, {{"t", "2"}}));
    EXPECT_EQ(loaded("a").records, (Items{{"x", "2"}, {"y", "1"}}));
    EXPECT_EQ(loaded("a").streams, (Items{{"s", "1"}, {"t", "2"}}));
    EXPECT_EQ(loaded("a").checkpoint, (StoredHead{"e2", 2, 2, "h2"}));
}

TEST_P(Storage, AnEmptyBodyInACheckpointRemovesTheItem) {
    expectOk(storage->append("a", 0, {"1", "2"}));
    expectOk(storage->checkpoint("a", {"e", 1, 1, ""}, {{"x", "1"}, {"y", "1"}}, {{"s", "1"}}));
    expectOk(storage->checkpoint("a", {"e", 2, 2, ""}, {{"x", ""}, {"never", ""}}, {{"s", ""}}));
    EXPECT_EQ(loaded("a").records, (Items{{"y", "1"}}));
    EXPECT_EQ(loaded("a").streams, Items{});
}

TEST_P(Storage, RefusesACheckpointOlderThanTheStoredOne) {
    expectOk(storage->append("a", 0, {"1", "2"}));
    expectOk(storage->checkpoint("a", {"e", 2, 2, "new"}, {{"k", "new"}}));
    const Answer answer = storage->checkpoint("a", {"e", 1, 1, "old"}, {{"k", "old"}});
    EXPECT_EQ(answer.status, SYNCLINE_FAILED);
    EXPECT_FALSE(answer.reason.empty());
    EXPECT_EQ(loaded("a").records, (Items{{"k", "new"}}));
    EXPECT_EQ(loaded("a").checkpoint, (StoredHead{"e", 2, 2, "new"}));
}

TEST_P(Storage, ACheckpointAheadOfTheLogStartsTheLogAnewBehindIt) {
    expectOk(storage->append("a", 0, {"1"}));
    expectOk(storage->checkpoint("a", {"e", 10, 8, ""}, {}));
    EXPECT_FALSE(storage->append("a", 1, {"2"}).ok());
    expectOk(storage->append("a", 10, {"11"}));
    EXPECT_EQ(loaded("a").entries.front().index, 11U);
    EXPECT_EQ(log("a", 1, 99), Bodies{"11"});
}

TEST_P(Storage, ReadsTheLogBySeqAndSkipsEntriesWithoutOne) {
    Addition addition{"a", 0, {"1", "-", "2", "-", "3"}, {1, 0, 2, 0, 3}};
    expectOk(storage->commit({&addition, 1}));
    Addition more{"a", 5, {"-", "4"}, {0, 4}};
    expectOk(storage->commit({&more, 1}));
    struct Row {
        std::uint64_t first, last;
        Bodies found;
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

TEST_P(Storage, LoadPoursEntriesWithoutASeqToo) {
    Addition addition{"a", 0, {"1", "refused", "2"}, {1, 0, 2}};
    expectOk(storage->commit({&addition, 1}));
    EXPECT_EQ(bodiesOf(loaded("a").entries), (Bodies{"1", "refused", "2"}));
}

TEST_P(Storage, TheLogIsKeptBehindACheckpointUntilItIsTrimmed) {
    expectOk(storage->append("a", 0, {"1", "2", "3"}));
    expectOk(storage->checkpoint("a", {"e", 3, 3, ""}, {{"k", "v"}}));
    EXPECT_EQ(log("a", 1, 3), (Bodies{"1", "2", "3"}));
    expectOk(storage->trim("a", 2));
    EXPECT_EQ(log("a", 2, 3), (Bodies{"2", "3"}));
}

TEST_P(Storage, TrimForgetsNothingThatNoCheckpointCovers) {
    expectOk(storage->append("a", 0, {"1", "2", "3"}));
    expectOk(storage->trim("a", 100));
    EXPECT_EQ(loaded("a").entries.size(), 3U);
    expectOk(storage->checkpoint("a", {"e", 2, 2, ""}, {}));
    expectOk(storage->trim("a", 100));
    expectOk(storage->append("a", 3, {"4"}));
    EXPECT_EQ(loaded("a").entries.size(), 2U);
    EXPECT_EQ(log("a", 3, 4), (Bodies{"3", "4"}));
}

TEST_P(Storage, ATrimmedChannelGoesOnWhereItWas) {
    expectOk(storage->append("a", 0, {"1", "2"}));
    expectOk(storage->checkpoint("a", {"e", 2, 2, ""}, {{"k", "v"}}));
    expectOk(storage->trim("a", 3));
    EXPECT_FALSE(storage->append("a", 0, {"anew"}).ok());
    expectOk(storage->append("a", 2, {"3"}));
    EXPECT_EQ(loaded("a").lastIndex(), 3U);
}

TEST_P(Storage, ListsEachChannelOnceWithOrWithoutACheckpoint) {
    expectOk(storage->append("logged", 0, {"1"}));
    expectOk(storage->checkpoint("bare", {"e", 0, 0, ""}, {}));
    expectOk(storage->append("both", 0, {"1"}));
    expectOk(storage->checkpoint("both", {"e", 1, 1, ""}, {}));
    EXPECT_EQ(names(), (Bodies{"bare", "both", "logged"}));
}

TEST_P(Storage, ADroppedChannelStartsFromNothing) {
    expectOk(storage->append("a", 0, {"1", "2"}));
    expectOk(storage->append("b", 0, {"b1"}));
    expectOk(storage->checkpoint("a", {"e", 2, 2, ""}, {{"k", "v"}}, {{"s", "1"}}));
    expectOk(storage->drop("a"));
    EXPECT_EQ(loaded("a"), StoredChannel{});
    EXPECT_EQ(log("a", 1, 9), Bodies{});
    EXPECT_EQ(names(), Bodies{"b"});
    expectOk(storage->append("a", 0, {"new"}));
    EXPECT_EQ(log("a", 1, 9), Bodies{"new"});
    EXPECT_EQ(loaded("b").lastIndex(), 1U);
}

TEST_P(Storage, TheReaderMayStopAtAnyPoint) {
    expectOk(storage->append("a", 0, {"1", "2", "3"}));
    expectOk(storage->append("b", 0, {"1"}));
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
    EXPECT_EQ(names().size(), 1U);
}

TEST_P(Storage, ReadsTheStructsOfANewerHost) {
    storage->actAsNewerHost();
    Addition two[] = {{"a", 0, {"1", "2"}}, {"b", 0, {"b1", "b2"}}};
    expectOk(storage->commit(two));
    EXPECT_TRUE(two[0].committed);
    EXPECT_TRUE(two[1].committed);
    expectOk(storage->checkpoint("a", {"e", 1, 1, ""}, {{"k", "1"}, {"l", "2"}},
                                 {{"s", "1"}, {"t", "2"}}));
    EXPECT_EQ(bodiesOf(loaded("b").entries), (Bodies{"b1", "b2"}));
    EXPECT_EQ(loaded("a").records, (Items{{"k", "1"}, {"l", "2"}}));
    EXPECT_EQ(loaded("a").streams, (Items{{"s", "1"}, {"t", "2"}}));
}

TEST_P(Storage, KeepsNoViewOfWhatItWasGiven) {
    {
        Bodies bodies = {std::string(500, 'b')};
        expectOk(storage->append(std::string(100, 'c'), 0, bodies));
        expectOk(storage->checkpoint(std::string(100, 'c'), {std::string(40, 'e'), 0, 0, "h"},
                                     {{std::string(60, 'k'), std::string(70, 'v')}}));
    }
    const Bodies overwritten(64, std::string(100, '#'));
    EXPECT_EQ(log(std::string(100, 'c'), 1, 9), Bodies{std::string(500, 'b')});
    EXPECT_EQ(loaded(std::string(100, 'c')).records,
              (Items{{std::string(60, 'k'), std::string(70, 'v')}}));
}

TEST_P(Storage, RefusesCommitsOnceDrained) {
    expectOk(storage->append("a", 0, {"1"}));
    storage->drain();
    Addition late{"a", 1, {"2"}};
    const Answer answer = storage->commit({&late, 1});
    EXPECT_EQ(answer.status, SYNCLINE_FAILED) << "drain: flush, and refuse new work";
    EXPECT_FALSE(answer.reason.empty());
    EXPECT_FALSE(late.committed);
    close(false);
}

INSTANTIATE_TEST_SUITE_P(Every, Storage, ::testing::ValuesIn(subjectsOf(SYNCLINE_STORAGE_BACKEND)),
                         nameOfParam);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Storage);

}  // namespace
}  // namespace syncline::conformance
