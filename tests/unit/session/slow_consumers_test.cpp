// SPDX-License-Identifier: Apache-2.0
// Clients that take less than they are sent: each policy, and what waits for them.
#include <gmock/gmock.h>

#include <map>

#include "unit/session/desk.h"

namespace syncline::session::tests {
namespace {

using channel::SlowConsumer;
using testing::ElementsAre;
using testing::IsEmpty;
using Visit = Desk::Visit;

/// Reads a channel as a client does: every update follows the one before, spans and snapshots are
/// taken as a whole.
class Reader {
public:
    void take(const std::vector<std::string>& messages) {
        for (const std::string& text : messages) take(text);
    }

    std::map<std::string, std::string> state;
    std::uint64_t seq = 0;
    bool live = false;
    std::vector<std::string> types;

private:
    void take(const std::string& text) {
        const json::Value message = parsed(text);
        const std::string type = member(text, "type");
        types.push_back(type);
        if (type == "subscribed" || type == "live") live = type == "live";
        if (type == "update") update(message);
        if (type == "updates")
            for (const json::Value& one : message.find("updates")->elements()) update(one);
        if (type == "snapshot") span(message, true);
        if (type == "records") {
            EXPECT_EQ(member(text, "from"), std::to_string(seq + 1));
            span(message, false);
        }
    }

    void update(const json::Value& update) {
        const auto number = static_cast<std::uint64_t>(update.find("seq")->asNumber());
        EXPECT_EQ(number, seq + 1);
        seq = number;
        state[std::string(update.find("key")->asString())] = json::toText(*update.find("value"));
    }

    void span(const json::Value& message, bool whole) {
        if (!gathering_) gathered_ = whole ? std::map<std::string, std::string>() : state;
        for (const json::Value& record : message.find("records")->elements())
            gathered_[std::string(record.find("key")->asString())] =
                json::toText(*record.find("value"));
        gathering_ = message.find("more")->asBool();
        if (gathering_) return;
        state = gathered_;
        seq = static_cast<std::uint64_t>(message.find("seq")->asNumber());
    }

    std::map<std::string, std::string> gathered_;
    bool gathering_ = false;
};

/// A writer, and a reader with a small outbox, in a channel with the policy.
class SlowConsumers {
public:
    explicit SlowConsumers(SlowConsumer policy)
        : desk([policy](syncline::tests::World& world) {
              world.settings.channels.front().slowConsumer = policy;
          }) {
        desk.settings.catchUpRoomBytes = 2'000;
        writer = desk.enter("ann");
        slow = desk.enter("bob");
        slow->say(R"({"type":"follow","id":1,"channel":"c"})");
        desk.world.settle();
        read();
    }

    void change(int count, std::size_t bytes = 500) {
        for (int i = 0; i < count; ++i) {
            const std::string key = "k" + std::to_string(++n_ % 3);
            const std::string value = std::to_string(n_) + std::string(bytes, 'x');
            writer->say(R"({"type":"change","channel":"c","key":")" + key +
                        R"(","kind":"set","n":)" + std::to_string(n_) + R"(,"value":")" + value +
                        "\"}");
            desk.world.settle();
            expected[key] = "\"" + value + "\"";
        }
        writer->transport.take();
        writer->transport.roomLeft = 1U << 20;
    }

    void read() { reader.take(slow->transport.take()); }

    /// The client takes what it has, and the outbox is empty again.
    void wake(std::size_t roomBytes) {
        read();
        slow->transport.roomLeft = roomBytes;
        slow->session->onRoom();
        desk.world.settle();
        read();
    }

