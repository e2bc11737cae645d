// SPDX-License-Identifier: Apache-2.0
// Full and failing disks under the sqlite storage.
#include <gmock/gmock.h>
#include <sqlite3.h>
#include <sys/mount.h>

#include "faulty_disk.h"
#include "storage_files.h"

namespace syncline::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

class SqliteFaults : public SqliteStorage {
protected:
    void TearDown() override { disk.heal(); }

    /// Short retries, so that the tests need not wait; every commit is folded.
    Config eager() { return {{"path", file()}, {"retry", "10ms"}, {"fold_ops", 1.0}}; }
    Config lazy() { return {{"path", file()}, {"retry", "10ms"}}; }

    FaultyDisk& disk = FaultyDisk::install();
};

TEST_F(SqliteFaults, AFullDiskRefusesTheCommitForNowAndKeepsWhatThereIs) {
    for (const int code : {SQLITE_FULL, SQLITE_IOERR_WRITE}) {
        const std::string channel = "room-" + std::to_string(code);
        auto storage = open(lazy());
        expectOk(storage->append(channel, 0, {"1"}));
        disk.failWrites(".commits-wal", code);
        const Answer refused = storage->append(channel, 1, {"2"});
        EXPECT_EQ(refused.status, SYNCLINE_FAILED);
        EXPECT_TRUE(refused.retry);
        EXPECT_THAT(refused.reason, AllOf(HasSubstr(journal()), HasSubstr("free some space")));
        EXPECT_THAT(storage->host().awaitHealth(false), HasSubstr("free some space"));
        EXPECT_THAT(bodies(loaded(*storage, channel).entries), ElementsAre("1"));
        disk.heal();
        expectOk(storage->append(channel, 1, {"2 again"}));
        storage->host().awaitHealth(true);
        storage.reset();
        EXPECT_THAT(bodies(loaded(*open(lazy()), channel).entries), ElementsAre("1", "2 again"));
    }
}

TEST_F(SqliteFaults, AStorageRecoversFromAFullDiskWithoutACommit) {
    auto storage = open(lazy());
    disk.failWrites(".commits-wal", SQLITE_FULL);
    EXPECT_FALSE(storage->append("a", 0, {"1"}).ok());
    storage->host().awaitHealth(false);
    disk.heal();
    storage->host().awaitHealth(true);
    expectOk(storage->append("a", 0, {"1"}));
}

TEST_F(SqliteFaults, AnUnknownOutcomeIsReadBackBeforeAnythingElse) {
    auto storage = open(lazy());
    expectOk(storage->append("a", 0, {"1"}));
    disk.failSyncs(".commits-wal", SQLITE_IOERR_FSYNC, 1);
    EXPECT_EQ(storage->append("a", 1, {"2"}).status, SYNCLINE_UNKNOWN);
    // Whichever it was: the storage knows one answer, and goes on from it.
    const std::uint64_t last = loaded(*storage, "a").lastIndex();
    EXPECT_TRUE(last == 1 || last == 2);
    expectOk(storage->append("a", last, {"next"}));
    storage->host().awaitHealth(true);
    const StoredChannel before = loaded(*storage, "a");
    storage.reset();
    EXPECT_EQ(loaded(*open(lazy()), "a"), before);
}

TEST_F(SqliteFaults, WhileTheJournalCannotBeReadBackNothingIsAnswered) {
    auto storage = open(lazy());
    expectOk(storage->append("a", 0, {"1"}));
    // The commit's own sync and those of every attempt to read back.
    disk.failSyncs(".commits-wal", SQLITE_IOERR_FSYNC, 1'000'000);
    EXPECT_EQ(storage->append("a", 1, {"2"}).status, SYNCLINE_UNKNOWN);
    StoredChannel stored;
    EXPECT_FALSE(storage->load("a", stored).ok());
    EXPECT_FALSE(storage->append("a", 1, {"2"}).ok());
    disk.heal();
    const std::uint64_t last = loaded(*storage, "a").lastIndex();
    expectOk(storage->append("a", last, {"next"}));
}

