// SPDX-License-Identifier: Apache-2.0
// What the contract says of a storage on files whose disk is full or may not be written, and whose
// files somebody else uses. For subjects that say `onFiles`.
#include <sys/wait.h>
#include <unistd.h>

#include <array>

#include "storage_script.h"
#include "subject_test.h"

namespace syncline::conformance {
namespace {

class StorageDisk : public SubjectTest {
protected:
    bool isOnFiles() const { return subject().facts.boolean("onFiles"); }

    std::unique_ptr<StorageDriver> open(const std::string& place) const {
        auto opened = std::make_unique<StorageDriver>(component(), subject().configIn(place));
        expectOk(opened->answer());
        if (opened->answer().ok()) expectOk(opened->start());
        return opened;
    }

    /// The steps behind the first one on a disk that fills up. Answers whether it did, with the
    /// rest of the steps carried out on one that has room again.
    bool fillUp(StorageDriver& storage, const Script& script, const std::string& place,
                std::uint64_t point) {
        std::size_t done = 1;
        Answer answer;
        bool struck = false;
        {
            const DiskFaults fault = DiskFaults::fullFrom(place, point);
            while (done < script.steps.size()) {
                answer = carryOut(script.steps[done], storage);
                if (!answer.ok()) break;
                ++done;
            }
            struck = fault.struck();
        }
        if (!answer.ok()) {
            EXPECT_FALSE(answer.reason.empty());
            const std::string without = difference(storage, script.after(done));
            const bool mayBeThere = answer.status == SYNCLINE_UNKNOWN ||
                                    script.steps[done].kind != ScriptStep::Kind::commit;
            if (!without.empty()) {
                EXPECT_TRUE(mayBeThere) << "it said that nothing was committed: " << without;
                EXPECT_EQ(difference(storage, script.after(done + 1)), "");
                ++done;
            }
        }
        for (; done < script.steps.size(); ++done) {
            expectOk(carryOut(script.steps[done], storage));
        }
        return struck;
    }
};

TEST_P(StorageDisk, AFullDiskRefusesWhatDoesNotFitAndLosesNothing) {
    if (!isOnFiles()) GTEST_SKIP() << "the subject does not say onFiles";
    for (const Script& script : {Script::ofCommits(), Script::ofCheckpoints()}) {
        bool struck = true;
        for (std::uint64_t point = 1; struck && !HasFailure(); ++point) {
            SCOPED_TRACE("full from change " + std::to_string(point));
            const TestFolder place;
            auto storage = open(place.path());
            expectOk(carryOut(script.steps[0], *storage));
            struck = fillUp(*storage, script, place.path(), point);
            const Model all = script.after(script.steps.size());
            EXPECT_EQ(difference(*storage, all), "");
            storage->drain();
            storage.reset();
            EXPECT_EQ(difference(*open(place.path()), all), "") << "after a restart";
        }
    }
}

TEST_P(StorageDisk, AReadOnlyDiskIsRefusedWithTheNameOfTheFileAndLosesNothing) {
    if (!isOnFiles()) GTEST_SKIP() << "the subject does not say onFiles";
    const Script script = Script::ofEverything();
    carryOutElsewhere({component(), config(), script});
    {
        const DiskFaults fault = DiskFaults::readOnly(folder.path());
        StorageDriver storage(component(), config());
        Answer answer = storage.start();
        if (answer.ok()) answer = storage.append("a", 3, {"4"});
        EXPECT_FALSE(answer.ok()) << "it says that it wrote where nothing can be written";
        EXPECT_NE(answer.reason.find(folder.path()), std::string::npos) << answer.reason;
    }
    EXPECT_EQ(difference(*open(folder.path()), script.after(script.steps.size())), "");
}

TEST_P(StorageDisk, WhatAnotherProcessUsesIsRefusedWithTheNameOfTheFile) {
    if (!isOnFiles()) GTEST_SKIP() << "the subject does not say onFiles";
    std::array<int, 2> ready{};
    std::array<int, 2> proceed{};
    ASSERT_EQ(::pipe(ready.data()) | ::pipe(proceed.data()), 0);
    char sign = 0;
    const ::pid_t child = ::fork();
    if (child == 0) {
        ::close(proceed[1]);
        StorageDriver first(component(), config());
        if (!first.start().ok() || !first.append("a", 0, {"1"}).ok()) ::_exit(1);
        if (::write(ready[1], "r", 1) != 1 || ::read(proceed[0], &sign, 1) != 1) ::_exit(2);
        ::_exit(first.append("a", 1, {"2"}).ok() ? 0 : 3);
    }
    ::close(ready[1]);
    EXPECT_EQ(::read(ready[0], &sign, 1), 1);
    {
        StorageDriver second(component(), config());
        const Answer refused = second.start();
        EXPECT_FALSE(refused.ok()) << "two processes use one storage";
        EXPECT_NE(refused.reason.find(folder.path()), std::string::npos) << refused.reason;
    }
    EXPECT_EQ(::write(proceed[1], "p", 1), 1);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "the first one did not go on";
    for (const int end : {ready[0], proceed[0], proceed[1]}) ::close(end);
    StoredChannel stored;
    expectOk(open(folder.path())->load("a", stored));
    EXPECT_EQ(stored.lastIndex(), 2U) << "a lock that outlives its process, or a lost commit";
}

INSTANTIATE_TEST_SUITE_P(Every, StorageDisk,
                         ::testing::ValuesIn(subjectsOf(SYNCLINE_STORAGE_BACKEND)), nameOfParam);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StorageDisk);

}  // namespace
}  // namespace syncline::conformance
