// SPDX-License-Identifier: Apache-2.0
// Spans of records: what a slow subscriber gets that wants the latest values alone; and how much of
// what is written for those who catch up may wait.
#include <algorithm>
#include <map>
#include <random>

#include "unit/channel/world.h"

namespace syncline::channel {
namespace {

using tests::Client;
using tests::increment;
using tests::member;
using tests::parsed;
using tests::remove;
using tests::set;
using tests::World;

std::vector<std::string> texts(const CatchUp& catchUp) {
    std::vector<std::string> all;
    for (const core::SharedBytes& frame : catchUp.frames)
        for (std::string& text : tests::unframed(*frame)) all.push_back(std::move(text));
    return all;
}

std::vector<std::string> types(const CatchUp& catchUp) {
    std::vector<std::string> all;
    for (const std::string& text : texts(catchUp)) all.push_back(member(text, "type"));
    return all;
}

using Types = std::vector<std::string>;
using State = std::map<std::string, std::string>;

/// A client's view: all of `records` is applied together.
void apply(State& state, const CatchUp& catchUp, std::uint64_t from) {
    for (const std::string& text : texts(catchUp)) {
        if (member(text, "type") != "records") continue;
        EXPECT_EQ(member(text, "from"), std::to_string(from));
        EXPECT_EQ(member(text, "seq"), std::to_string(catchUp.reached.seq));
        EXPECT_EQ(member(text, "sum"), catchUp.reached.sum);
        const json::Value message = parsed(text);
        for (const json::Value& record : message.find("records")->elements()) {
            const std::string key(record.find("key")->asString());
            if (record.find("deleted") != nullptr)
                state.erase(key);
            else
                state[key] = json::toText(*record.find("value"));
        }
    }
}

/// One who is behind, and asks for what became of the records.
struct Behind {
    core::Result<CatchUp> ask(std::optional<Cursor> cursor, std::size_t roomBytes = 1U << 20) {
        core::Result<CatchUp> result = core::fail(core::Code::internal, "not answered");
        SubscribeRequest request{"room", std::move(cursor), ann.author, 0, 0, roomBytes, true};
        world.directory().subscribe(
            world.shard(), std::move(request),
            [&result](core::Result<CatchUp> answer) { result = std::move(answer); });
        world.settle();
        return result;
    }

    Cursor head() { return ann.subscribe()->reached; }

