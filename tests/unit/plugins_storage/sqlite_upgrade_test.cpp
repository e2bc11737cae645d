// SPDX-License-Identifier: Apache-2.0
// Files of an older version: brought to this one in one transaction, with a copy of what they were.
#include <gmock/gmock.h>
#include <sqlite3.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "backup.h"
#include "storage_files.h"
#include "syncline/testing/disk_faults.h"

namespace syncline::test {
namespace {

using conformance::DiskFaults;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

namespace fs = std::filesystem;

// As version 1 wrote them: what a server left that was stopped in order.
constexpr const char* foldedVersion1 = R"sql(
PRAGMA journal_mode=WAL;
CREATE TABLE state(id INTEGER PRIMARY KEY CHECK (id = 1), storage TEXT NOT NULL,
    folded_upto INTEGER NOT NULL, ending INTEGER NOT NULL, sum INTEGER NOT NULL);
CREATE TABLE channel(id INTEGER PRIMARY KEY, name TEXT UNIQUE, epoch TEXT NOT NULL,
    last_index INTEGER NOT NULL, last_seq INTEGER NOT NULL, sum INTEGER NOT NULL);
CREATE TABLE checkpoint(channel INTEGER PRIMARY KEY, epoch TEXT NOT NULL,
    last_index INTEGER NOT NULL, last_seq INTEGER NOT NULL, head BLOB NOT NULL,
    sum INTEGER NOT NULL);
CREATE TABLE record(channel INTEGER NOT NULL, name TEXT NOT NULL, body BLOB NOT NULL,
    sum INTEGER NOT NULL, PRIMARY KEY (channel, name)) WITHOUT ROWID;
CREATE TABLE stream(channel INTEGER NOT NULL, name TEXT NOT NULL, body BLOB NOT NULL,
    sum INTEGER NOT NULL, PRIMARY KEY (channel, name)) WITHOUT ROWID;
CREATE TABLE segment(id INTEGER PRIMARY KEY, channel INTEGER NOT NULL,
    first_index INTEGER NOT NULL, last_index INTEGER NOT NULL, first_seq INTEGER NOT NULL,
    last_seq INTEGER NOT NULL, sum INTEGER NOT NULL, body BLOB NOT NULL);
CREATE INDEX segment_by_index ON segment(channel, last_index);
CREATE INDEX segment_by_seq ON segment(channel, last_seq, first_seq, first_index, last_index);
INSERT INTO state VALUES(1, '3210b91648be20e93d17db0c1c29c7a1', 2, 1, 3099770515398613175);
INSERT INTO channel VALUES(1, 'a', 'epoch-1', 3, 3, 1384259162817486446);
INSERT INTO channel VALUES(2, 'b', 'epoch-1', 1, 1, 1521100680882980362);
INSERT INTO checkpoint VALUES(1, 'e', 2, 2, x'73756d', -1625327623048838180);
INSERT INTO record VALUES(1, 'k', x'76', 3362162224348285235);
INSERT INTO stream VALUES(1, 's', x'31', 6152135672802992663);
INSERT INTO segment VALUES(1, 2, 1, 1, 1, 1, 2141710811081119545, x'0182a0abfef962026231');
INSERT INTO segment VALUES(2, 1, 1, 3, 1, 3, -1249216094411938482,
    x'0182a0abfef96201310284a0abfef96201320386a0abfef9620133');
PRAGMA application_id=1398361670;
PRAGMA user_version=1;
)sql";

constexpr const char* journalVersion1 = R"sql(
PRAGMA journal_mode=WAL;
CREATE TABLE owner(id INTEGER PRIMARY KEY CHECK (id = 1), storage TEXT NOT NULL);
CREATE TABLE commits(id INTEGER PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE probe(id INTEGER PRIMARY KEY CHECK (id = 1), body BLOB NOT NULL);
INSERT INTO owner VALUES(1, '3210b91648be20e93d17db0c1c29c7a1');
INSERT INTO commits VALUES(2,
    x'0101620765706f63682d3101010a0182a0abfef962026231c992deff12aad442');
PRAGMA application_id=1398361674;
PRAGMA user_version=1;
)sql";

class SqliteUpgrade : public SqliteStorage {
protected:
    static void write(const std::string& path, const char* sql) {
        sqlite3* db = nullptr;
        ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
        char* message = nullptr;
        EXPECT_EQ(sqlite3_exec(db, sql, nullptr, nullptr, &message), SQLITE_OK)
            << (message == nullptr ? "" : message);
        sqlite3_free(message);
        sqlite3_close(db);
    }
    static std::int64_t ask(const std::string& path, const char* sql) {
        sqlite3* db = nullptr;
        EXPECT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
        std::int64_t answer = -1;
        const auto take = [](void* to, int, char** values, char**) {
            *static_cast<std::int64_t*>(to) = std::stoll(values[0]);
            return 0;
        };
        EXPECT_EQ(sqlite3_exec(db, sql, take, &answer, nullptr), SQLITE_OK);
        sqlite3_close(db);
        return answer;
    }
    static void writeVersion1(const std::string& path) {
        write(path, foldedVersion1);
        write(path + ".commits", journalVersion1);
    }
    void expectEverything(StorageInstance& storage) {
        EXPECT_TRUE(storage.wasClean());
        EXPECT_EQ(loaded(storage, "a").checkpoint, (StoredHead{"e", 2, 2, "sum"}));
        EXPECT_EQ(loaded(storage, "a").records, (Items{{"k", "v"}}));
        EXPECT_EQ(loaded(storage, "a").streams, (Items{{"s", "1"}}));
        EXPECT_THAT(bodies(loaded(storage, "a").entries), ElementsAre("3"));
        std::vector<StoredEntry> log;
        expectOk(storage.readLog("a", 1, 3, log));
        EXPECT_THAT(bodies(log), ElementsAre("1", "2", "3"));
        EXPECT_THAT(bodies(loaded(storage, "b").entries), ElementsAre("b1"));
    }
};

TEST_F(SqliteUpgrade, AnOlderStorageIsBroughtForwardAndKeptBesideIt) {
    writeVersion1(file());
    auto storage = open();
    expectEverything(*storage);
    expectOk(storage->append("a", 3, {"4"}));
    close(std::move(storage));
    EXPECT_EQ(ask(file(), "PRAGMA user_version"), 2);
    EXPECT_EQ(ask(file(), "SELECT count(*) FROM upgrade WHERE version = 2 AND at > 1700000000"), 1);

    const std::string kept = file() + ".version-1";
    EXPECT_EQ(ask(kept, "PRAGMA user_version"), 1);
    EXPECT_EQ(ask(kept + ".commits", "SELECT count(*) FROM commits"), 1);
    expectEverything(*open({{"path", kept}}));
}

TEST_F(SqliteUpgrade, AStorageOfThisVersionIsNotCopied) {
    close(open());
    open();
    EXPECT_FALSE(fs::exists(file() + ".version-1"));
    EXPECT_FALSE(fs::exists(file() + ".version-2"));
}

TEST_F(SqliteUpgrade, AFileKeepsThePagesItWasMadeWith) {
    writeVersion1(file());
    close(open());
    for (const std::string& path : {file(), file() + ".version-1", journal()})
        EXPECT_EQ(ask(path, "PRAGMA page_size"), 4096) << path;
    const std::string fresh = file() + ".new";
    close(open({{"path", fresh}}));
    EXPECT_EQ(ask(fresh, "PRAGMA page_size"), 16'384);
    EXPECT_EQ(ask(fresh + ".commits", "PRAGMA page_size"), 4096);
}

TEST_F(SqliteUpgrade, ACopyNeverReplacesAnother) {
    writeVersion1(file());
    write(file() + ".version-1", "CREATE TABLE precious(it)");
    close(open());
    EXPECT_EQ(ask(file() + ".version-1", "SELECT count(*) FROM precious"), 0);
    EXPECT_EQ(ask(file() + ".version-1-2", "PRAGMA user_version"), 1);
}

TEST_F(SqliteUpgrade, WithoutRoomForTheCopyNothingIsChanged) {
    writeVersion1(file());
    {
        const DiskFaults full = DiskFaults::fullFrom(folder.path().string(), 4);
        EXPECT_THAT(refusal(), HasSubstr("free some space"));
    }
    EXPECT_EQ(ask(file(), "PRAGMA user_version"), 1);
    expectEverything(*open());
}

TEST_F(SqliteUpgrade, ACopyOfAFileThatSomebodyHoldsIsNoEmptyOne) {
    write(file(), "CREATE TABLE precious(it)");
    sqlite3* holder = nullptr;
    ASSERT_EQ(sqlite3_open(file().c_str(), &holder), SQLITE_OK);
    ASSERT_EQ(sqlite3_exec(holder, "BEGIN EXCLUSIVE", nullptr, nullptr, nullptr), SQLITE_OK);
    const std::string copy = folder / "copy.db";
    const auto refused = sqlite::copyFile(file(), copy);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().reason, HasSubstr("holds a lock"));
    EXPECT_FALSE(fs::exists(copy));
    sqlite3_close(holder);
    EXPECT_TRUE(sqlite::copyFile(file(), copy));
    EXPECT_EQ(ask(copy, "SELECT count(*) FROM precious"), 0);
}

TEST_F(SqliteUpgrade, KilledAnywhereItLeavesTheOldOrTheNewVersionWhole) {
    writeVersion1(folder / "original.db");
    bool reached = true;
    int points = 0;
    for (std::uint64_t point = 1; reached; ++point) {
        const TempFolder place;
        const std::string path = place / "s.db";
        fs::copy_file(folder / "original.db", path);
        fs::copy_file(folder / "original.db.commits", path + ".commits");
        const ::pid_t child = ::fork();
        if (child == 0) {
            const DiskFaults fault = DiskFaults::killAt(place.path().string(), point);
            StorageInstance storage(SYNCLINE_SQLITE_PLUGIN, {{"path", path}});
            const bool started = storage.start().ok();
            storage.drain();
            ::_exit(started ? 0 : 1);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        reached = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
        if (!reached) {
            ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
        }
        points += reached ? 1 : 0;
        const DiskFaults quick = DiskFaults::unsynced(place.path().string());
        const std::int64_t version = ask(path, "PRAGMA user_version");
        const std::int64_t tables = ask(path, "SELECT count(*) FROM sqlite_schema");
        EXPECT_TRUE((version == 1 && tables == 9) || (version == 2 && tables == 10))
            << "version " << version << " with " << tables << " tables and indexes";
        if (version == 2) {
            EXPECT_EQ(ask(path + ".version-1", "PRAGMA user_version"), 1)
                << "brought forward without a copy";
        }
        expectEverything(*open({{"path", path}}));
        ASSERT_FALSE(HasFailure()) << "killed before change " << point;
    }
    EXPECT_GT(points, 20);
}

}  // namespace
}  // namespace syncline::test
