// SPDX-License-Identifier: Apache-2.0
// The power goes: what was synced is there, of the rest whatever the disk likes.
#include <gmock/gmock.h>

#include <cstdio>

#include "losing_disk.h"
#include "storage_files.h"
#include "syncline/testing/disk_faults.h"

namespace syncline::test {
namespace {

using conformance::DiskFaults;

std::string bodyAt(std::uint64_t index) {
    return "entry " + std::to_string(index) + std::string(index % 5 * 3'000, '.');
}

class SqlitePower : public SqliteStorage {
protected:
    void TearDown() override { disk.stop(); }

    /// Small limits, so that a short run folds, checkpoints and writes its logs back.
    static Config busy(const std::string& path, const std::string& durability) {
        return {{"path", path},
                {"durability", durability},
                {"fold_ops", 6.0},
                {"wal_bytes_max", "1MiB"}};
    }

    /// Commits to two channels at once, with checkpoints and trims of the first. A mark is the
    /// index up to which commits are acknowledged.
    void record(const std::string& durability) {
        auto storage = make(busy(file(), durability));
        disk.watch(folder.path().string());
        expectOk(storage->start());
        for (std::uint64_t index = 0; index < 32; index += 2) {
            Addition both[] = {{"a", index, {bodyAt(index + 1), bodyAt(index + 2)}},
                               {"b", index, {bodyAt(index + 1), "refused"}, {index + 1, 0}}};
            expectOk(storage->commit(both));
            disk.mark(index + 2);
            if (index % 10 != 8) continue;
            const Items count = {{"count", std::to_string(index)}};
            expectOk(storage->checkpoint("a", {"e", index, index, "head"}, count, count));
            expectOk(storage->trim("a", index - 4));
        }
        storage->drain();
        storage.reset();
        disk.stop();
    }

    /// What a disk holds at that moment, opened anew.
    void judge(std::size_t step, LosingDisk::Kept kept, const std::string& durability) {
        const TempFolder place;
        const auto files = disk.after(step, kept, random);
        for (const auto& [name, content] : files) {
            std::ofstream(place / name, std::ios::binary) << content;
        }
        const DiskFaults quick = DiskFaults::unsynced(place.path().string());
        auto storage = make(busy(place / "syncline.db", durability));
        const Answer started = storage->start();
        ASSERT_TRUE(started.ok()) << started.reason;
        const std::uint64_t acked = disk.markBefore(step);
        const StoredChannel a = loaded(*storage, "a");
        const StoredChannel b = loaded(*storage, "b");
        expectLawful(a);
        expectLawful(b);
        EXPECT_LE(a.lastIndex(), acked + 2);
        if (durability == "full") {
            EXPECT_TRUE(storage->wasClean());
            EXPECT_GE(a.lastIndex(), acked) << "acknowledged, and gone";
            EXPECT_EQ(a.lastIndex(), b.lastIndex()) << "half of a commit";
        } else if (a.lastIndex() < acked || b.lastIndex() < acked) {
            ++lost;
            EXPECT_FALSE(storage->wasClean()) << "it lost something and does not say so";
        }
        expectOk(storage->append("a", a.lastIndex(), {"goes on"}));
        expectOk(storage->append("b", b.lastIndex(), {"goes on"}));
    }

    static void expectLawful(const StoredChannel& stored) {
        std::uint64_t index = stored.checkpoint ? stored.checkpoint->index : 0;
        if (stored.checkpoint) {
            EXPECT_EQ(stored.records, (Items{{"count", std::to_string(index)}}));
            EXPECT_EQ(stored.streams, stored.records);
        }
        for (const StoredEntry& entry : stored.entries) {
            ASSERT_EQ(entry.index, ++index);
            ASSERT_EQ(entry.body, entry.seq == 0 ? "refused" : bodyAt(index));
        }
    }

    /// Cuts the power around every sync and acknowledgement, and now and then in between.
    void cutEverywhere(const std::string& durability) {
        record(durability);
        int cuts = 0;
        for (std::size_t step = 0; step <= disk.steps(); ++step) {
            const bool near = step == disk.steps() || disk.isSyncOrMark(step) ||
                              (step > 0 && disk.isSyncOrMark(step - 1));
            if (!near && step % 29 != 0) continue;
            for (const LosingDisk::Kept kept :
                 {LosingDisk::Kept::nothing, LosingDisk::ways[1 + step % 4]}) {
                judge(step, kept, durability);
                ++cuts;
                ASSERT_FALSE(HasFailure()) << "power lost before step " << step << " of "
                                           << disk.steps() << ", kept " << static_cast<int>(kept);
            }
        }
        std::printf("%s: %zu steps, %d cuts, %d of them lost something\n", durability.c_str(),
                    disk.steps(), cuts, lost);
    }

    LosingDisk& disk = LosingDisk::install();
    std::mt19937 random{11};
    int lost = 0;
};

TEST_F(SqlitePower, NothingAcknowledgedIsLostWithFullDurability) {
    cutEverywhere("full");
    EXPECT_EQ(lost, 0);
}

TEST_F(SqlitePower, RelaxedMayLoseTheLastMomentsIsWholeAndSaysSo) {
    cutEverywhere("relaxed");
    EXPECT_GT(lost, 0) << "then this test shows nothing";
}

}  // namespace
}  // namespace syncline::test
