// SPDX-License-Identifier: Apache-2.0
// What is the memory storage's own; tests/contract has what it shares.
#include <gmock/gmock.h>

#include "storage_files.h"

namespace syncline::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class MemoryStorage : public testing::Test {
protected:
    static std::unique_ptr<StorageInstance> open(const Config& config) {
        auto storage = std::make_unique<StorageInstance>(SYNCLINE_MEMORY_PLUGIN, config);
        expectOk(storage->answer());
        expectOk(storage->start());
        return storage;
    }
};

TEST_F(MemoryStorage, WasNeverClean) {
    EXPECT_FALSE(open({})->wasClean());
}

TEST_F(MemoryStorage, RefusesBackups) {
    EXPECT_THAT(open({})->backup("copy").reason, HasSubstr("cannot write a backup"));
}

TEST_F(MemoryStorage, RefusesCommitsOnceItIsDrained) {
    auto storage = open({});
    expectOk(storage->append("a", 0, {"1"}));
    storage->drain();
    EXPECT_FALSE(storage->append("a", 1, {"2"}).ok());
}

TEST_F(MemoryStorage, RefusesWhatDoesNotFitAndChangesNothing) {
    auto storage = open({{"bytes_max", "4KiB"}});
    expectOk(storage->append("a", 0, {std::string(1'000, 'x')}));
    Addition both[] = {{"b", 0, {"small"}}, {"a", 1, {std::string(4'000, 'y')}}};
    const Answer refused = storage->commit(both);
    EXPECT_EQ(refused.status, SYNCLINE_FAILED);
    EXPECT_TRUE(refused.retry);
    EXPECT_THAT(refused.reason, AllOf(HasSubstr("bytes_max 4096"), HasSubstr("raise it")));
    EXPECT_FALSE(both[0].committed);
    StoredChannel stored;
    expectOk(storage->load("b", stored));
    EXPECT_EQ(stored, StoredChannel{});
    EXPECT_FALSE(storage->checkpoint("a", {"e", 1, 1, ""}, {{"k", std::string(4'000, 'z')}}).ok());
}

TEST_F(MemoryStorage, TrimmingDroppingAndRemovingMakeRoomAgain) {
    auto storage = open({{"bytes_max", "8KiB"}});
    const std::string large(1'500, 'x');
    std::uint64_t last = 0;
    // Each round would fill it; together they fit only if all room is given back.
    for (int round = 0; round < 20; ++round) {
        expectOk(storage->append("a", last, {large, large}));
        last += 2;
        expectOk(storage->checkpoint("a", {"e", last, last, "h"}, {{"k", large}}));
        expectOk(storage->checkpoint("a", {"e", last, last, "h"}, {{"k", ""}}));
        expectOk(storage->trim("a", last + 1));
        expectOk(storage->append("b", 0, {large}));
        expectOk(storage->drop("b"));
    }
}

TEST_F(MemoryStorage, ACheckpointThatReplacesAsMuchAsItBringsFitsWhenItIsFull) {
    auto storage = open({{"bytes_max", "8KiB"}});
    const std::string large(3'000, 'x');
    expectOk(storage->append("a", 0, {large}));
    expectOk(storage->checkpoint("a", {"e", 1, 1, "head"}, {{"k", large}}));
    expectOk(storage->append("a", 1, {std::string(600, 'y')}));
    EXPECT_FALSE(storage->append("a", 2, {std::string(600, 'y')}).ok());
    expectOk(storage->checkpoint("a", {"e", 2, 2, "head"}, {{"k", large}}));
    expectOk(storage->trim("a", 3));
    expectOk(storage->append("a", 2, {std::string(600, 'y')}));
}

TEST_F(MemoryStorage, CommitsLeaveRoomForTheCheckpointThatLetsTheLogBeTrimmed) {
    auto storage = open({{"bytes_max", "64KiB"}});
    std::uint64_t last = 0;
    while (storage->append("a", last, {std::string(100, 'x')}).ok()) ++last;
    expectOk(storage->checkpoint("a", {"e", last, last, "head"}, {{"k", std::string(2'000, 'x')}}));
    expectOk(storage->trim("a", last + 1));
    expectOk(storage->append("a", last, {std::string(100, 'x')}));
}

TEST_F(MemoryStorage, AWrongLimitNamesItsPlace) {
    for (const char* limit : {"0B", "99999999999999GiB", "7"}) {
        StorageInstance storage(SYNCLINE_MEMORY_PLUGIN, {{"bytes_max", limit}});
        EXPECT_EQ(storage.answer().pointer, "/bytes_max") << limit;
    }
}

}  // namespace
}  // namespace syncline::test
