// SPDX-License-Identifier: Apache-2.0
// The sqlite backend from inside: folding, trimming, limits.
#include <gmock/gmock.h>
#include <sqlite3.h>

#include <atomic>
#include <thread>

#include "backend.h"
#include "storage_files.h"

namespace syncline::sqlite {
namespace {

using test::TempFolder;

class SqliteFold : public testing::Test {
protected:
    void open(Settings settings = {}) {
        backend.reset();
        settings.path = folder / "s.db";
        backend = std::make_unique<Backend>(
            settings, [](const std::string&) {}, [](const std::string&) {});
        const auto started = backend->start();
        ASSERT_TRUE(started) << started.error().reason;
    }

    /// Appends so many entries of 100 bytes in one commit.
    AppendStatus append(const std::string& channel, std::uint64_t expectedIndex,
                        std::size_t count = 1) {
        const std::string body(100, 'b');
        std::vector<syncline_entry> entries;
        for (std::size_t i = 1; i <= count; ++i) {
            entries.push_back({sizeof(syncline_entry),
                               expectedIndex + i,
                               expectedIndex + i,
                               0,
                               {body.data(), body.size()}});
        }
        syncline_append append = {sizeof(syncline_append),
                                  {channel.data(), channel.size()},
                                  {"e", 1},
                                  expectedIndex,
                                  entries.data(),
                                  entries.size(),
                                  0};
        const Appended appended = backend->commit(Appends(&append, 1));
        EXPECT_EQ(append.committed, appended.status == AppendStatus::done ? 1U : 0U)
            << appended.failure.reason;
        return appended.status;
    }

    void checkpoint(const std::string& channel, std::uint64_t index,
                    const std::vector<syncline_stored_item>& records = {}) {
        const syncline_checkpoint raw = {sizeof(syncline_checkpoint),
                                         {channel.data(), channel.size()},
                                         {"e", 1},
                                         index,
                                         index,
                                         {"h", 1},
                                         records.data(),
                                         records.size(),
                                         nullptr,
                                         0};
        const auto done = backend->checkpoint(Checkpoint(&raw));
        ASSERT_TRUE(done) << done.error().reason;
    }

    /// The indexes that a read of the whole log pours.
    std::vector<std::uint64_t> log(const std::string& channel) {
        std::vector<std::uint64_t> indexes;
        syncline_reader raw = {};
        raw.size = sizeof raw;
        raw.context = &indexes;
        raw.entry = [](const syncline_reader* reader, const syncline_entry* entry) {
            static_cast<std::vector<std::uint64_t>*>(reader->context)->push_back(entry->index);
            return std::int32_t{1};
        };
        const auto done = backend->readLog(channel, 1, UINT64_MAX, Reader(&raw));
        EXPECT_TRUE(done) << done.error().reason;
        return indexes;
    }

    void fold() {
        const auto folded = backend->foldNow();
        ASSERT_TRUE(folded) << folded.error().reason;
    }

    /// A number from one of the files, on a connection of its own.
    std::int64_t ask(const std::string& file, const std::string& sql) {
        auto db = Connection::open(folder / file, Connection::Access::readOnly);
        EXPECT_TRUE(db);
        const auto answer = (*db)->number(sql);
        EXPECT_TRUE(answer);
        return answer.value_or(-1);
    }

