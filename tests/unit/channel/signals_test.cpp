// SPDX-License-Identifier: Apache-2.0
// Signals through a channel's home: to everybody who is live, at most once.
#include "unit/channel/world.h"

namespace syncline::channel {
namespace {

using tests::Client;
using tests::Listener;
using tests::member;
using tests::set;
using tests::World;

/// A subscriber that writes down signals among the updates.
class Ear final : public broadcast::Subscriber {
public:
    void deliver(const broadcast::Chunk&) override { heard.emplace_back("update"); }
    bool deliverSignal(const broadcast::Signal& signal) override {
        heard.push_back(*signal.frames);
        bytes.push_back(signal.frames);
        return true;
    }

    std::vector<std::string> heard;
    std::vector<core::SharedBytes> bytes;
    broadcast::TopicIndex::Membership membership;
};

class SignalsTest : public testing::Test {
protected:
    /// Live in "room", as the home knows it.
    void listen(std::size_t shard, Ear& ear) {
        Client client(world, "ear" + std::to_string(shard), "room", shard);
        ASSERT_TRUE(client.subscribe()->live);
        world.topics[shard]->add("room", ear, ear.membership);
    }

    void post(std::size_t from, const std::string& text, const std::string& channel = "room") {
        world.directory().signal(
            world.shard(from), channel, {core::share(std::string(text)), {from, 1}},
            [this](core::Result<void> outcome) {
                answers.push_back(outcome ? "ok"
                                          : std::to_string(static_cast<int>(outcome.error().code)));
            });
    }

    World world{2};
    std::vector<std::string> answers;
};

TEST_F(SignalsTest, ReachEverybodyWhoIsLiveFromAnyShardWithTheSameBytes) {
    Ear here;
    Ear there;
    listen(0, here);
    listen(1, there);
    for (const std::size_t from : {0, 1}) {
        post(from, "hello");
        world.settle();
    }
    EXPECT_EQ(here.heard, (std::vector<std::string>{"hello", "hello"}));
    EXPECT_EQ(here.bytes, there.bytes) << "encoded once";
    EXPECT_EQ(answers, (std::vector<std::string>{"ok", "ok"}));
}

TEST_F(SignalsTest, KeepTheirOrderAndComeBehindWhatWasCommittedBefore) {
    Ear there;
    listen(1, there);
    Client ann(world, "ann");
    ann.send(set("k", "1"));
    for (const char* text : {"a", "b", "c"}) post(0, text);
    world.settle();
    EXPECT_EQ(there.heard, (std::vector<std::string>{"update", "a", "b", "c"}));
}

TEST_F(SignalsTest, ToAChannelThatNobodyFollowsAreNoError) {
    post(0, "hello", "empty");
    world.settle();
    EXPECT_EQ(answers, std::vector<std::string>{"ok"});
    EXPECT_EQ(world.directory().figures().channels, 0U) << "nothing is loaded for it";
}

TEST_F(SignalsTest, ToNoChannelAreRefused) {
    world.settings.channels.front().match = "room";
    post(0, "hello", "elsewhere");
    post(0, "hello", "$reserved");
    world.settle();
    EXPECT_EQ(answers, (std::vector<std::string>{"1201", "1104"}));
}

TEST_F(SignalsTest, AreRefusedByAHomeThatIsBusy) {
    const std::size_t home = core::stableHash("room") % 2;
    world.shard(home).inboxFull = true;
    post(1 - home, "hello");
    world.settle();
    EXPECT_EQ(answers, std::vector<std::string>{"1404"});
}

TEST_F(SignalsTest, BeyondTheLimitOnTheWayToAShardAreDropped) {
    world.settings.signalQueueBytesMax = 1'000;
    Ear here;
    Ear there;
    listen(0, here);
    listen(1, there);
    const std::size_t home = core::stableHash("room") % 2;
    const std::string text(100, 'x');
    // The home's shard ticks on while the other one is stuck.
    for (int i = 0; i < 30; ++i) {
        post(home, text);
        while (world.shard(home).tick()) continue;
    }
    world.settle();
    Ear& near = home == 0 ? here : there;
    Ear& far = home == 0 ? there : here;
    EXPECT_EQ(near.heard.size(), 30U);
    EXPECT_EQ(far.heard.size(), 10U);
    post(home, "after");
    world.settle();
    EXPECT_EQ(far.heard.back(), "after");
}

}  // namespace
}  // namespace syncline::channel