TEST_F(SqliteFaults, WhenFoldingIsStuckCommitsGoOnUpToTheLimitAndThenAgainOnceItRuns) {
    Config config = eager();
    config["unfolded_ops_max"] = 5.0;
    auto storage = open(config);
    disk.failWrites("syncline.db-wal", SQLITE_FULL);
    std::uint64_t last = 0;
    Answer answer;
    while (last < 100 && (answer = storage->append("a", last, {"x"})).ok()) ++last;
    EXPECT_EQ(last, 5U);
    EXPECT_TRUE(answer.retry);
    EXPECT_THAT(answer.reason, AllOf(HasSubstr("wait to be folded"), HasSubstr("free some space")));
    EXPECT_THAT(storage->host().awaitHealth(false), HasSubstr(file()));
    EXPECT_EQ(loaded(*storage, "a").lastIndex(), 5U);
    disk.heal();
    storage->host().awaitHealth(true);
    for (; last < 20; ++last) expectOk(storage->append("a", last, {"x"}));
    storage.reset();
    EXPECT_EQ(loaded(*open(lazy()), "a").lastIndex(), 20U);
}

TEST_F(SqliteFaults, AFullDiskRefusesACheckpointAndLeavesTheOldOne) {
    auto storage = open(lazy());
    expectOk(storage->append("a", 0, {"1", "2"}));
    expectOk(storage->checkpoint("a", {"e", 1, 1, "old"}, {{"k", "old"}}));
    disk.failWrites("syncline.db-wal", SQLITE_FULL);
    const Answer refused = storage->checkpoint("a", {"e", 2, 2, "new"}, {{"k", "new"}});
    EXPECT_TRUE(refused.retry);
    EXPECT_EQ(loaded(*storage, "a").checkpoint->head, "old");
    disk.heal();
    expectOk(storage->checkpoint("a", {"e", 2, 2, "new"}, {{"k", "new"}}));
    EXPECT_EQ(loaded(*storage, "a").records, (Items{{"k", "new"}}));
}

TEST_F(SqliteFaults, ADrainOnAFullDiskLosesNothing) {
    auto storage = open(lazy());
    expectOk(storage->append("a", 0, {"1", "2"}));
    disk.failWrites("syncline.db-wal", SQLITE_FULL);
    storage->drain();
    storage.reset();
    disk.heal();
    auto again = open(lazy());
    EXPECT_TRUE(again->wasClean());
    EXPECT_THAT(bodies(loaded(*again, "a").entries), ElementsAre("1", "2"));
}

TEST_F(SqliteFaults, ARealFullFileSystemIsRefusedAndRecoveredFrom) {
    const std::string mount = folder / "small";
    std::filesystem::create_directory(mount);
    if (::mount("none", mount.c_str(), "tmpfs", 0, "size=2m") != 0) {
        GTEST_SKIP() << "may not mount here";
    }
    {
        const std::string ballast = mount + "/ballast";
        std::ofstream(ballast) << std::string(1 << 20, 'x');
        auto storage = open({{"path", mount + "/s.db"}, {"retry", "10ms"}});
        std::uint64_t last = 0;
        Answer answer;
        while ((answer = storage->append("a", last, {std::string(20'000, 'y')})).ok()) ++last;
        EXPECT_GT(last, 3U);
        EXPECT_TRUE(answer.retry) << answer.reason;
        EXPECT_EQ(loaded(*storage, "a").lastIndex(), last);
        std::filesystem::remove(ballast);
        storage->host().awaitHealth(true);
        expectOk(storage->append("a", last, {"fits again"}));
        storage.reset();
        auto again = open({{"path", mount + "/s.db"}, {"retry", "10ms"}});
        EXPECT_EQ(loaded(*again, "a").lastIndex(), last + 1);
    }
    ::umount(mount.c_str());
}

}  // namespace
}  // namespace syncline::test
