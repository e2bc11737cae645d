// SPDX-License-Identifier: Apache-2.0
#include "broadcast/user_signals.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/fake_shard.h"

namespace syncline::broadcast {
namespace {

/// A connection of a user, which may have no room.
class Connection final : public Subscriber {
public:
    void deliver(const Chunk&) override { ADD_FAILURE() << "users have no history"; }
    bool deliverSignal(const Signal& signal) override {
        if (!hasRoom) return false;
        got.push_back(signal.frames);
        return true;
    }

    TopicIndex::Membership membership;
    std::vector<core::SharedBytes> got;
    bool hasRoom = true;
};

class UserSignalsTest : public testing::Test {
protected:
    static constexpr std::size_t kShards = 3;

    UserSignalsTest() {
        for (std::size_t i = 0; i < kShards; ++i) {
            shards.push_back(std::make_unique<tests::FakeShard>(clock, i));
            users.push_back(std::make_unique<TopicIndex>());
        }
    }

    UserSignals signals() {
        std::vector<UserSignals::Seat> seats;
        for (std::size_t i = 0; i < kShards; ++i)
            seats.push_back({shards[i].get(), users[i].get()});
        return UserSignals(std::move(seats));
    }

    void settle() {
        for (bool ran = true; ran;) {
            ran = false;
            for (const auto& shard : shards) ran = shard->tick() || ran;
        }
    }

    /// How many took it; nothing before the answer.
    std::optional<std::size_t> send(const std::string& user) {
        std::optional<std::size_t> taken;
        signals().send(*shards[0], user, {core::share("hi"), {}},
                       [&taken](std::size_t count) { taken = count; });
        EXPECT_FALSE(taken.has_value()) << "answered inside the question";
        settle();
        return taken;
    }

    tests::FakeClock clock;
    std::vector<std::unique_ptr<tests::FakeShard>> shards;
    std::vector<std::unique_ptr<TopicIndex>> users;
};

TEST_F(UserSignalsTest, ReachEveryConnectionOfTheUserOnEveryShardWithTheSameBytes) {
    std::vector<std::unique_ptr<Connection>> connections;
    for (std::size_t i = 0; i < kShards; ++i) {
        for (const char* user : {"ben", "ben", "ann"}) {
            connections.push_back(std::make_unique<Connection>());
            users[i]->add(user, *connections.back(), connections.back()->membership);
        }
    }
    EXPECT_EQ(send("ben"), 6U);
    for (std::size_t i = 0; i < connections.size(); ++i) {
        ASSERT_EQ(connections[i]->got.size(), i % 3 == 2 ? 0U : 1U);
        if (i % 3 == 2) continue;
        EXPECT_EQ(connections[i]->got[0], connections[0]->got[0]);
    }
}

TEST_F(UserSignalsTest, ToNobodyReachNobody) {
    EXPECT_EQ(send("ben"), 0U);
}

TEST_F(UserSignalsTest, CountThoseWhoTookThem) {
    Connection one;
    Connection two;
    users[1]->add("ben", one, one.membership);
    users[2]->add("ben", two, two.membership);
    one.hasRoom = false;
    EXPECT_EQ(send("ben"), 1U);
}

TEST_F(UserSignalsTest, LeaveOutAShardWhoseInboxIsFull) {
    Connection one;
    Connection two;
    users[1]->add("ben", one, one.membership);
    users[2]->add("ben", two, two.membership);
    shards[1]->inboxFull = true;
    EXPECT_EQ(send("ben"), 1U);
    EXPECT_TRUE(one.got.empty());
}

TEST_F(UserSignalsTest, AreLostToWhoHasNoSignals) {
    /// As one that only follows channels.
    class Deaf final : public Subscriber {
    public:
        void deliver(const Chunk&) override {}
        TopicIndex::Membership membership;
    } deaf;
    users[0]->add("ben", deaf, deaf.membership);
    EXPECT_EQ(send("ben"), 0U);
}

}  // namespace
}  // namespace syncline::broadcast
