// SPDX-License-Identifier: Apache-2.0
// What the contract says of storage backends across lives: restarts, killed processes, backups.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "storage_test.h"

namespace syncline::conformance {
namespace {

class StorageRestart : public StorageTest {
protected:
    void fill() {
        expectOk(storage->append("a", 0, {"1", "2", "3"}));
        expectOk(storage->checkpoint("a", {"e", 2, 2, "sum"}, {{"k", "v"}}, {{"s", "1"}}));
        Addition refused{"b", 0, {"b1", "refused", "b2"}, {1, 0, 2}};
        expectOk(storage->commit({&refused, 1}));
        expectOk(storage->append("gone", 0, {"1"}));
        expectOk(storage->drop("gone"));
    }
    static void expectFilled(StorageDriver& from) {
        const StoredChannel a = loaded(from, "a");
        EXPECT_EQ(a.checkpoint, (StoredHead{"e", 2, 2, "sum"}));
        EXPECT_EQ(a.records, (Items{{"k", "v"}}));
        EXPECT_EQ(a.streams, (Items{{"s", "1"}}));
        EXPECT_EQ(bodiesOf(a.entries), Bodies{"3"});
        std::vector<StoredEntry> log;
        expectOk(from.readLog("a", 1, 3, log));
        EXPECT_EQ(bodiesOf(log), (Bodies{"1", "2", "3"}));
        EXPECT_EQ(bodiesOf(loaded(from, "b").entries), (Bodies{"b1", "refused", "b2"}));
        Bodies names;
        expectOk(from.list(names));
        EXPECT_EQ(names, (Bodies{"a", "b"}));
    }
    /// Commits in a process of its own until it is killed; tells through the pipe, after each
    /// commit, how many there were.
    [[noreturn]] void writeUntilKilled(int pipe) const {
        StorageDriver writer(component(), config());
        if (!writer.answer().ok() || !writer.start().ok()) ::_exit(1);
        for (std::uint64_t commits = 0;; ++commits) {
            Addition both[] = {{"x", commits * 2, {"entry", "entry"}}, {"y", commits, {"entry"}}};
            if (!writer.commit(both).ok()) ::_exit(2);
            const std::uint64_t acked = commits + 1;
            if (::write(pipe, &acked, sizeof acked) != sizeof acked) ::_exit(3);
        }
    }
    /// Kills a writer behind so many acknowledged commits; answers how many it acknowledged.
    std::uint64_t killBehind(std::uint64_t commits) const {
        int pipe[2] = {};
        EXPECT_EQ(::pipe(pipe), 0);
        const ::pid_t child = ::fork();
        if (child == 0) {
            ::close(pipe[0]);
            writeUntilKilled(pipe[1]);
        }
        ::close(pipe[1]);
        std::uint64_t acked = 0;
        while (acked < commits && ::read(pipe[0], &acked, sizeof acked) == sizeof acked) {
        }
        ::kill(child, SIGKILL);
        std::uint64_t more = 0;
        while (::read(pipe[0], &more, sizeof more) == sizeof more) acked = more;
        ::close(pipe[0]);
        int status = 0;
        ::waitpid(child, &status, 0);
        EXPECT_TRUE(WIFSIGNALED(status)) << "the writer ended by itself: " << WEXITSTATUS(status);
        return acked;
    }
};

TEST_P(StorageRestart, EverythingIsThereAfterACleanRestart) {
    if (!isDurable()) GTEST_SKIP() << "the subject is not durable";
    fill();
    reopen();
    expectFilled(*storage);
    EXPECT_TRUE(storage->wasClean());
}

TEST_P(StorageRestart, EverythingIsThereAfterARestartWithoutADrain) {
    if (!isDurable()) GTEST_SKIP() << "the subject is not durable";
    fill();
    reopen(false);
    expectFilled(*storage);
}

TEST_P(StorageRestart, GoesOnWhereItWasAfterARestart) {
    if (!isDurable()) GTEST_SKIP() << "the subject is not durable";
    expectOk(storage->append("a", 0, {"1", "2"}));
    expectOk(storage->checkpoint("b", {"e", 5, 5, ""}, {}));
    reopen();
    EXPECT_FALSE(storage->append("a", 0, {"anew"}).ok());
    expectOk(storage->append("a", 2, {"3"}));
    expectOk(storage->append("b", 5, {"6"}));
    reopen();
    EXPECT_EQ(log("a", 1, 9), (Bodies{"1", "2", "3"}));
    EXPECT_EQ(log("b", 1, 9), Bodies{"6"});
}

TEST_P(StorageRestart, WhatWasDroppedStaysGone) {
    if (!isDurable()) GTEST_SKIP() << "the subject is not durable";
    expectOk(storage->append("a", 0, {"1", "2"}));
    expectOk(storage->checkpoint("a", {"e", 2, 2, ""}, {{"k", "v"}}, {{"s", "1"}}));
    expectOk(storage->drop("a"));
    reopen(false);
    EXPECT_EQ(loaded("a"), StoredChannel{});
    expectOk(storage->append("a", 0, {"new"}));
}

TEST_P(StorageRestart, NothingAcknowledgedIsLostByKillingTheProcess) {
    if (!isDurable()) GTEST_SKIP() << "the subject is not durable";
    close();
    for (const std::uint64_t commits : {1U, 7U, 40U}) {
        const std::uint64_t acked = killBehind(commits);
        storage = open(config());
        const std::uint64_t x = loaded("x").lastIndex();
        const std::uint64_t y = loaded("y").lastIndex();
        EXPECT_GE(x, acked * 2) << "acknowledged and lost";
        EXPECT_EQ(x, y * 2) << "half of a commit is there";
        EXPECT_EQ(log("x", 1, UINT64_MAX).size(), x);
        expectOk(storage->drop("x"));
        expectOk(storage->drop("y"));
        close();
    }
    storage = open(config());
}

TEST_P(StorageRestart, OneThatForgetsDoesNotCallItselfClean) {
    if (isDurable()) GTEST_SKIP() << "the subject is durable";
    fill();
    const bool before = storage->wasClean();
    reopen();
    if (loaded("b") == StoredChannel{}) {
        EXPECT_FALSE(storage->wasClean()) << "it forgot; epochs have to change";
        EXPECT_FALSE(before) << "an empty one may have had a life before";
    }
}

TEST_P(StorageRestart, SaysTheSameAboutItsEndUntilTheNext) {
    const bool first = storage->wasClean();
    fill();
    EXPECT_EQ(storage->wasClean(), first);
}

TEST_P(StorageRestart, ABackupIsAWholeCopyAndNotClean) {
    const Json* described = subject().facts.find("backupConfig");
    fill();
    const std::string path = folder / "backup";
    const Answer answer = storage->backup(path);
    if (described == nullptr) {
        EXPECT_EQ(answer.status, SYNCLINE_FAILED) << "the subject has no backupConfig";
        EXPECT_FALSE(answer.reason.empty());
        return;
    }
    expectOk(answer);
    expectOk(storage->append("b", 3, {"after the backup"}));
    Json with = replaced(replaced(*described, "BACKUP", path), "FOLDER", folder.path());
    const auto restored = open(with);
    expectFilled(*restored);
    EXPECT_FALSE(restored->wasClean()) << "what was committed since is not in it";
    expectOk(restored->append("b", 3, {"another history"}));
}

TEST_P(StorageRestart, ABackupThatCannotBeWrittenIsAFailureWithAReason) {
    fill();
    const Answer answer = storage->backup(folder / "no/such/folder/backup");
    EXPECT_EQ(answer.status, SYNCLINE_FAILED);
    EXPECT_FALSE(answer.reason.empty());
    expectOk(storage->append("b", 3, {"goes on"}));
}

INSTANTIATE_TEST_SUITE_P(Every, StorageRestart,
                         ::testing::ValuesIn(subjectsOf(SYNCLINE_STORAGE_BACKEND)), nameOfParam);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StorageRestart);

}  // namespace
}  // namespace syncline::conformance
