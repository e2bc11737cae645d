// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <string>
#include <vector>

#include "event_log/line_queue.h"
#include "event_log/log_file.h"
#include "support/stage_world.h"
#include "support/temporary_folder.h"

namespace syncline::tests {
namespace {

using event_log::LineQueue;
using event_log::LogFile;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// A folder of the test's own.
class EventLog : public testing::Test {
protected:
    std::string path(const std::string& name = "events.jsonl") const {
        return (folder / name).string();
    }
    std::vector<std::string> lines(const std::string& name = "events.jsonl") const {
        std::ifstream in(path(name));
        std::vector<std::string> found;
        for (std::string line; std::getline(in, line);) found.push_back(line);
        return found;
    }
    std::string config(const std::string& more = "") const {
        return R"({"path":")" + path() + R"(","rotate_bytes":"64MiB","files_max":3,)" +
               R"("queue_bytes_max":"1MiB","line_bytes_max":"512B","body":true,)" +
               R"("omit":["token"])" + more + "}";
    }

    TemporaryFolder folder;
};

TEST_F(EventLog, WritesWhatPassesAsALineEachAndLetsItPass) {
    {
        StageWorld world(PLUGIN_EVENT_LOG, config());
        ASSERT_EQ(world.fault, "");
        world.caller.is(R"({"user":"ann"})");
        EXPECT_EQ(world.send(R"({"type":"op","channel":"c","n":1})"), "continue");
        world.caller.is("");
        world.caller.number = 0;
        EXPECT_EQ(world.send(R"({"type":"hello","token":"secret","a":"line\nbreak"})"), "continue");
        world.instance.drain();
    }
    EXPECT_THAT(
        lines(),
        ElementsAre(
            R"({"time":1700000000000,"type":"op","channel":"c","user":"ann","address":"192.0.2.1",)"
            R"("transport":"test","connection":"1","message":{"type":"op","channel":"c","n":1}})",
            R"({"time":1700000000000,"type":"hello","address":"192.0.2.1","transport":"test",)"
            R"("message":{"type":"hello","a":"line\nbreak"}})"));
}

TEST_F(EventLog, LeavesOutTheMessageWhenToldAndWhenItIsTooLong) {
    StageWorld world(PLUGIN_EVENT_LOG, config());
    world.send(R"({"type":"op","value":")" + std::string(500, 'x') + R"("})");
    world.instance.drain();
    ASSERT_EQ(lines().size(), 1u);
    EXPECT_THAT(lines()[0], HasSubstr(R"("messageBytes":524})"));
}

TEST_F(EventLog, WritesToTheServersLogWithoutAPath) {
    StageWorld world(PLUGIN_EVENT_LOG,
                     R"({"rotate_bytes":"1MiB","files_max":1,"queue_bytes_max":"1MiB",)"
                     R"("line_bytes_max":"1KiB","body":false,"omit":[]})");
    world.send(R"({"type":"op","channel":"c"})");
    world.instance.drain();
    EXPECT_THAT(world.log.str(), HasSubstr(R"({"time":1700000000000,"type":"op","channel":"c",)"));
}

TEST_F(EventLog, SaysWhichSizeIsTooSmall) {
    StageWorld world(PLUGIN_EVENT_LOG, R"({"rotate_bytes":"1023B"})");
    EXPECT_EQ(world.fault, "/rotate_bytes: at least 1024B is due");
}

TEST_F(EventLog, DoesNotStartWithoutItsFile) {
    std::filesystem::create_directory(path());
    StageWorld world(PLUGIN_EVENT_LOG, config());
    EXPECT_THAT(world.fault, HasSubstr("Is a directory"));
}

TEST_F(EventLog, DropsAndCountsWhatIsPushedAfterTheEnd) {
    StageWorld world(PLUGIN_EVENT_LOG, config());
    world.instance.drain();
    EXPECT_EQ(world.send(R"({"type":"op"})"), "continue");
    EXPECT_THAT(lines(), IsEmpty());
}

TEST_F(EventLog, MarksWhereLinesAreMissing) {
    StageWorld world(PLUGIN_EVENT_LOG, R"({"path":")" + path() +
                                           R"(","rotate_bytes":"1MiB","files_max":1,)" +
                                           R"("queue_bytes_max":"1KiB","line_bytes_max":"4KiB",)" +
                                           R"("body":true,"omit":[]})");
    const std::string large = R"({"type":"op","value":")" + std::string(2'000, 'x') + R"("})";
    for (int i = 0; i < 3; ++i) EXPECT_EQ(world.send(large), "continue");
    world.send(R"({"type":"op"})");
    world.instance.drain();
    ASSERT_EQ(lines().size(), 2u);
    EXPECT_EQ(lines()[0], R"({"time":1700000000000,"dropped":3})");
    EXPECT_THAT(lines()[1], HasSubstr(R"("type":"op")"));
    EXPECT_THAT(world.log.str(), HasSubstr("3 lines were lost"));
}

