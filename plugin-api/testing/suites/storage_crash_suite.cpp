// SPDX-License-Identifier: Apache-2.0
// What the contract says of a storage whose process ends between any two of its writes.
#include <cstdio>
#include <filesystem>

#include "storage_script.h"
#include "subject_test.h"

namespace syncline::conformance {
namespace {

namespace fs = std::filesystem;

class StorageCrash : public SubjectTest {
protected:
    enum class Death { between, inTheMiddle };

    bool isDurable() const { return subject().facts.boolean("durable"); }
    Json configIn(const std::string& place) const { return subject().configIn(place); }

    /// Runs the script in a process which dies at a change of its files.
    End die(const Script& script, const std::string& place, std::uint64_t point,
            Death death) const {
        return carryOutElsewhere({component(), configIn(place), script, [&] {
                                      return std::unique_ptr<DiskFaults>(
                                          death == Death::between
                                              ? new DiskFaults(DiskFaults::killAt(place, point))
                                              : new DiskFaults(DiskFaults::tearAt(place, point)));
                                  }});
    }

    /// What is wrong with the storage that was left behind; empty if nothing.
    std::string judge(const Script& script, const std::string& place, std::size_t acked) const {
        const DiskFaults quick = DiskFaults::unsynced(place);
        StorageDriver after(component(), configIn(place));
        const Answer started = after.start();
        if (!started.ok()) return "it does not start again: " + started.reason;
        // What was under way may have come through, as a whole.
        const std::string without = difference(after, script.after(acked));
        std::string wrong = without;
        Model model = script.after(acked);
        if (!without.empty() && acked < script.steps.size()) {
            model = script.after(acked + 1);
            wrong = difference(after, model);
        }
        if (!wrong.empty()) return without + "\nand, with the step that was under way: " + wrong;
        for (const auto& [name, channel] : model.channels) {
            const Answer goesOn = after.append(name, channel.last, {"behind the crash"});
            if (!goesOn.ok()) return "'" + name + "' does not go on: " + goesOn.reason;
        }
        after.drain();
        return {};
    }

    /// Kills a process with that script before each of its changes, and in the middle of each.
    void dieEverywhere(const Script& script) {
        if (!isDurable()) GTEST_SKIP() << "the subject is not durable";
        std::uint64_t point = 1;
        for (bool reached = true; reached; ++point) {
            for (const Death death : {Death::between, Death::inTheMiddle}) {
                const TestFolder place;
                const End end = die(script, place.path(), point, death);
                reached = end.killed;
                const std::string where =
                    std::string("killed ") + (end.killed ? "" : "(or not) ") +
                    (death == Death::between ? "before" : "in the middle of") + " change " +
                    std::to_string(point) + ", behind " + std::to_string(end.acked) + " steps";
                ASSERT_TRUE(end.killed || end.exitCode == 0) << where << ": " << end.exitCode;
                ASSERT_EQ(judge(script, place.path(), end.acked), "") << where;
                if (!reached) break;
            }
        }
        std::printf("%llu crash points\n", static_cast<unsigned long long>(point - 2));
    }
};

TEST_P(StorageCrash, KilledBetweenAnyTwoWritesACommitIsWholeAndWhatWasAcknowledgedIsThere) {
    dieEverywhere(Script::ofCommits());
}

TEST_P(StorageCrash, KilledBetweenAnyTwoWritesCheckpointAndEntriesAreTheState) {
    dieEverywhere(Script::ofCheckpoints());
}

TEST_P(StorageCrash, KilledWhileItRecoversItRecoversAgain) {
    if (!isDurable()) GTEST_SKIP() << "the subject is not durable";
    const Script script = Script::ofEverything();
    const TestFolder crashed;
    // Behind the last step: everything was acknowledged, nothing was closed.
    std::uint64_t point = 1;
    End end;
    for (std::uint64_t step = 64; step > 0; step /= 2) {
        for (;;) {
            const TestFolder attempt;
            end = die(script, attempt.path(), point + step, Death::between);
            if (!end.killed || end.acked == script.steps.size()) break;
            point += step;
        }
    }
    end = die(script, crashed.path(), point, Death::between);
    const Script nothing;
    for (std::uint64_t during = 1;; ++during) {
        const TestFolder place;
        fs::copy(crashed.path(), place.path(), fs::copy_options::recursive);
        const End recovery = die(nothing, place.path(), during, Death::between);
        ASSERT_TRUE(recovery.killed || recovery.exitCode == 0) << recovery.exitCode;
        ASSERT_EQ(judge(script, place.path(), end.acked), "")
            << "killed before change " << during << " of the recovery";
        if (!recovery.killed) break;
    }
}

INSTANTIATE_TEST_SUITE_P(Every, StorageCrash,
                         ::testing::ValuesIn(subjectsOf(SYNCLINE_STORAGE_BACKEND)), nameOfParam);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StorageCrash);

}  // namespace
}  // namespace syncline::conformance
