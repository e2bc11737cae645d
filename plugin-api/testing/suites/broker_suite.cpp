// SPDX-License-Identifier: Apache-2.0
// What the contract says of brokers: they carry hints, which may be lost, and never stand in the
// way.
#include <memory>
#include <thread>

#include "subject_test.h"

namespace syncline::conformance {
namespace {

/// Every byte that a name may have, and lengths up to the longest.
std::vector<std::string> manyNames() {
    return {"a",
            "A",
            "dashboard:sales",
            "with space",
            "quote'\"`",
            "back\\slash/slash",
            "%s%n%x",
            "*?[a]",
            "{brace}",
            "new.dotted.name",
            "ünï-çødé-漢字-😀",
            "$reserved",
            std::string(255, 'x')};
}

class Broker : public SubjectTest {
protected:
    static void announce(Instance& life, const std::string& channel, std::uint64_t seq,
                         std::uint32_t shard = 0) {
        const LentText name(channel);
        const LentText epoch("epoch-1");
        life.functions<syncline_broker>().announce(life.self(), life.shard(shard), name.view(),
                                                   epoch.view(), seq);
    }
    static void interest(Instance& life, const std::string& channel, bool wanted,
                         std::uint32_t shard = 0) {
        const LentText name(channel);
        life.functions<syncline_broker>().interest(life.self(), life.shard(shard), name.view(),
                                                   wanted ? 1 : 0);
    }
    /// What the wrapper makes of an exception, or a broker of its trouble: none was due here.
    static void expectNoErrors(Instance& life) {
        for (const LogLine& line : life.host().log()) {
            EXPECT_LT(line.level, SYNCLINE_LOG_ERROR) << line.text;
        }
    }
};

TEST_P(Broker, TakesAnyNameOfAChannel) {
    const auto life = live();
    for (const std::string& name : manyNames()) {
        interest(*life, name, true);
        announce(*life, name, 1);
        interest(*life, name, false);
    }
    expectNoErrors(*life);
}

TEST_P(Broker, TakesAnnouncementsInAnyOrderWithOrWithoutInterest) {
    const auto life = live();
    for (const std::uint64_t seq :
         {std::uint64_t{1}, std::uint64_t{1}, std::uint64_t{7}, std::uint64_t{3}, std::uint64_t{0},
          std::uint64_t{1} << 53U, ~std::uint64_t{0}}) {
        announce(*life, "nobody", seq);
    }
    expectNoErrors(*life);
}

TEST_P(Broker, InterestIsTakenAndGivenUpAnyNumberOfTimes) {
    const auto life = live();
    for (const bool wanted : {false, true, true, false, false, true, false}) {
        interest(*life, "room", wanted);
        announce(*life, "room", 1);
    }
    expectNoErrors(*life);
}

TEST_P(Broker, KeepsNoViewOfWhatItWasTold) {
    const auto life = live();
    for (int round = 0; round < 3; ++round) {
        for (const std::string& name : manyNames()) {
            interest(*life, name, round != 1);
            announce(*life, name, 1);
        }
    }
    life->end();
    expectGoodConduct(life->host());
}

TEST_P(Broker, ReturnsAtOnce) {
    const auto life = live();
    expectToReturn("announce and interest", kReturnLimitMs, [&] {
        for (std::uint64_t seq = 1; seq <= 10'000; ++seq) announce(*life, "busy", seq);
        for (int i = 0; i < 1'000; ++i) interest(*life, "room-" + std::to_string(i), true);
    });
}

TEST_P(Broker, AnnouncementsDoNotPileUp) {
    const auto life = live();
    announce(*life, "first", 1);
    const std::size_t before = heapBytes();
    for (std::uint64_t seq = 1; seq <= 200'000; ++seq) announce(*life, "busy", seq);
    constexpr std::size_t queueBytesMax = 4U << 20U;
    EXPECT_LT(heapBytes(), before + queueBytesMax) << "a queue without a limit";
}

TEST_P(Broker, ForgetsChannelsWithoutInterest) {
    const auto life = live();
    const auto comeAndGo = [&](int round) {
        for (int i = 0; i < 5'000; ++i) {
            const std::string name = "room-" + std::to_string(round) + "-" + std::to_string(i);
            interest(*life, name, true);
            interest(*life, name, false);
        }
    };
    comeAndGo(0);
    const std::size_t before = heapBytes();
    for (int round = 1; round <= 10; ++round) comeAndGo(round);
    constexpr std::size_t noiseBytes = 512U << 10U;
    EXPECT_LT(heapBytes(), before + noiseBytes) << "it remembers channels that nobody wants";
}

TEST_P(Broker, WorksOnSeveralShardsAtOnce) {
    constexpr std::uint32_t shards = 4;
    const auto life = live(shards);
    std::vector<std::thread> threads;
    for (std::uint32_t shard = 0; shard < shards; ++shard) {
        threads.emplace_back([&, shard] {
            for (int i = 0; i < 200; ++i) {
                const std::string name = "room-" + std::to_string(i % 7);
                interest(*life, name, i % 2 == 0, shard);
                announce(*life, name, static_cast<std::uint64_t>(i), shard);
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    expectNoErrors(*life);
}

TEST_P(Broker, IsQuietOnceDrained) {
    const auto life = live();
    announce(*life, "room", 1);
    life->drain();
    announce(*life, "room", 2);
    interest(*life, "room", false);
    interest(*life, "other", true);
    expectNoErrors(*life);
}

INSTANTIATE_TEST_SUITE_P(Every, Broker, ::testing::ValuesIn(subjectsOf(SYNCLINE_BROKER)),
                         nameOfParam);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(Broker);

}  // namespace
}  // namespace syncline::conformance