// ---- The file ----

TEST_F(EventLog, RotatesBySizeAndKeepsSoManyFiles) {
    const auto file = LogFile::open(path(), {20, 3});
    for (const char* line : {"first 890", "second 90", "third 890", "fourth 90", "fifth 890",
                             "sixth 890", "seventh 0"}) {
        EXPECT_EQ(file->append({line}).problem, "");
    }
    EXPECT_THAT(lines(), ElementsAre("seventh 0"));
    EXPECT_THAT(lines("events.jsonl.1"), ElementsAre("fifth 890", "sixth 890"));
    EXPECT_THAT(lines("events.jsonl.2"), ElementsAre("third 890", "fourth 90"));
    EXPECT_FALSE(std::filesystem::exists(path("events.jsonl.3")));
}

TEST_F(EventLog, BeginsAnewWhenOneFileIsAllThatIsKept) {
    const auto file = LogFile::open(path(), {10, 1});
    file->append({"12345678", "next"});
    EXPECT_THAT(lines(), ElementsAre("next"));
    EXPECT_FALSE(std::filesystem::exists(path("events.jsonl.1")));
}

TEST_F(EventLog, GoesOnBehindWhatIsThere) {
    LogFile::open(path(), {20, 2})->append({"old 67890"});
    const auto file = LogFile::open(path(), {20, 2});
    file->append({"new 67890", "more"});
    EXPECT_THAT(lines("events.jsonl.1"), ElementsAre("old 67890", "new 67890"));
    EXPECT_THAT(lines(), ElementsAre("more"));
}

TEST_F(EventLog, IsOneFileForAllWhoNameIt) {
    const auto one = LogFile::open(path(), {1'000, 2});
    const auto other = LogFile::open((folder / "." / "events.jsonl").string(), {10, 2});
    EXPECT_EQ(one, other);
    one->append({"12345678"});
    other->append({"rotated"});
    one->append({"x"});
    EXPECT_THAT(lines("events.jsonl.1"), ElementsAre("12345678"));
    EXPECT_THAT(lines(), ElementsAre("rotated", "x")) << "the newer rotation holds for both";
}

TEST_F(EventLog, SaysHowMuchOfItCouldNotBeWritten) {
    const auto file = LogFile::open("/dev/full", {1'000, 1});
    const LogFile::Appended appended = file->append({"a", "b"});
    EXPECT_EQ(appended.lines, 0u);
    EXPECT_THAT(appended.problem, HasSubstr("No space left on device"));
}

// ---- The queue ----

TEST(LineQueue, NeverWaitsForASlowWriter) {
    std::promise<void> entered;
    std::promise<void> go;
    std::vector<std::string> written;
    std::uint64_t lost = 0;
    bool first = true;
    LineQueue queue(
        10,
        [&](const std::deque<std::string>& lines) {
            if (std::exchange(first, false)) {
                entered.set_value();
                go.get_future().wait();
            }
            written.insert(written.end(), lines.begin(), lines.end());
            return lines.size();
        },
        [&](std::uint64_t lines) { lost += lines; });
    EXPECT_TRUE(queue.push("1234"));
    entered.get_future().wait();
    EXPECT_TRUE(queue.push("5678"));
    EXPECT_FALSE(queue.push("901")) << "what is being written counts as well";
    EXPECT_TRUE(queue.push("90"));
    go.set_value();
    queue.close();
    EXPECT_THAT(written, ElementsAre("1234", "5678", "90"));
    EXPECT_EQ(lost, 1u);
}

TEST(LineQueue, TellsWhatItsWriterCouldNotWrite) {
    std::uint64_t lost = 0;
    LineQueue queue(
        100, [](const std::deque<std::string>&) { return std::size_t{0}; },
        [&](std::uint64_t lines) { lost += lines; });
    queue.push("a");
    queue.push("b");
    queue.close();
    EXPECT_EQ(lost, 2u);
    EXPECT_FALSE(queue.push("c"));
}

}  // namespace
}  // namespace syncline::tests