    Desk desk;
    std::unique_ptr<Visit> writer;
    std::unique_ptr<Visit> slow;
    Reader reader;
    std::map<std::string, std::string> expected;

private:
    int n_ = 0;
};

TEST(SlowConsumersTest, ThatRecoverAreToldThatTheyMissedSomethingAndGetEveryStep) {
    SlowConsumers under(SlowConsumer::recover);
    under.slow->transport.roomLeft = 1'500;
    under.change(12);
    under.wake(1U << 20);
    EXPECT_EQ(under.reader.state, under.expected);
    EXPECT_EQ(under.reader.seq, 12U);
    EXPECT_TRUE(under.reader.live);
    EXPECT_THAT(under.reader.types, testing::Contains("subscribed").Times(2));
    EXPECT_THAT(under.reader.types, testing::Not(testing::Contains("records")));
    EXPECT_EQ(under.slow->transport.closedWith, 0);
}

TEST(SlowConsumersTest, ThatConflateGetTheLatestValuesAndNothingElse) {
    SlowConsumers under(SlowConsumer::conflate);
    under.slow->transport.roomLeft = 1'500;
    under.change(12);
    under.reader.types.clear();
    under.wake(1U << 20);
    EXPECT_EQ(under.reader.state, under.expected);
    EXPECT_EQ(under.reader.seq, 12U);
    EXPECT_THAT(under.reader.types, ElementsAre("update", "update", "records", "live"));
    under.change(1);
    under.read();
    EXPECT_EQ(under.reader.state, under.expected) << "the live feed goes on";
}

TEST(SlowConsumersTest, OfEitherKindThatReadALittleAtATimeGetThere) {
    for (const SlowConsumer policy : {SlowConsumer::recover, SlowConsumer::conflate}) {
        SlowConsumers under(policy);
        under.slow->transport.roomLeft = 1'000;
        for (int round = 0; round < 40; ++round) {
            under.change(3, 100);
            under.wake(700 + static_cast<std::size_t>(round) * 10);
        }
        for (int round = 0; round < 100 && under.reader.state != under.expected; ++round)
            under.wake(1'500);
        EXPECT_EQ(under.reader.state, under.expected);
        EXPECT_EQ(under.slow->transport.closedWith, 0);
    }
}

TEST(SlowConsumersTest, AResyncWaitsForRoomAsWell) {
    SlowConsumers under(SlowConsumer::recover);
    under.slow->transport.roomLeft = 1'500;
    under.change(12);
    // The room that there was is gone when the answer comes: others were quicker.
    under.wake(20);
    EXPECT_EQ(under.slow->transport.closedWith, 0);
    under.wake(1U << 20);
    under.wake(1U << 20);
    EXPECT_EQ(under.reader.state, under.expected);
    EXPECT_TRUE(under.reader.live);
}

TEST(SlowConsumersTest, ThatAreToBeDisconnectedAreTold) {
    SlowConsumers under(SlowConsumer::disconnect);
    under.slow->transport.roomLeft = 1'500;
    under.change(12);
    EXPECT_EQ(under.slow->transport.closedWith, 4002);
    EXPECT_EQ(under.desk.world.topics[0]->subscribers("c"), 0U);
    EXPECT_EQ(under.writer->transport.closedWith, 0);
}

TEST(SlowConsumersTest, WhoStillCatchesUpIsNotDisconnected) {
    SlowConsumers under(SlowConsumer::disconnect);
    under.change(12);
    under.read();
    auto late = under.desk.enter("cat");
    late->transport.roomLeft = 1'200;
    late->say(R"({"type":"follow","id":1,"channel":"c"})");
    under.desk.world.settle();
    under.change(3);
    EXPECT_EQ(late->transport.closedWith, 0);
    Reader reader;
    for (int round = 0; round < 20 && reader.state != under.expected; ++round) {
        reader.take(late->transport.take());
        late->transport.roomLeft = 4'000;
        late->session->onRoom();
        under.desk.world.settle();
    }
    reader.take(late->transport.take());
    EXPECT_EQ(reader.state, under.expected);
}

TEST(SlowConsumersTest, ASignalThatFindsNoRoomLeavesAGapThatTheClientSees) {
    SlowConsumers under(SlowConsumer::recover);
    under.slow->transport.roomLeft = 10;
    under.writer->say(R"({"type":"signal","channel":"c","body":{"data":1}})");
    under.desk.world.settle();
    under.reader.types.clear();
    under.wake(1U << 20);
    EXPECT_THAT(under.reader.types, ElementsAre("subscribed", "live"));
    under.writer->say(R"({"type":"signal","channel":"c","body":{"data":2}})");
    under.desk.world.settle();
    under.read();
    EXPECT_EQ(under.reader.types.back(), "told");
}

TEST(SlowConsumersTest, WhoIsPresentIsListedAnewAfterAGap) {
    Desk desk(
        [](syncline::tests::World& world) { world.settings.channels.front().presence = true; });
    auto ann = desk.enter("ann");
    auto bob = desk.enter("bob");
    for (Visit* visit : {ann.get(), bob.get()}) {
        visit->say(R"({"type":"follow","id":1,"channel":"c","presence":true})");
        desk.world.settle();
    }
    ann->transport.take();
    ann->transport.roomLeft = 10;
    bob->say(R"({"type":"leave","channel":"c"})");
    desk.world.settle();
    EXPECT_THAT(ann->transport.take(), IsEmpty());
    ann->transport.roomLeft = 1U << 20;
    ann->session->onRoom();
    desk.world.settle();
    const auto told = ann->transport.take();
    ASSERT_EQ(told.size(), 3U);
    EXPECT_EQ(member(told[2], "type"), "presence");
    EXPECT_EQ(parsed(told[2]).find("members")->size(), 1U);
}

TEST(SlowConsumersTest, AHomeThatIsBusyIsAskedAgain) {
    Desk desk([](syncline::tests::World& world) { world.settings.catchUpBytesMax = 4'000; });
    auto writer = desk.enter("ann");
    auto slow = desk.enter("bob");
    auto hog = desk.enter("cat");
    slow->say(R"({"type":"follow","id":1,"channel":"c"})");
    desk.world.settle();
    Reader reader;
    reader.take(slow->transport.take());
    slow->transport.roomLeft = 100;
    for (int n = 1; n <= 10; ++n) {
        writer->say(R"({"type":"change","channel":"c","key":"k)" + std::to_string(n) +
                    R"(","kind":"set","n":)" + std::to_string(n) + R"(,"value":")" +
                    std::string(500, 'x') + "\"}");
        desk.world.settle();
    }
    // What another client that takes nothing keeps in memory is all that there may be.
    hog->transport.roomLeft = 300;
    hog->say(R"({"type":"follow","id":1,"channel":"c"})");
    desk.world.settle();
    slow->transport.roomLeft = 1U << 20;
    slow->session->onRoom();
    desk.world.settle();
    EXPECT_THAT(slow->transport.take(), IsEmpty()) << "it is no error, it waits";
    hog.reset();
    desk.passMs(5'000);
    reader.take(slow->transport.take());
    EXPECT_EQ(reader.seq, 10U);
    EXPECT_TRUE(reader.live);
}

TEST(SlowConsumersTest, AnswersThatWaitForRoomHaveALimit) {
    Desk desk;
    auto writer = desk.enter("ann");
    for (int n = 1; n <= 20; ++n) {
        writer->say(R"({"type":"change","channel":"c","key":"k)" + std::to_string(n) +
                    R"(","kind":"set","n":)" + std::to_string(n) + R"(,"value":")" +
                    std::string(500, 'x') + "\"}");
        desk.world.settle();
    }
    desk.settings.answerBytesMax = 15'000;
    auto reader = desk.enter("bob");
    reader->transport.roomLeft = 500;
    reader->say(R"([{"type":"read","id":1,"channel":"c"},{"type":"read","id":2,"channel":"c"}])");
    desk.world.settle();
    auto told = reader->transport.take();
    ASSERT_EQ(told.size(), 1U) << "the first waits, the second is refused";
    EXPECT_EQ(member(told[0], "re"), "2");
    EXPECT_EQ(member(told[0], "code"), "1403");
    EXPECT_EQ(member(told[0], "retry"), "true");
    reader->transport.roomLeft = 1U << 20;
    reader->session->onRoom();
    told = reader->transport.take();
    ASSERT_EQ(told.size(), 1U);
    EXPECT_EQ(member(told[0], "re"), "1");
    EXPECT_EQ(reader->transport.held, 0U) << "what was sent is not counted any more";
    reader->transport.heldMax = 5'000;
    reader->say(R"({"type":"read","id":4,"channel":"c"})");
    desk.world.settle();
    EXPECT_EQ(member(reader->transport.take().at(0), "code"), "1403") << "the server's total";
    reader->transport.heldMax = 1U << 30;
    reader->transport.roomLeft = 500;
    reader->say(R"({"type":"read","id":5,"channel":"c"})");
    desk.world.settle();
    EXPECT_GT(reader->transport.held, 10'000U);
    reader->session.reset();
    EXPECT_EQ(reader->transport.held, 0U) << "nor what goes with its session";
    reader = desk.enter("bob");
    desk.settings.answerBytesMax = 5'000;
    reader->say(R"({"type":"read","id":3,"channel":"c"})");
    desk.world.settle();
    EXPECT_EQ(member(reader->transport.take().at(0), "code"), "1203")
        << "one that could never wait is no matter of time";
}

}  // namespace
}  // namespace syncline::session::tests
