// SPDX-License-Identifier: Apache-2.0
// Channels as lines of JSON: out of one storage, into another.
#include "channel/transfer.h"

#include "channel/base64.h"
#include "unit/channel/world.h"

namespace syncline::channel {
namespace {

using tests::Client;
using tests::FakeStorage;
using tests::increment;
using tests::member;
using tests::parsed;
using tests::remove;
using tests::set;
using tests::World;

using Lines = std::vector<std::string>;

LoadSettings room() {
    LoadSettings settings;
    settings.channel = "room";
    settings.freshEpoch = "fresh";
    return settings;
}

/// A room with a history, some of it behind a checkpoint, refusals among it.
class Transfer : public testing::Test {
protected:
    void SetUp() override {
        world.settings.checkpointOpsMax = 5;
        for (int i = 0; i < 12; ++i) ann.send(set("a" + std::to_string(i % 3), R"({"x":1})"));
        bob.send(increment("a1", "/x", 4));
        bob.send(increment("a1", "", 1));  // refused
        bob.send(set("gone", "1"));
        bob.send(remove("gone"));
        ann.send(increment("a2", "", 1));  // refused, and the last
        cursor = ann.subscribe()->reached;
        world.crash();
        other.takesImports = true;
    }

    Lines exported() {
        Lines lines;
        const auto counts = exportChannel(world.storage, room(), 5,
                                          [&](std::string_view line) { lines.emplace_back(line); });
        EXPECT_TRUE(counts) << counts.error().reason;
        return lines;
    }

    /// What is said of the first line that is not taken, behind its number; empty if all are.
    static std::string refusal(const Lines& lines) {
        ChannelImport import;
        for (std::size_t i = 0; i < lines.size(); ++i) {
            if (auto taken = import.take(lines[i]); !taken)
                return std::to_string(i + 1) + ": " + taken.error().reason;
        }
        return import.isComplete() ? "" : "not complete";
    }

    core::Result<TransferCounts> imported(const Lines& lines, const std::string& name = "room") {
        ChannelImport import;
        for (const std::string& line : lines) EXPECT_TRUE(import.take(line));
        return import.writeTo(other, name);
    }

    /// The place of the first line of that kind.
    static std::size_t first(const Lines& lines, const std::string& kind) {
        std::size_t at = 0;
        while (at < lines.size() && member(lines[at], "kind") != kind) ++at;
        return at;
    }

