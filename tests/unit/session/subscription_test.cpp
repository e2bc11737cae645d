// SPDX-License-Identifier: Apache-2.0
#include "session/subscription.h"

#include <gtest/gtest.h>

#include "unit/session/desk.h"

namespace syncline::session::tests {
namespace {

using Visit = Desk::Visit;

void change(Desk& desk, Visit& visit, int n, std::size_t bytes = 1) {
    visit.say(R"({"type":"change","channel":"c","key":"k","kind":"set","n":)" + std::to_string(n) +
              R"(,"value":")" + std::string(bytes, 'x') + "\"}");
    desk.world.settle();
}

std::vector<std::string> typesOf(const std::vector<std::string>& messages) {
    std::vector<std::string> types;
    for (const std::string& text : messages) types.push_back(member(text, "type"));
    return types;
}

/// The seqs of every update, whether pushed alone or in `updates`.
std::vector<std::uint64_t> seqsOf(const std::vector<std::string>& messages) {
    std::vector<std::uint64_t> seqs;
    const auto add = [&](const json::Value& update) {
        seqs.push_back(static_cast<std::uint64_t>(update.find("seq")->asNumber()));
    };
    for (const std::string& text : messages) {
        const json::Value message = parsed(text);
        const std::string_view type = message.find("type")->asString();
        if (type == "update") add(message);
        if (type != "updates") continue;
        for (const json::Value& update : message.find("updates")->elements()) add(update);
    }
    return seqs;
}

TEST(SubscriptionTest, AnswersThenGivesTheStateThenSaysLiveThenFollows) {
    Desk desk;
    auto writer = desk.enter("ann");
    auto reader = desk.enter("bob");
    change(desk, *writer, 1);
    reader->say(R"({"type":"follow","id":2,"channel":"c"})");
    desk.world.settle();
    const auto told = reader->transport.take();
    EXPECT_EQ(typesOf(told), (std::vector<std::string>{"subscribed", "snapshot", "live"}));
    EXPECT_EQ(member(told[0], "re"), "2");
    change(desk, *writer, 2);
    EXPECT_EQ(seqsOf(reader->transport.take()), std::vector<std::uint64_t>{2});
}

TEST(SubscriptionTest, EndsAtOnceWhenTold) {
    Desk desk;
    auto writer = desk.enter("ann");
    auto reader = desk.enter("bob");
    reader->say(
        R"([{"type":"follow","id":1,"channel":"c"},{"type":"leave","id":2,"channel":"c"}])");
    desk.world.settle();
    reader->transport.take();
    change(desk, *writer, 1);
    EXPECT_TRUE(reader->transport.take().empty());
    EXPECT_EQ(desk.world.topics[0]->subscribers("c"), 0U);
    reader->say(R"({"type":"leave","id":3,"channel":"c"})");
    EXPECT_EQ(member(reader->transport.take().at(0), "code"), "1202");
}

TEST(SubscriptionTest, AskedForAgainItStartsAnewAndNothingOfTheOlderFlowFollows) {
    Desk desk;
    auto writer = desk.enter("ann");
    auto reader = desk.enter("bob");
    reader->say(R"({"type":"follow","id":1,"channel":"c"})");
    desk.world.settle();
    reader->say(R"({"type":"follow","id":2,"channel":"c"})");
    desk.world.settle();
    reader->transport.take();
    change(desk, *writer, 1);
    EXPECT_EQ(seqsOf(reader->transport.take()), std::vector<std::uint64_t>{1});
}

TEST(SubscriptionTest, ASlowReaderIsDroppedFromTheFeedAndCatchesUpWithoutAGap) {
    Desk desk;
    auto writer = desk.enter("ann");
    auto reader = desk.enter("bob");
    reader->say(R"({"type":"follow","id":1,"channel":"c"})");
    desk.world.settle();
    reader->transport.take();
    reader->transport.roomLeft = 2'500;
    for (int n = 1; n <= 10; ++n) change(desk, *writer, n, 500);
    std::vector<std::uint64_t> seen = seqsOf(reader->transport.take());
    EXPECT_LT(seen.size(), 10U);
    EXPECT_EQ(desk.world.topics[0]->subscribers("c"), 0U);
    reader->transport.roomLeft = 1U << 20;
    reader->session->onRoom();
    desk.world.settle();
    const auto caughtUp = reader->transport.take();
    EXPECT_EQ(typesOf(caughtUp).front(), "subscribed");
    EXPECT_EQ(member(caughtUp.front(), "re"), "");
    EXPECT_EQ(member(caughtUp.front(), "mode"), "tail");
    EXPECT_EQ(typesOf(caughtUp).back(), "live");
    for (const std::uint64_t seq : seqsOf(caughtUp)) seen.push_back(seq);
    std::vector<std::uint64_t> all;
    for (std::uint64_t seq = 1; seq <= 10; ++seq) all.push_back(seq);
    EXPECT_EQ(seen, all);
    change(desk, *writer, 11);
    EXPECT_EQ(seqsOf(reader->transport.take()), std::vector<std::uint64_t>{11});
    EXPECT_EQ(reader->transport.closedWith, 0);
}

TEST(SubscriptionTest, WhatAReloadLeavesOutOfMemoryIsReadFromTheLog) {
    Desk desk([](syncline::tests::World& world) { world.settings.logMemoryBytesMax = 1; });
    auto writer = desk.enter("ann");
    auto reader = desk.enter("bob");
    reader->say(R"({"type":"follow","id":1,"channel":"c"})");
    desk.world.settle();
    reader->transport.take();
    desk.world.storage.commitFaults = {syncline::tests::FakeStorage::Fault::unknownKept};
    change(desk, *writer, 1);
    const auto told = reader->transport.take();
    ASSERT_EQ(typesOf(told), (std::vector<std::string>{"subscribed", "updates", "live"}));
    EXPECT_EQ(member(told.front(), "re"), "");
    EXPECT_EQ(seqsOf(told), std::vector<std::uint64_t>{1});
    change(desk, *writer, 2);
    EXPECT_EQ(seqsOf(reader->transport.take()), std::vector<std::uint64_t>{2});
}

TEST(SubscriptionTest, ResumedChannelsFollowTheReplyToTheOpeningMessage) {
    Desk desk;
    auto writer = desk.enter("ann");
    change(desk, *writer, 1);
    auto reader = desk.visit();
    reader->say(R"({"type":"enter","id":1,"user":"bob","resume":[{"channel":"c"}]})");
    desk.world.settle();
    const auto told = reader->transport.take();
    EXPECT_EQ(typesOf(told),
              (std::vector<std::string>{"entered", "subscribed", "snapshot", "live"}));
    EXPECT_EQ(member(told[1], "re"), "");
}

TEST(SubscriptionTest, ThereIsALimitToSubscriptions) {
    Desk desk;
    desk.settings.subscriptionsMax = 1;
    auto reader = desk.enter("bob");
    reader->say(
        R"([{"type":"follow","id":1,"channel":"a"},{"type":"follow","id":2,"channel":"b"}])");
    desk.world.settle();
    std::string error;
    for (const std::string& text : reader->transport.take()) {
        if (member(text, "type") == "error") error = text;
    }
    EXPECT_EQ(member(error, "code"), "1402");
}

TEST(SubscriptionTest, ABadCursorIsAnErrorThatNamesTheField) {
    Desk desk;
    auto reader = desk.enter("bob");
    reader->say(R"({"type":"follow","id":1,"channel":"a","cursor":{"epoch":"e","seq":"x"}})");
    const std::string told = reader->transport.take().at(0);
    EXPECT_EQ(member(told, "code"), "1102");
    EXPECT_NE(member(told, "reason").find("seq"), std::string::npos);
}

}  // namespace
}  // namespace syncline::session::tests
