// SPDX-License-Identifier: Apache-2.0
#include "net/outbox.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

namespace syncline::net {
namespace {

using Charged = Outbox::Charged;

std::vector<std::string> segmentsOf(const Outbox& outbox) {
    std::vector<iovec> vectors(Outbox::kVectorsMax);
    vectors.resize(outbox.gather(vectors));
    std::vector<std::string> found;
    for (const iovec& vector : vectors) {
        found.emplace_back(static_cast<const char*>(vector.iov_base), vector.iov_len);
    }
    return found;
}

std::string contentOf(const Outbox& outbox) {
    std::string all;
    for (const std::string& segment : segmentsOf(outbox)) all += segment;
    return all;
}

TEST(Outbox, JoinsOwnBytesIntoOneSegment) {
    Outbox outbox;
    outbox.append("ab");
    outbox.append("cd");
    EXPECT_EQ(segmentsOf(outbox), std::vector<std::string>{"abcd"});
    EXPECT_EQ(outbox.bytes(), 4u);
}

TEST(Outbox, JoinsNeighbouringPartsOfOneSharedBuffer) {
    Outbox outbox;
    const core::SharedBytes shared = core::share("0123456789");
    outbox.appendShared(shared, 0, 4);
    outbox.appendShared(shared, 4, 2);
    outbox.appendShared(shared, 8, 2);
    EXPECT_EQ(segmentsOf(outbox), (std::vector<std::string>{"012345", "89"}));
}

TEST(Outbox, KeepsTheOrderAcrossOwnAndSharedBytes) {
    Outbox outbox;
    outbox.append("a");
    outbox.appendShared(core::share("SHARED"), 1, 3);
    outbox.append("b");
    outbox.append("c");
    EXPECT_EQ(segmentsOf(outbox), (std::vector<std::string>{"a", "HAR", "bc"}));
}

TEST(Outbox, SendsSharedBytesFromWhereTheyAre) {
    Outbox outbox;
    const core::SharedBytes shared = core::share(std::string(1000, 'x'));
    outbox.appendShared(shared, 100, 500);
    iovec vector;
    ASSERT_EQ(outbox.gather({&vector, 1}), 1u);
    EXPECT_EQ(vector.iov_base, shared->data() + 100);
}

TEST(Outbox, ConsumesWithinAndAcrossSegments) {
    Outbox outbox;
    outbox.append("abc");
    outbox.appendShared(core::share("defg"), 0, 4);
    outbox.append("hi");
    EXPECT_EQ(outbox.consume(2), (Charged{2, 0}));
    EXPECT_EQ(contentOf(outbox), "cdefghi");
    EXPECT_EQ(outbox.consume(3), (Charged{1, 0})) << "only the own byte was charged";
    EXPECT_EQ(contentOf(outbox), "fghi");
    EXPECT_EQ(outbox.ownBytes(), 2u);
    EXPECT_EQ(outbox.consume(4), (Charged{2, 0}));
    EXPECT_TRUE(outbox.empty());
    EXPECT_EQ(segmentsOf(outbox).size(), 0u);
}

TEST(Outbox, ChargesASharedBufferOnceItStays) {
    Outbox outbox;
    outbox.appendShared(core::share(std::string(100, 'x')), 0, 100);
    outbox.consume(10);
    EXPECT_EQ(outbox.settle(), 90u);
    EXPECT_EQ(outbox.settle(), 0u) << "not twice";
    EXPECT_EQ(outbox.consume(40), (Charged{0, 40}));
    EXPECT_EQ(outbox.settle(), 0u) << "the rest is a copy now";
    outbox.append("own");
    EXPECT_EQ(outbox.ownBytes(), 3u);
    EXPECT_EQ(outbox.clear(), (Charged{3, 50})) << "and is given back as what it was";
}

TEST(Outbox, GivesALargeSharedBufferBackWhenLittleOfItIsOwed) {
    Outbox outbox;
    core::SharedBytes shared = core::share(std::string(1000, 'x'));
    const std::weak_ptr<const std::string> watch = shared;
    outbox.appendShared(std::move(shared), 0, 1000);
    outbox.consume(400);
    outbox.settle();
    EXPECT_FALSE(watch.expired()) << "more than half is owed: no copy";
    outbox.consume(200);
    outbox.settle();
    EXPECT_TRUE(watch.expired()) << "less than half is owed: a copy";
    EXPECT_EQ(contentOf(outbox), std::string(400, 'x'));
}

TEST(Outbox, DoesNotExtendASharedSegmentThatIsCharged) {
    Outbox outbox;
    const core::SharedBytes shared = core::share("0123456789");
    outbox.appendShared(shared, 0, 6);
    EXPECT_EQ(outbox.settle(), 6u);
    outbox.appendShared(shared, 6, 4);
    EXPECT_EQ(outbox.settle(), 4u);
    EXPECT_EQ(contentOf(outbox), "0123456789");
}

TEST(Outbox, IgnoresEmptyPieces) {
    Outbox outbox;
    outbox.append("");
    outbox.appendShared(core::share("abc"), 3, 0);
    EXPECT_TRUE(outbox.empty());
    EXPECT_EQ(segmentsOf(outbox).size(), 0u);
}

// Against a plain string as the model: content, charge and order hold under any sequence.
TEST(Outbox, BehavesLikeAString) {
    std::mt19937 random(7);
    const auto below = [&random](std::size_t n) { return static_cast<std::size_t>(random() % n); };
    Outbox outbox;
    std::string model;
    Charged charged;
    const core::SharedBytes shared = core::share([] {
        std::string text;
        for (int i = 0; i < 500; ++i) text += static_cast<char>('a' + i % 26);
        return text;
    }());
    const auto drop = [&charged](Charged dropped) {
        charged.own -= dropped.own;
        charged.shared -= dropped.shared;
    };
    for (int i = 0; i < 20'000; ++i) {
        switch (below(4)) {
            case 0: {
                const std::string bytes(below(40), static_cast<char>('A' + below(26)));
                outbox.append(bytes);
                model += bytes;
                charged.own += bytes.size();
                break;
            }
            case 1: {
                const std::size_t offset = below(shared->size());
                const std::size_t length = below(shared->size() - offset + 1);
                outbox.appendShared(shared, offset, length);
                model += shared->substr(offset, length);
                break;
            }
            case 2:
                charged.shared += outbox.settle();
                break;
            default: {
                const std::size_t size = below(std::min<std::size_t>(model.size(), 600) + 1);
                drop(outbox.consume(size));
                model.erase(0, size);
            }
        }
        ASSERT_EQ(outbox.bytes(), model.size());
        ASSERT_LE(charged.own + charged.shared, model.size());
        ASSERT_EQ(charged.own, outbox.ownBytes());
        if (i % 50 == 0) {
            const std::string content = contentOf(outbox);
            ASSERT_EQ(content, model.substr(0, content.size()));
        }
    }
    drop(outbox.clear());
    EXPECT_EQ(charged, Charged());
}

}  // namespace
}  // namespace syncline::net