    World world;
    Client ann{world, "ann"};
    Client bob{world, "bob"};
    Cursor cursor;
    FakeStorage other;
};

TEST_F(Transfer, MovesRecordsVerdictsAndHistory) {
    ASSERT_TRUE(imported(exported()));
    world.settings.storages = {{"main", &other}};
    const core::Result<CatchUp> after = ann.subscribe(cursor);
    ASSERT_TRUE(after);
    EXPECT_EQ(member(after->subscribed, "mode"), "tail");
    EXPECT_EQ(member(after->subscribed, "high"), "13");
    EXPECT_EQ(after->reached.sum, cursor.sum);
    EXPECT_EQ(bob.value("a1"), R"({"x":5})");
    EXPECT_EQ(bob.value("gone"), "");
    EXPECT_EQ(member(bob.send(increment("a1", "", 1), 2), "duplicate"), "true");
    EXPECT_EQ(member(bob.send(set("gone", "1"), 3), "original"), "applied");
    EXPECT_EQ(parsed(member(ann.history(1, 99), "updates")).size(), 15U);
    EXPECT_EQ(member(bob.send(set("b", "1"), 5), "seq"), "16");
}

TEST_F(Transfer, WhatWasMovedIsExportedTheSame) {
    const Lines before = exported();
    ASSERT_TRUE(imported(before, "room"));
    Lines after;
    ASSERT_TRUE(
        exportChannel(other, room(), 5, [&](std::string_view line) { after.emplace_back(line); }));
    EXPECT_EQ(std::set<std::string>(before.begin(), before.end() - 1),
              std::set<std::string>(after.begin(), after.end() - 1));
}

TEST_F(Transfer, ALogThatBeginsLaterKeepsItsNumbers) {
    ASSERT_TRUE(world.storage.trim("room", 6));
    const Lines lines = exported();
    EXPECT_NE(member(lines[first(lines, "entry")], "seq"), "1");
    ASSERT_TRUE(imported(lines));
    world.settings.storages = {{"main", &other}};
    EXPECT_EQ(member(ann.subscribe(cursor)->subscribed, "mode"), "tail");
    EXPECT_EQ(member(bob.send(set("b", "1"), 5), "seq"), "16");
}

TEST_F(Transfer, AChannelThatIsNotThereIsNotExported) {
    LoadSettings settings = room();
    settings.channel = "nowhere";
    const auto counts = exportChannel(world.storage, settings, 5, [](std::string_view) {});
    ASSERT_FALSE(counts);
    EXPECT_EQ(counts.error().reason, "the storage has no channel 'nowhere'");
}

TEST_F(Transfer, EveryLineThatIsMissingTwiceOrChangedIsFoundBeforeAnythingIsWritten) {
    const Lines lines = exported();
    ASSERT_EQ(refusal(lines), "");
    for (std::size_t i = 0; i < lines.size(); ++i) {
        Lines without = lines;
        without.erase(without.begin() + static_cast<std::ptrdiff_t>(i));
        EXPECT_NE(refusal(without), "") << "without line " << i + 1;
        Lines twice = lines;
        twice.insert(twice.begin() + static_cast<std::ptrdiff_t>(i), lines[i]);
        EXPECT_NE(refusal(twice), "") << "line " << i + 1 << " twice";
        for (std::size_t at = 0; at < lines[i].size(); at += 7) {
            Lines changed = lines;
            changed[i][at] = changed[i][at] == '1' ? '2' : '1';
            if (changed[i] == lines[i]) continue;
            EXPECT_NE(refusal(changed), "") << "byte " << at << " of line " << i + 1;
        }
    }
}

TEST_F(Transfer, SaysWhatIsWrongWithALine) {
    const Lines lines = exported();
    const auto with = [&](const std::string& kind, const std::string& from, const std::string& to) {
        Lines changed = lines;
        std::string& line = changed[first(lines, kind)];
        const std::size_t at = line.find(from);
        EXPECT_NE(at, std::string::npos) << from << " in " << line;
        line.replace(at, from.size(), to);
        const std::string told = refusal(changed);
        return told.substr(told.find(": ") + 2);
    };
    EXPECT_EQ(with("channel", R"("format":1)", R"("format":9)"),
              "has format 9, this server knows format 1");
    EXPECT_EQ(with("channel", R"("epoch":)", R"("epoc":)"),
              "'epoch' is missing or not what it should be");
    EXPECT_EQ(with("channel", R"("sum":")", R"("sum":"0)"), "'sum' and 'head' do not say the same");
    EXPECT_EQ(with("record", R"("value":)", R"("valu":)"),
              "the record and its 'image' do not say the same");
    EXPECT_EQ(with("stream", R"("high":)", R"("high":1)"),
              "the stream and its 'image' do not say the same");
    EXPECT_EQ(with("entry", R"("image":")", R"("image":"!)"),
              "'image' is missing or not what it should be");
    EXPECT_EQ(with("entry", R"("kind":"entry")", R"("kind":"entity")"), "unknown kind 'entity'");
    EXPECT_EQ(with("end", R"("sha256":")", R"("sha256":"0)"), "the checksum is another");
    EXPECT_EQ(with("end", R"("records":)", R"("records":1)"),
              "lines are missing: the counts are others");
}

TEST_F(Transfer, AChannelThatIsNotEmptyIsLeftAsItIs) {
    const Lines lines = exported();
    ASSERT_TRUE(imported(lines));
    const auto again = imported(lines);
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().reason, "channel 'room' is not empty: nothing was changed");
}

TEST_F(Transfer, AnImportThatFailsLeavesNothingAndOneThatWasKilledIsNoChannel) {
    const Lines lines = exported();
    other.commitFaults = {FakeStorage::Fault::fail};
    EXPECT_FALSE(imported(lines));
    EXPECT_TRUE(other.load("room")->entries.empty());

    // As a process leaves it that ends before the last checkpoint.
    Append append{"room", "e", 0, {{1, 0, 0, ""}}, false};
    core::Error error;
    ASSERT_EQ(other.commit({&append, 1}, error), CommitStatus::done);
    ASSERT_TRUE(other.checkpoint({"room", "e", 1, 0, std::string(kUnfinishedImport), {}, {}}));
    const auto loaded = loadChannel(other, room());
    ASSERT_FALSE(loaded);
    EXPECT_EQ(loaded.error().reason,
              "channel 'room': its import did not come to its end: import it again");
    EXPECT_TRUE(imported(lines));
    EXPECT_TRUE(loadChannel(other, room()));
}

TEST(Base64, GivesBackWhatItWasGivenAndTakesNothingElse) {
    for (const std::string bytes : {"", "a", "ab", "abc", "\xff\x01\x80\x7f"}) {
        EXPECT_EQ(fromBase64(toBase64(bytes)), bytes);
    }
    for (const char* text : {"a", "YQ", "YR==", "YQ==\n", " YQ=", "Y===", "====", "YQ==YQ=="}) {
        EXPECT_EQ(fromBase64(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace syncline::channel