    TempFolder folder;
    std::unique_ptr<Backend> backend;
};

std::vector<std::uint64_t> range(std::uint64_t first, std::uint64_t last) {
    std::vector<std::uint64_t> all;
    for (std::uint64_t i = first; i <= last; ++i) all.push_back(i);
    return all;
}

TEST_F(SqliteFold, WhatIsFoldedLeavesMemoryAndReadsTheSame) {
    open();
    for (std::uint64_t i = 0; i < 30; ++i) append("a", i);
    EXPECT_EQ(backend->unfolded().ops, 30U);
    EXPECT_EQ(log("a"), range(1, 30));
    fold();
    EXPECT_EQ(backend->unfolded().ops, 0U);
    EXPECT_EQ(backend->unfolded().bytes, 0U);
    EXPECT_EQ(log("a"), range(1, 30));
    append("a", 30);
    EXPECT_EQ(log("a"), range(1, 31));
    EXPECT_EQ(ask("s.db", "SELECT folded_upto FROM state"), 30);
}

TEST_F(SqliteFold, FoldedRowsLeaveTheJournalExceptForTheNewest) {
    open();
    for (std::uint64_t i = 0; i < 20; ++i) append("a", i);
    fold();
    for (std::uint64_t i = 20; i < 24; ++i) append("a", i);
    EXPECT_EQ(ask("s.db.commits", "SELECT min(id) FROM commits"), 21);
    backend->drain();
    EXPECT_EQ(ask("s.db.commits", "SELECT count(*) FROM commits"), 1);
    EXPECT_EQ(ask("s.db.commits", "SELECT id FROM commits"), 24);
}

TEST_F(SqliteFold, ASlowChannelContinuesItsLastSegment) {
    open();
    for (std::uint64_t i = 0; i < 50; ++i) {
        append("a", i);
        fold();
    }
    EXPECT_LE(ask("s.db", "SELECT count(*) FROM segment"), 2);
    EXPECT_EQ(log("a"), range(1, 50));
}

TEST_F(SqliteFold, TrimDeletesSegmentsBelowTheIndexOnly) {
    open();
    for (std::uint64_t i = 0; i < 10'000; i += 500) append("a", i, 500);
    fold();
    const auto before = ask("s.db", "SELECT count(*) FROM segment");
    EXPECT_GT(before, 3);
    checkpoint("a", 9'000);
    ASSERT_TRUE(backend->trim("a", 5'000));
    append("a", 10'000);
    fold();
    append("a", 10'001);
    fold();
    EXPECT_LT(ask("s.db", "SELECT count(*) FROM segment"), before);
    const auto kept = log("a");
    EXPECT_LE(kept.front(), 5'000U);
    EXPECT_GT(kept.front(), 1U);
    EXPECT_EQ(kept, range(kept.front(), 10'002));
}

TEST_F(SqliteFold, ADroppedChannelLeavesNoRowBehind) {
    open();
    std::vector<std::string> names;
    for (int i = 0; i < 1'500; ++i) names.push_back("k" + std::to_string(i));
    std::vector<syncline_stored_item> records;
    for (const std::string& name : names) {
        records.push_back({sizeof(syncline_stored_item), {name.data(), name.size()}, {"v", 1}});
    }
    append("a", 0, 3);
    append("b", 0, 3);
    checkpoint("a", 3, records);
    ASSERT_TRUE(backend->drop("a"));
    // The purge goes on in the background; a drain would not wait for it, a later start takes it
    // up.
    open();
    while (ask("s.db", "SELECT count(*) FROM channel") != 1) fold();
    EXPECT_EQ(
        ask("s.db", "SELECT (SELECT count(*) FROM record) + (SELECT count(*) FROM checkpoint)"), 0);
    EXPECT_EQ(ask("s.db", "SELECT count(*) FROM segment"), 1);
    EXPECT_EQ(log("b"), range(1, 3));
}

TEST_F(SqliteFold, NeverHoldsMoreThanItsLimitsWhileCommitsGoOn) {
    Settings settings;
    settings.unfoldedOpsMax = 50;
    settings.unfoldedBytesMax = 1U << 20;
    open(settings);
    for (std::uint64_t i = 0; i < 600; i += 3) {
        ASSERT_EQ(append("a", i, 3), AppendStatus::done);
        ASSERT_LE(backend->unfolded().ops, 50U);
    }
    EXPECT_EQ(log("a"), range(1, 600));
}

TEST_F(SqliteFold, ACommitLargerThanTheLimitsIsTakenAlone) {
    Settings settings;
    settings.unfoldedOpsMax = 10;
    open(settings);
    EXPECT_EQ(append("a", 0, 100), AppendStatus::done);
    EXPECT_EQ(append("a", 100, 1), AppendStatus::done);
    EXPECT_EQ(log("a"), range(1, 101));
}

TEST_F(SqliteFold, AStartWithLowerLimitsFoldsWhileItReplays) {
    open();
    for (std::uint64_t i = 0; i < 100; ++i) append("a", i);
    EXPECT_EQ(backend->unfolded().ops, 100U);
    Settings lower;
    lower.unfoldedOpsMax = 7;
    open(lower);
    EXPECT_LE(backend->unfolded().ops, 7U);
    EXPECT_EQ(log("a"), range(1, 100));
    append("a", 100);
    EXPECT_EQ(log("a"), range(1, 101));
}

TEST_F(SqliteFold, TheWriteAheadLogStaysBoundedUnderConstantLoad) {
    Settings settings;
    settings.walBytesMax = 1U << 20;
    open(settings);
    std::uintmax_t largest = 0;
    for (std::uint64_t i = 0; i < 100'000; i += 200) {
        append("a", i, 200);
        largest = std::max(largest, std::filesystem::file_size(folder / "s.db.commits-wal"));
    }
    // 500 commits of some 22 KB are ten times the limit. At twice the limit the writer no longer
    // gives way to the background; one commit may come on top.
    EXPECT_LE(largest, 2 * (1U << 20) + (64U << 10));
}

TEST_F(SqliteFold, HeadsThatWereForgottenAreReadAgain) {
    Settings settings;
    settings.headsMax = 16;
    settings.foldOps = 1;
    open(settings);
    for (std::uint64_t round = 0; round < 3; ++round) {
        for (int c = 0; c < 60; ++c) {
            ASSERT_EQ(append("room-" + std::to_string(c), round), AppendStatus::done);
        }
        fold();
    }
    EXPECT_EQ(log("room-7"), range(1, 3));
}

TEST_F(SqliteFold, ReadersSeeADensePrefixWhileCommitsFoldsAndTrimsGoOn) {
    Settings settings;
    settings.foldOps = 10;
    settings.readersMax = 2;
    open(settings);
    append("a", 0);
    std::atomic<bool> stop{false};
    std::vector<std::thread> readers;
    for (int r = 0; r < 3; ++r) {
        readers.emplace_back([&] {
            std::uint64_t lastSeen = 0;
            while (!stop) {
                const auto indexes = log("a");
                ASSERT_FALSE(indexes.empty());
                ASSERT_EQ(indexes, range(indexes.front(), indexes.back()));
                ASSERT_GE(indexes.back(), lastSeen);
                lastSeen = indexes.back();
            }
        });
    }
    for (std::uint64_t i = 1; i < 1'500; i += 5) {
        ASSERT_EQ(append("a", i, 5), AppendStatus::done);
        if (i % 100 == 1) {
            checkpoint("a", i);
            ASSERT_TRUE(backend->trim("a", i > 300 ? i - 300 : 0));
        }
    }
    stop = true;
    for (std::thread& reader : readers) reader.join();
}

TEST_F(SqliteFold, ACheckpointThatOutlivedTheEndOfTheJournalStands) {
    open();
    append("a", 0, 10);
    fold();
    append("a", 10, 10);
    append("b", 0, 1);
    checkpoint("a", 20);
    backend.reset();
    // What a loss of power can do to a relaxed journal: its newest rows were never written.
    {
        auto db = Connection::open(folder / "s.db.commits", Connection::Access::create);
        ASSERT_TRUE((*db)->execute("DELETE FROM commits WHERE id > 1"));
    }
    open();
    EXPECT_EQ(log("a"), std::vector<std::uint64_t>{});
    EXPECT_EQ(append("a", 20), AppendStatus::done);
    EXPECT_EQ(log("a"), range(21, 21));
    EXPECT_EQ(append("b", 0), AppendStatus::done);
}

}  // namespace
}  // namespace syncline::sqlite
