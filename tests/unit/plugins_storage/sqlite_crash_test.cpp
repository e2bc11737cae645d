// SPDX-License-Identifier: Apache-2.0
// Processes that are killed, and files that come back changed.
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <random>

#include "storage_files.h"

namespace syncline::test {
namespace {

namespace fs = std::filesystem;

constexpr int channelCount = 3;
std::string channelAt(int number) {
    return "room-" + std::to_string(number);
}
std::string bodyAt(std::uint64_t index) {
    return "entry " + std::to_string(index) + std::string(index % 97, '.');
}

class SqliteCrash : public SqliteStorage {
protected:
    /// Small limits, so that a short run folds, trims and writes the logs back many times.
    Config busy() { return {{"path", file()}, {"fold_ops", 20.0}, {"wal_bytes_max", "1MiB"}}; }

    /// Commits in a process of its own until it is killed; tells through the pipe, after each
    /// commit, up to which index the channels are acknowledged.
    [[noreturn]] void writeUntilKilled(int pipe) {
        StorageInstance storage(SYNCLINE_SQLITE_PLUGIN, busy());
        if (!storage.start().ok()) ::_exit(1);
        StoredChannel stored;
        if (!storage.load(channelAt(0), stored).ok()) ::_exit(2);
        std::uint64_t index = stored.lastIndex();
        for (;;) {
            std::vector<Addition> additions;
            for (int c = 0; c < channelCount; ++c) {
                additions.push_back({channelAt(c), index, {bodyAt(index + 1), bodyAt(index + 2)}});
            }
            if (!storage.commit(additions).ok()) ::_exit(3);
            index += 2;
            if (::write(pipe, &index, sizeof index) != sizeof index) ::_exit(4);
            if (index % 14 == 0) {
                const StoredHead head{"e", index - 5, index - 5, "head"};
                const Items records{{"count", std::to_string(index - 5)}};
                if (!storage.checkpoint(channelAt(1), head, records).ok()) ::_exit(5);
                if (!storage.trim(channelAt(1), index - 30 > index ? 0 : index - 30).ok()) {
                    ::_exit(6);
                }
            }
        }
    }

    /// Lets a process write until it has acknowledged so many commits, then kills it at once.
    /// Answers the last index that it acknowledged.
    std::uint64_t killAfter(int commits) {
        int pipe[2] = {};
        EXPECT_EQ(::pipe(pipe), 0);
        const ::pid_t child = ::fork();
        if (child == 0) {
            ::close(pipe[0]);
            writeUntilKilled(pipe[1]);
        }
        ::close(pipe[1]);
        std::uint64_t acked = 0;
        const auto next = [&] {
            std::uint64_t index = 0;
            const bool got = ::read(pipe[0], &index, sizeof index) == sizeof index;
            if (got) acked = index;
            return got;
        };
        for (int i = 0; i < commits; ++i) EXPECT_TRUE(next()) << "the writer ended by itself";
        ::kill(child, SIGKILL);
        while (next()) {
        }
        ::close(pipe[0]);
        int status = 0;
        ::waitpid(child, &status, 0);
        EXPECT_TRUE(WIFSIGNALED(status)) << WEXITSTATUS(status);
        return acked;
    }

    /// The law: the checkpoint and, behind it, every entry up to the last, as they were written.
    static void expectLawful(const StoredChannel& stored) {
        std::uint64_t index = 0;
        if (stored.checkpoint) {
            index = stored.checkpoint->index;
            EXPECT_EQ(stored.records.at("count"), std::to_string(index));
        }
        for (const StoredEntry& entry : stored.entries) {
            ASSERT_EQ(entry.index, ++index);
            ASSERT_EQ(entry.seq, index);
            ASSERT_EQ(entry.body, bodyAt(index));
        }
    }
};

TEST_F(SqliteCrash, NothingAcknowledgedIsLostByKillingTheWriter) {
    std::mt19937 random(20);
    for (int round = 0; round < 25; ++round) {
        const std::uint64_t acked = killAfter(std::uniform_int_distribution<int>(1, 60)(random));
        auto storage = open(busy());
        EXPECT_TRUE(storage->wasClean());
        for (int c = 0; c < channelCount; ++c) {
            const StoredChannel stored = loaded(*storage, channelAt(c));
            expectLawful(stored);
            EXPECT_GE(stored.lastIndex(), acked);
            // All of a commit or nothing of it.
            EXPECT_EQ(stored.lastIndex(), loaded(*storage, channelAt(0)).lastIndex());
            EXPECT_LE(stored.lastIndex(), acked + 2);
            std::vector<StoredEntry> log;
            expectOk(storage->readLog(channelAt(c), 1, UINT64_MAX, log));
            ASSERT_FALSE(log.empty());
            for (std::size_t i = 0; i < log.size(); ++i) {
                ASSERT_EQ(log[i].seq, log[0].seq + i);
            }
            EXPECT_EQ(log.back().index, stored.lastIndex());
        }
    }
}

/// A crashed storage, and copies of it that are changed before they are opened.
class SqliteChangedFiles : public SqliteCrash {
protected:
    void SetUp() override {
        acked = killAfter(40);
        original = folder / "original";
        fs::create_directory(original);
        for (const auto& each : fs::directory_iterator(folder.path())) {
            if (each.is_regular_file()) {
                fs::copy_file(each.path(), original / each.path().filename());
            }
        }
    }

