// SPDX-License-Identifier: Apache-2.0
// The files of the sqlite storage: what survives closing them, and what is refused with which
// words.
#include <gmock/gmock.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "storage_files.h"

namespace syncline::test {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace fs = std::filesystem;

void write(const std::string& path, const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
}

/// Runs SQL on a file that no storage has open.
void runSql(const std::string& path, const std::string& sql) {
    sqlite3* db = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &db), SQLITE_OK);
    char* message = nullptr;
    EXPECT_EQ(sqlite3_exec(db, sql.c_str(), nullptr, nullptr, &message), SQLITE_OK)
        << (message == nullptr ? "" : message);
    sqlite3_free(message);
    sqlite3_close(db);
}

class SqliteFiles : public SqliteStorage {
protected:
    /// A storage with something in all of its tables, closed with or without a drain.
    void fill(bool cleanly) {
        auto storage = open();
        expectOk(storage->append("a", 0, {"1", "2", "3"}));
        expectOk(storage->checkpoint("a", {"e", 2, 2, "sum"}, {{"k", "v"}}, {{"s", "1"}}));
        expectOk(storage->append("b", 0, {"b1"}));
        if (cleanly) storage->drain();
    }

    void expectFilled(StorageInstance& storage) {
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

TEST_F(SqliteFiles, ANewStorageIsCleanAndCreatesItsFolders) {
    auto storage = open({{"path", folder / "deep/er/syncline.db"}});
    EXPECT_TRUE(storage->wasClean());
    EXPECT_TRUE(fs::exists(folder / "deep/er/syncline.db"));
}

TEST_F(SqliteFiles, EverythingIsThereAfterACleanRestart) {
    fill(true);
    auto storage = open();
    EXPECT_TRUE(storage->wasClean());
    expectFilled(*storage);
    expectOk(storage->append("a", 3, {"4"}));
}

TEST_F(SqliteFiles, EverythingIsThereAfterARestartWithoutADrain) {
    for (const char* durability : {"full", "relaxed", "none"}) {
        const std::string path = folder / (std::string(durability) + ".db");
        {
            auto storage = open({{"path", path}, {"durability", durability}});
            expectOk(storage->append("a", 0, {"1", "2"}));
        }
        auto storage = open({{"path", path}, {"durability", durability}});
        EXPECT_EQ(storage->wasClean(), std::string(durability) == "full");
        EXPECT_THAT(bodies(loaded(*storage, "a").entries), ElementsAre("1", "2"));
        expectOk(storage->append("a", 2, {"3"}));
    }
}

TEST_F(SqliteFiles, AppendsThatBuildOnEachOtherInOneCommitAreReplayed) {
    {
        auto storage = open();
        Addition both[] = {{"a", 0, {"1", "2"}}, {"b", 0, {"b1"}}, {"a", 2, {"3"}}};
        expectOk(storage->commit(both));
    }
    auto storage = open();
    EXPECT_THAT(bodies(loaded(*storage, "a").entries), ElementsAre("1", "2", "3"));
}

TEST_F(SqliteFiles, WhatACrashMayHaveLostIsAMatterOfTheUseThatCrashed) {
    for (const char* before : {"full", "relaxed", "none"}) {
        for (const char* after : {"full", "relaxed", "none"}) {
            const std::string path = folder / (std::string(before) + after + ".db");
            open({{"path", path}, {"durability", before}});
            auto storage = open({{"path", path}, {"durability", after}});
            EXPECT_EQ(storage->wasClean(), std::string(before) == "full") << before << after;
            storage->drain();
            storage.reset();
            EXPECT_TRUE(open({{"path", path}})->wasClean()) << "after a shutdown";
        }
    }
}

TEST_F(SqliteFiles, ADrainedStorageRefusesEverything) {
    auto storage = open();
    storage->drain();
    EXPECT_THAT(storage->append("a", 0, {"1"}).reason, HasSubstr("shutting down"));
    StoredChannel stored;
    EXPECT_FALSE(storage->load("a", stored).ok());
    EXPECT_FALSE(storage->checkpoint("a", {"e", 0, 0, ""}, {}).ok());
    EXPECT_FALSE(storage->drop("a").ok());
    EXPECT_FALSE(storage->backup(folder / "copy.db").ok());
}

TEST_F(SqliteFiles, ASecondUserIsRefusedAndToldWhoTheFirstIs) {
    auto first = open();
    EXPECT_THAT(refusal(), AllOf(HasSubstr("locked by another process"),
                                 HasSubstr(std::to_string(::getpid()))));
    fs::create_symlink(folder.path(), folder / "alias");
    EXPECT_THAT(refusal({{"path", folder / "alias/syncline.db"}}), HasSubstr("locked"));
    first.reset();
    open();
}

TEST_F(SqliteFiles, AnotherProcessIsRefusedToo) {
    auto first = open();
    const ::pid_t child = ::fork();
    if (child == 0) {
        StorageInstance second(SYNCLINE_SQLITE_PLUGIN, {{"path", file()}});
        const Answer started = second.start();
        ::_exit(started.reason.find("locked by another process") != std::string::npos ? 7 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(WEXITSTATUS(status), 7);
    expectOk(first->append("a", 0, {"1"}));
}

TEST_F(SqliteFiles, RefusesWhatIsNoDatabaseAndLeavesItAlone) {
    write(file(), "these are the notes of my last holiday");
    EXPECT_THAT(refusal(), AllOf(HasSubstr(file()), HasSubstr("is not a SQLite database")));
    std::string kept;
    std::getline(std::ifstream(file()), kept);
    EXPECT_EQ(kept, "these are the notes of my last holiday");
}

TEST_F(SqliteFiles, RefusesADatabaseOfAnotherApplication) {
    runSql(file(), "CREATE TABLE holiday(day)");
    EXPECT_THAT(refusal(), HasSubstr("not a storage of Syncline"));
}

TEST_F(SqliteFiles, RefusesANewerVersionAndNamesBoth) {
    fill(true);
    runSql(file(), "PRAGMA user_version=7");
    EXPECT_THAT(refusal(), AllOf(HasSubstr("has version 7"), HasSubstr("up to 2")));
    runSql(file(), "PRAGMA user_version=1");
    runSql(journal(), "PRAGMA user_version=9");
    EXPECT_THAT(refusal(), AllOf(HasSubstr(".commits"), HasSubstr("has version 9")));
}

TEST_F(SqliteFiles, RefusesAPathThatIsAFolderOrLiesBehindAFile) {
    EXPECT_THAT(refusal({{"path", folder.path().string()}}), HasSubstr("is a folder"));
    write(folder / "plain", "x");
    EXPECT_THAT(refusal({{"path", folder / "plain/x.db"}}),
                AnyOf(HasSubstr("cannot be created"), HasSubstr("no usable path")));
}

TEST_F(SqliteFiles, SaysWhatToDoAboutAFolderThatItMayNotWrite) {
    ::chmod(folder.path().c_str(), 0555);
    const ::pid_t child = ::fork();
    if (child == 0) {
        // Root may write everywhere.
        if (::geteuid() == 0 && ::seteuid(65534) != 0) ::_exit(2);
        StorageInstance storage(SYNCLINE_SQLITE_PLUGIN, {{"path", file()}});
        const Answer started = storage.start();
        ::_exit(started.reason.find("write permission") != std::string::npos ? 7 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ::chmod(folder.path().c_str(), 0755);
    EXPECT_EQ(WEXITSTATUS(status), 7);
}

TEST_F(SqliteFiles, AMissingJournalIsRefusedUnlessTheStorageWasClosed) {
    fill(false);
    fs::remove(journal());
    EXPECT_THAT(refusal(), AllOf(HasSubstr(".commits: is missing"), HasSubstr("put it back")));
}

TEST_F(SqliteFiles, AClosedStorageNeedsNoJournal) {
    fill(true);
    fs::remove(journal());
    auto storage = open();
    expectFilled(*storage);
    expectOk(storage->append("b", 1, {"b2"}));
}

TEST_F(SqliteFiles, AMissingDatabaseBesideItsJournalIsRefused) {
    fill(true);
    fs::remove(file());
    EXPECT_THAT(refusal(), HasSubstr("is missing or empty"));
    EXPECT_THAT(refusal(), HasSubstr("is missing or empty"));
}

TEST_F(SqliteFiles, TheJournalOfAnotherStorageIsRefused) {
    fill(true);
    auto other = open({{"path", folder / "other.db"}});
    expectOk(other->append("x", 0, {"1"}));
    other.reset();
    fs::copy_file(folder / "other.db.commits", journal(), fs::copy_options::overwrite_existing);
    EXPECT_THAT(refusal(), HasSubstr("belongs to another storage"));
}

TEST_F(SqliteFiles, RowsThatLeftTheJournalUnfoldedAreNoticed) {
    {
        auto storage = open();
        for (std::uint64_t i = 0; i < 4; ++i) expectOk(storage->append("a", i, {"x"}));
    }
    runSql(journal(), "DELETE FROM commits WHERE id = 2");
    EXPECT_THAT(refusal(), HasSubstr("commits 2 to 2 are missing"));
}

TEST_F(SqliteFiles, ADamagedRowOfTheJournalIsNoticed) {
    {
        auto storage = open();
        expectOk(storage->append("a", 0, {"some text to change"}));
    }
    runSql(journal(),
           "UPDATE commits SET body = CAST(replace(CAST(body AS TEXT), 'some', 'same') "
           "AS BLOB) WHERE 0; UPDATE commits SET body = body || x'00'");
    EXPECT_THAT(refusal(), HasSubstr("commit 1 is damaged"));
}

struct Damage {
    const char* what;
    const char* sql;
    const char* words;
};

class SqliteDamage : public SqliteFiles, public testing::WithParamInterface<Damage> {};

TEST_P(SqliteDamage, IsFoundWhenItIsRead) {
    fill(true);
    runSql(file(), GetParam().sql);
    auto storage = make();
    Answer answer = storage->start();
    StoredChannel stored;
    if (answer.ok()) answer = storage->load("a", stored);
    EXPECT_EQ(answer.status, SYNCLINE_FAILED) << stored.entries.size();
    EXPECT_THAT(answer.reason, AllOf(HasSubstr(GetParam().words), HasSubstr("restore a backup")));
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, SqliteDamage,
    testing::Values(Damage{"segment", "UPDATE segment SET body = body || x'00'", "log segment"},
                    Damage{"bounds", "UPDATE segment SET first_index = 2", "log segment"},
                    Damage{"lost_segment", "DELETE FROM segment", "ends before index 3"},
                    Damage{"record", "UPDATE record SET body = x'00'", "an item"},
                    Damage{"stream", "UPDATE stream SET name = 't'", "an item"},
                    Damage{"checkpoint", "UPDATE checkpoint SET last_seq = 99", "checkpoint"},
                    Damage{"channel", "UPDATE channel SET last_index = 9", "its row"},
                    Damage{"state", "UPDATE state SET folded_upto = 99", "the state"}),
    [](const auto& damage) { return std::string(damage.param.what); });

TEST_F(SqliteFiles, DamageThatAReadFindsIsReportedToTheHost) {
    fill(true);
    runSql(file(), "UPDATE record SET body = x'00'");
    auto storage = open();
    StoredChannel stored;
    EXPECT_FALSE(storage->load("a", stored).ok());
    EXPECT_THAT(storage->host().awaitHealth(false), HasSubstr("damaged"));
    EXPECT_THAT(bodies(loaded(*storage, "b").entries), ElementsAre("b1"));
}

TEST_F(SqliteFiles, AnUncleanStartReadsTheFilesThrough) {
    fill(false);
    // A row that the table's own rule forbids: no read would stumble over it.
    runSql(file(), "PRAGMA ignore_check_constraints=ON; UPDATE state SET id = 2");
    EXPECT_THAT(refusal(), HasSubstr("integrity_check"));
    auto unchecked = make({{"check", "never"}});
    expectOk(unchecked->start());
}

TEST_F(SqliteFiles, AnIndexThatHasLostAnEntryIsFoundWhenTheFilesAreReadThrough) {
    fill(true);
    // While SQLite does not know of the index, a segment gets another id.
    runSql(file(), R"sql(PRAGMA writable_schema=ON;
        CREATE TEMP TABLE kept AS SELECT * FROM sqlite_schema WHERE name = 'segment_by_index';
        DELETE FROM sqlite_schema WHERE name = 'segment_by_index';
        PRAGMA writable_schema=RESET;
        UPDATE segment SET id = id + 100;
        PRAGMA writable_schema=ON;
        INSERT INTO sqlite_schema SELECT * FROM kept;
        PRAGMA writable_schema=RESET)sql");
    EXPECT_THAT(refusal({{"check", "always"}}),
                AllOf(HasSubstr("integrity_check"), HasSubstr("index segment_by_index")));
}

TEST_F(SqliteFiles, ABackupIsOneFileThatOpensAndSaysThatItIsACopy) {
    auto storage = open();
    expectOk(storage->append("a", 0, {"1", "2", "3"}));
    expectOk(storage->checkpoint("a", {"e", 2, 2, "sum"}, {{"k", "v"}}, {{"s", "1"}}));
    expectOk(storage->append("b", 0, {"b1"}));
    const std::string copy = folder / "backup.db";
    expectOk(storage->backup(copy));
    expectOk(storage->append("b", 1, {"after the backup"}));
    EXPECT_FALSE(fs::exists(copy + "-wal"));
    EXPECT_FALSE(fs::exists(copy + ".partial"));
    auto restored = open({{"path", copy}});
    EXPECT_FALSE(restored->wasClean());
    expectFilled(*restored);
    expectOk(restored->append("b", 1, {"another history"}));
}

TEST_F(SqliteFiles, ABackupNeverReplacesAFileAndLeavesNothingWhenItFails) {
    auto storage = open();
    write(folder / "taken", "precious");
    EXPECT_THAT(storage->backup(folder / "taken").reason, HasSubstr("exists"));
    EXPECT_FALSE(storage->backup(folder / "no/such/folder/copy.db").ok());
    EXPECT_EQ(fs::file_size(folder / "taken"), 8U);
}

TEST_F(SqliteFiles, ARestoredBackupBesideAnOldJournalSaysWhatToRemove) {
    auto storage = open();
    expectOk(storage->append("a", 0, {"1"}));
    expectOk(storage->backup(folder / "backup.db"));
    expectOk(storage->append("a", 1, {"2"}));
    storage.reset();
    fs::copy_file(folder / "backup.db", file(), fs::copy_options::overwrite_existing);
    EXPECT_THAT(refusal(), AllOf(HasSubstr("restored from a backup"), HasSubstr("remove")));
    fs::remove(journal());
    auto restored = open();
    EXPECT_THAT(bodies(loaded(*restored, "a").entries), ElementsAre("1"));
}

TEST_F(SqliteFiles, WrongSettingsNameTheirPlace) {
    struct Row {
        Config config;
        const char* pointer;
    };
    for (const Row& row :
         std::vector<Row>{{{{"path", ""}}, "/path"},
                          {{{"wal_bytes_max", "1KiB"}}, "/wal_bytes_max"},
                          {{{"unfolded_bytes_max", "9999GiB"}}, "/unfolded_bytes_max"},
                          {{{"fold_bytes", "0B"}}, "/fold_bytes"},
                          {{{"retry", "2h"}}, "/retry"}}) {
        auto storage = make(row.config);
        EXPECT_EQ(storage->answer().pointer, row.pointer);
        EXPECT_EQ(storage->answer().status, SYNCLINE_FAILED);
    }
}

}  // namespace
}  // namespace syncline::test