    World world;
    Client ann{world, "ann"};
};

TEST(Spans, NameEachOfTheFewChangedAmongManyRecordsOnce) {
    Behind behind;
    for (int i = 0; i < 100; ++i) behind.ann.send(set("k" + std::to_string(i), "0"));
    const Cursor cursor = behind.head();
    for (const char* value : {"1", "2"}) behind.ann.send(set("k7", value));
    behind.ann.send(remove("k8"));
    behind.ann.send(set("new", "3"));
    const auto answer = behind.ask(cursor);
    ASSERT_TRUE(answer);
    ASSERT_EQ(types(*answer), (Types{"records", "live"}));
    EXPECT_EQ(parsed(texts(*answer)[0]).find("records")->elements().size(), 3U);
    State state{{"k7", "0"}, {"k8", "0"}};
    apply(state, *answer, cursor.seq + 1);
    EXPECT_EQ(state, (State{{"k7", "2"}, {"new", "3"}}));
}

TEST(Spans, SayWhatEachChangedRecordNowIsAndThenThatItIsLive) {
    Behind behind;
    behind.ann.send(set("kept", "0"));
    behind.ann.send(set("gone", "0"));
    const Cursor cursor = behind.head();
    for (int i = 1; i <= 50; ++i) behind.ann.send(set("hot", std::to_string(i)));
    behind.ann.send(remove("gone"));
    const auto answer = behind.ask(cursor);
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->subscribed.empty()) << "the flow goes on where it was";
    EXPECT_TRUE(answer->live);
    EXPECT_EQ(types(*answer), (Types{"records", "live"}));
    State state{{"kept", "0"}, {"gone", "0"}};
    apply(state, *answer, cursor.seq + 1);
    EXPECT_EQ(state, (State{{"kept", "0"}, {"hot", "50"}}));
    EXPECT_EQ(parsed(texts(*answer)[0]).find("records")->size(), 2U);
    EXPECT_EQ(member(texts(*answer)[0], "more"), "false");
}

TEST(Spans, AreNotThereWhenNothingChanged) {
    Behind behind;
    behind.ann.send(set("k", "0"));
    const auto answer = behind.ask(behind.head());
    ASSERT_TRUE(answer);
    EXPECT_EQ(types(*answer), (Types{"live"}));
}

TEST(Spans, GiveWayToASnapshotForACursorOfAnotherHistory) {
    Behind behind;
    behind.ann.send(set("k", "0"));
    for (const auto& [cursor, mode] : std::vector<std::pair<std::optional<Cursor>, std::string>>{
             {std::nullopt, "snapshot"},
             {Cursor{"another", 1, ""}, "reset"},
             {Cursor{behind.head().epoch, 99, ""}, "ahead"}}) {
        const auto answer = behind.ask(cursor);
        ASSERT_TRUE(answer);
        EXPECT_EQ(member(answer->subscribed, "mode"), mode);
        EXPECT_EQ(types(*answer), (Types{"snapshot", "live"}));
    }
}

TEST(Spans, BehindForgottenDeletesGiveWayToASnapshot) {
    Behind behind;
    behind.world.settings.checkpointOpsMax = 10;
    behind.world.settings.channels.front().historyOpsMax = 1;
    const Cursor early = behind.head();
    behind.ann.send(set("gone", "0"));
    const Cursor cursor = behind.head();
    behind.ann.send(remove("gone"));
    for (int i = 0; i < 500; ++i) behind.ann.send(set("k", std::to_string(i)));
    for (const Cursor& behindDelete : {early, cursor}) {
        const auto answer = behind.ask(behindDelete);
        ASSERT_TRUE(answer);
        EXPECT_EQ(member(answer->subscribed, "mode"), "snapshot");
    }
}

TEST(Spans, ThatAreLargeComeInPiecesAndTheNextOneBeginsBehindThem) {
    Behind behind;
    behind.world.settings.catchUpFrameBytesMax = 1'000;
    const Cursor cursor = behind.head();
    for (int i = 0; i < 40; ++i)
        behind.ann.send(set("k" + std::to_string(i), "\"" + std::string(100, 'x') + "\""));
    const auto answer = behind.ask(cursor, 2'000);
    ASSERT_TRUE(answer);
    EXPECT_FALSE(answer->live) << "more than there is room for";
    const auto all = texts(*answer);
    ASSERT_GT(all.size(), 3U);
    for (const std::string& text : all)
        EXPECT_EQ(member(text, "more"), &text == &all.back() ? "false" : "true");
    State state;
    apply(state, *answer, cursor.seq + 1);
    EXPECT_EQ(state.size(), 40U);
    behind.ann.send(set("k0", "7"));
    const auto next = behind.ask(answer->reached, 2'000);
    ASSERT_TRUE(next && next->live);
    apply(state, *next, answer->reached.seq + 1);
    EXPECT_EQ(state["k0"], "7");
}

TEST(Spans, FromAnyPointGiveTheStateAtTheHead) {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        Behind behind;
        std::mt19937 random(seed);
        std::vector<std::pair<Cursor, State>> points;
        State state;
        std::map<std::string, int> numbers;
        for (int i = 0; i < 60; ++i) {
            if (i % 6 == 0) points.emplace_back(behind.head(), state);
            const std::string key = "k" + std::to_string(random() % 8);
            switch (random() % 3) {
                case 0:
                    behind.ann.send(set(key, std::to_string(i)));
                    numbers[key] = i;
                    break;
                case 1:
                    behind.ann.send(remove(key));
                    numbers.erase(key);
                    break;
                default:
                    behind.ann.send(increment(key, "", 2));
                    numbers[key] += 2;
            }
            state.clear();
            for (const auto& [name, number] : numbers) state[name] = std::to_string(number);
        }
        for (auto& [cursor, view] : points) {
            const auto answer = behind.ask(cursor);
            ASSERT_TRUE(answer);
            apply(view, *answer, cursor.seq + 1);
            EXPECT_EQ(view, state) << "seed " << seed << " from " << cursor.seq;
        }
    }
}

TEST(FrameMemory, IsGivenBackWithTheFramesAndFullMeansThatOthersWait) {
    Behind behind;
    behind.world.settings.catchUpBytesMax = 3'000;
    for (int i = 0; i < 20; ++i)
        behind.ann.send(set("k" + std::to_string(i), "\"" + std::string(100, 'x') + "\""));
    std::vector<CatchUp> held;
    while (auto answer = behind.ann.subscribe()) {
        ASSERT_LT(held.size(), 10U);
        held.push_back(std::move(*answer));
        behind.ann.send(set("k0", std::to_string(held.size())));
    }
    EXPECT_GE(held.size(), 1U);
    EXPECT_EQ(behind.ann.subscribe().error().code, core::Code::busy);
    EXPECT_TRUE(behind.ann.subscribe().error().retry);
    EXPECT_GE(behind.world.directory().figures().catchUpBytes, 3'000U);
    held.clear();
    // What the channel itself keeps for the next one goes with its cache.
    EXPECT_TRUE(behind.ann.subscribe());
    behind.world.clock.advanceMs(10'000);
    behind.world.settle();
    EXPECT_EQ(behind.world.directory().figures().catchUpBytes, 0U);
}

}  // namespace
}  // namespace syncline::channel
