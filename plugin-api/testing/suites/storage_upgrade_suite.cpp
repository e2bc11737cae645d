// SPDX-License-Identifier: Apache-2.0
// What the contract says of a storage that finds files of an older version of itself. For subjects
// that say `olderVersion`: a folder with such files, which hold what Script::ofEverything() comes
// to (`--leave` writes them), and what their copies are called.
#include <cstdio>
#include <filesystem>

#include "storage_script.h"
#include "subject_test.h"

namespace syncline::conformance {
namespace {

namespace fs = std::filesystem;

class StorageUpgrade : public SubjectTest {
protected:
    void SetUp() override {
        if (subject().facts.find("olderVersion") == nullptr) {
            GTEST_SKIP() << "the subject has no olderVersion";
        }
        ASSERT_TRUE(fs::is_directory(older().string("folder"))) << older().string("folder");
        putOlderFiles(folder.path());
    }

    const Json& older() const { return *subject().facts.find("olderVersion"); }
    /// The name of each file, and what its copy is called.
    const Json::Object& copies() const { return *older().at("/copies")->as<Json::Object>(); }

    void putOlderFiles(const std::string& place) const {
        for (const auto& each : fs::directory_iterator(older().string("folder"))) {
            fs::copy_file(each.path(), fs::path(place) / each.path().filename());
        }
    }

    /// Opens what is there. What it holds otherwise than it was left, or empty.
    std::string wrongWith(const std::string& place) const {
        const DiskFaults quick = DiskFaults::unsynced(place);
        StorageDriver storage(component(), subject().configIn(place));
        const Answer started = storage.start();
        if (!started.ok()) return "it does not start: " + started.reason;
        const std::string wrong = difference(storage, script.after(script.steps.size()));
        storage.drain();
        return wrong;
    }

    /// The copies are of the older version: put back, they are brought forward like the files that
    /// they were made of, and copied again.
    std::string wrongWithCopiesIn(const std::string& place) const {
        const TestFolder back;
        for (const auto& [file, copy] : copies()) {
            const fs::path kept = fs::path(place) / *copy.as<std::string>();
            if (!fs::exists(kept)) return kept.string() + ": there is no copy of " + file;
            fs::copy_file(kept, back / file);
        }
        if (auto wrong = wrongWith(back.path()); !wrong.empty()) return "the copy: " + wrong;
        for (const auto& [file, copy] : copies()) {
            if (fs::exists(back / *copy.as<std::string>())) continue;
            return "the copy of " + file + " is not of the older version";
        }
        return {};
    }

    const Script script = Script::ofEverything();
};

TEST_P(StorageUpgrade, FilesOfAnOlderVersionAreBroughtForwardWhole) {
    Model model = script.after(script.steps.size());
    {
        StorageDriver storage(component(), config());
        expectOk(storage.start());
        EXPECT_EQ(difference(storage, model), "");
        EXPECT_TRUE(storage.wasClean()) << "the older one was left in order";
        const Addition more = {"a", model.channels["a"].last, {"behind the upgrade"}, {4}};
        Addition asked = more;
        expectOk(storage.commit({&asked, 1}));
        EXPECT_TRUE(asked.committed);
        model.append(more);
        storage.drain();
    }
    StorageDriver again(component(), config());
    expectOk(again.start());
    EXPECT_EQ(difference(again, model), "") << "behind one more commit and a restart";
}

TEST_P(StorageUpgrade, WhatTheyWereLiesBesideThem) {
    ASSERT_EQ(wrongWith(folder.path()), "");
    EXPECT_EQ(wrongWithCopiesIn(folder.path()), "");
}

TEST_P(StorageUpgrade, KilledAnywhereItLeavesTheOldVersionOrTheNewOneWhole) {
    const Script nothing;
    std::uint64_t point = 1;
    for (bool reached = true; reached; ++point) {
        const TestFolder place;
        putOlderFiles(place.path());
        const auto killed = [&] {
            return std::unique_ptr<DiskFaults>(
                new DiskFaults(DiskFaults::killAt(place.path(), point)));
        };
        const End end =
            carryOutElsewhere({component(), subject().configIn(place.path()), nothing, killed});
        reached = end.killed;
        const std::string where = "killed before change " + std::to_string(point);
        ASSERT_TRUE(end.killed || end.exitCode == 0) << where << ": " << end.exitCode;
        ASSERT_EQ(wrongWith(place.path()), "") << where;
        ASSERT_EQ(wrongWithCopiesIn(place.path()), "") << where;
    }
    std::printf("%llu crash points\n", static_cast<unsigned long long>(point - 2));
}

INSTANTIATE_TEST_SUITE_P(Every, StorageUpgrade,
                         ::testing::ValuesIn(subjectsOf(SYNCLINE_STORAGE_BACKEND)), nameOfParam);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StorageUpgrade);

}  // namespace
}  // namespace syncline::conformance
