// SPDX-License-Identifier: Apache-2.0
#include "broadcast/topic_index.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <random>
#include <utility>
#include <vector>

namespace syncline::broadcast {
namespace {

class Listener final : public Subscriber {
public:
    void deliver(const Chunk& chunk) override {
        seqs.push_back(chunk.lastSeq);
        if (onDeliver) onDeliver();
    }

    std::vector<std::uint64_t> seqs;
    std::function<void()> onDeliver;
    TopicIndex::Membership membership;
};

Chunk chunk(std::uint64_t seq) {
    return {core::share("x"), seq, seq, "e", "s"};
}

using Seqs = std::vector<std::uint64_t>;

TEST(TopicIndex, DeliversToTheTopicsSubscribersInOrder) {
    TopicIndex index;
    Listener one;
    Listener two;
    Listener other;
    index.add("room", one, one.membership);
    index.add("room", two, two.membership);
    index.add("hall", other, other.membership);
    EXPECT_EQ(index.publish("room", chunk(1)), 2U);
    EXPECT_EQ(index.publish("room", chunk(2)), 2U);
    EXPECT_EQ(index.publish("nowhere", chunk(3)), 0U);
    EXPECT_EQ(one.seqs, (Seqs{1, 2}));
    EXPECT_EQ(two.seqs, (Seqs{1, 2}));
    EXPECT_TRUE(other.seqs.empty());
    EXPECT_EQ(index.subscribers("room"), 2U);
}

TEST(TopicIndex, ForgetsATopicWithItsLastSubscriber) {
    TopicIndex index;
    Listener one;
    Listener two;
    index.add("room", one, one.membership);
    index.add("room", two, two.membership);
    index.remove(one.membership);
    index.remove(one.membership);
    EXPECT_FALSE(one.membership.active());
    EXPECT_EQ(index.publish("room", chunk(1)), 1U);
    EXPECT_EQ(index.topics(), 1U);
    index.remove(two.membership);
    EXPECT_EQ(index.topics(), 0U);
    EXPECT_EQ(index.subscribers("room"), 0U);
}

TEST(TopicIndex, AMembershipThatGoesLeavesItsTopic) {
    TopicIndex index;
    {
        Listener one;
        index.add("room", one, one.membership);
    }
    EXPECT_EQ(index.topics(), 0U);
}

TEST(TopicIndex, AMembershipOutlivesItsIndex) {
    Listener one;
    {
        TopicIndex index;
        index.add("room", one, one.membership);
    }
    EXPECT_FALSE(one.membership.active());
}

TEST(TopicIndex, WhoIsRemovedWhileItPublishesGetsNothingMore) {
    TopicIndex index;
    std::vector<std::unique_ptr<Listener>> listeners;
    for (int i = 0; i < 4; ++i) {
        listeners.push_back(std::make_unique<Listener>());
        index.add("room", *listeners[i], listeners[i]->membership);
    }
    listeners[1]->onDeliver = [&] {
        index.remove(listeners[0]->membership);  // had it already
        index.remove(listeners[1]->membership);  // itself
        index.remove(listeners[2]->membership);  // has not had it yet
    };
    EXPECT_EQ(index.publish("room", chunk(1)), 3U);
    EXPECT_TRUE(listeners[2]->seqs.empty());
    EXPECT_EQ(index.publish("room", chunk(2)), 1U);
    EXPECT_EQ(listeners[3]->seqs, (Seqs{1, 2}));
}

TEST(TopicIndex, TheLastOneMayRemoveItselfWhileItPublishes) {
    TopicIndex index;
    Listener one;
    one.onDeliver = [&] { index.remove(one.membership); };
    index.add("room", one, one.membership);
    EXPECT_EQ(index.publish("room", chunk(1)), 1U);
    EXPECT_EQ(index.topics(), 0U);
}

TEST(TopicIndex, WhoJoinsWhileItPublishesGetsTheNextOne) {
    TopicIndex index;
    Listener one;
    Listener late;
    one.onDeliver = [&] {
        if (!late.membership.active()) index.add("room", late, late.membership);
    };
    index.add("room", one, one.membership);
    EXPECT_EQ(index.publish("room", chunk(1)), 1U);
    EXPECT_EQ(index.publish("room", chunk(2)), 2U);
    EXPECT_EQ(late.seqs, (Seqs{2}));
}

TEST(TopicIndex, PublishingWhilePublishingKeepsPositionsRight) {
    TopicIndex index;
    Listener one;
    Listener two;
    Listener three;
    for (Listener* listener : {&one, &two, &three})
        index.add("room", *listener, listener->membership);
    bool nested = false;
    one.onDeliver = [&] {
        if (std::exchange(nested, true)) return;
        index.remove(two.membership);
        index.publish("room", chunk(2));
    };
    index.publish("room", chunk(1));
    index.remove(three.membership);
    EXPECT_EQ(one.seqs, (Seqs{1, 2}));
    EXPECT_EQ(three.seqs, (Seqs{2, 1}));
    EXPECT_EQ(index.subscribers("room"), 1U);
}

TEST(TopicIndex, KeepsManyTopicsApartThroughRandomComingsAndGoings) {
    TopicIndex index;
    std::mt19937 random(7);
    std::vector<std::unique_ptr<Listener>> listeners;
    std::vector<std::size_t> topicOf(500, 0);
    for (std::size_t i = 0; i < topicOf.size(); ++i)
        listeners.push_back(std::make_unique<Listener>());
    for (int step = 0; step < 20'000; ++step) {
        const std::size_t i = random() % listeners.size();
        if (listeners[i]->membership.active()) {
            index.remove(listeners[i]->membership);
        } else {
            topicOf[i] = random() % 50;
            index.add("topic" + std::to_string(topicOf[i]), *listeners[i],
                      listeners[i]->membership);
        }
    }
    for (std::size_t topic = 0; topic < 50; ++topic)
        index.publish("topic" + std::to_string(topic), chunk(topic + 1));
    for (std::size_t i = 0; i < listeners.size(); ++i)
        EXPECT_EQ(listeners[i]->seqs,
                  listeners[i]->membership.active() ? Seqs{topicOf[i] + 1} : Seqs{});
}

}  // namespace
}  // namespace syncline::broadcast