    void restore() {
        for (const auto& each : fs::directory_iterator(original)) {
            fs::copy_file(each.path(), folder.path() / each.path().filename(),
                          fs::copy_options::overwrite_existing);
        }
    }

    /// Whatever was changed: a refusal with words, or a lawful prefix of what was there.
    void expectRefusedOrLawful(const std::string& what) {
        SCOPED_TRACE(what);
        auto storage = make(busy());
        const Answer started = storage->start();
        if (!started.ok()) {
            EXPECT_GT(started.reason.size(), 20U);
            return;
        }
        for (int c = 0; c < channelCount; ++c) {
            StoredChannel stored;
            const Answer answer = storage->load(channelAt(c), stored);
            if (!answer.ok()) {
                EXPECT_GT(answer.reason.size(), 20U);
                continue;
            }
            expectLawful(stored);
            EXPECT_LE(stored.lastIndex(), acked + 2);
        }
    }

    std::vector<std::string> files() const {
        return {file(), file() + "-wal", journal(), journal() + "-wal"};
    }

    std::uint64_t acked = 0;
    fs::path original;
};

TEST_F(SqliteChangedFiles, FilesThatWereCutShortAreRefusedOrGiveAPrefix) {
    for (const std::string& path : files()) {
        restore();
        const auto size = static_cast<std::uint64_t>(fs::file_size(path));
        for (std::uint64_t eighth = 0; eighth < 8; ++eighth) {
            restore();
            fs::resize_file(path, size * eighth / 8 + (eighth % 2) * 13);
            expectRefusedOrLawful(path + " cut at eighth " + std::to_string(eighth));
        }
    }
}

TEST_F(SqliteChangedFiles, FlippedBytesAreRefusedOrGiveAPrefix) {
    std::mt19937 random(7);
    for (const std::string& path : files()) {
        restore();
        std::ifstream whole(path, std::ios::binary);
        const std::string content(std::istreambuf_iterator<char>(whole), {});
        // Much of a file is empty.
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i < content.size(); ++i)
            if (content[i] != 0) places.push_back(i);
        ASSERT_FALSE(places.empty()) << path;
        for (int round = 0; round < 25; ++round) {
            restore();
            const std::size_t at =
                places[std::uniform_int_distribution<std::size_t>(0, places.size() - 1)(random)];
            const char byte = content[at];
            std::fstream stream(path, std::ios::in | std::ios::out | std::ios::binary);
            stream.seekp(static_cast<std::streamoff>(at));
            stream.put(static_cast<char>(byte ^ 0x5a));
            stream.close();
            expectRefusedOrLawful(path + " flipped at " + std::to_string(at));
        }
    }
}

TEST_F(SqliteChangedFiles, AFileOfAnEarlierTimeBesideALaterOneIsRefusedOrGivesAPrefix) {
    restore();
    killAfter(60);
    const std::vector<std::vector<std::string>> swaps = {{file(), file() + "-wal"},
                                                         {journal(), journal() + "-wal"}};
    acked = UINT64_MAX - 2;
    for (const auto& swap : swaps) {
        const fs::path later = folder / ("later-" + fs::path(swap[0]).filename().string());
        fs::create_directory(later);
        for (const std::string& path : files()) {
            fs::copy_file(path, later / fs::path(path).filename());
        }
        for (const std::string& path : swap) {
            fs::copy_file(original / fs::path(path).filename(), path,
                          fs::copy_options::overwrite_existing);
        }
        expectRefusedOrLawful(swap[0] + " of an earlier time");
        for (const std::string& path : files()) {
            fs::copy_file(later / fs::path(path).filename(), path,
                          fs::copy_options::overwrite_existing);
        }
    }
}

}  // namespace
}  // namespace syncline::test
