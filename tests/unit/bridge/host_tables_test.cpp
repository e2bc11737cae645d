// SPDX-License-Identifier: Apache-2.0
#include "bridge/host_tables.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/bridge/world.h"

namespace syncline::bridge::tests {
namespace {

using testing::HasSubstr;
using testing::Not;

class HostTablesTest : public testing::Test {
protected:
    template <class Table>
    const Table& table(const char* id) {
        return *static_cast<const Table*>(script.host->table(script.host, id));
    }

    World world;
    Script script;
    Made made{world, script, kHandlerComponent};
    Instance& instance = made.started();
    const syncline_host* host = script.host;
};

TEST_F(HostTablesTest, AreFoundByTheirIds) {
    for (const OfferedTable& offered : offeredTables()) {
        const void* found = host->table(host, std::string(offered.id).c_str());
        ASSERT_EQ(found, offered.table) << offered.id;
        EXPECT_GT(*static_cast<const std::uint32_t*>(found), 8U) << offered.id;
        EXPECT_EQ(static_cast<const std::uint32_t*>(found)[1], offered.minor) << offered.id;
    }
    EXPECT_EQ(host->table(host, "draft.value/2"), nullptr);
    EXPECT_EQ(host->table(host, ""), nullptr);
    EXPECT_EQ(host->table(host, nullptr), nullptr);
    EXPECT_EQ(host->abi_major, SYNCLINE_ABI_MAJOR);
}

TEST_F(HostTablesTest, LogOneCleanLineInTheInstancesName) {
    const auto& log = table<syncline_log_table>(SYNCLINE_LOG_TABLE);
    log.write(host, SYNCLINE_LOG_WARN, toText("two\nlines\x1b[31m \xff rest"));
    EXPECT_THAT(world.log.str(), HasSubstr("[warning] scripted: two lines [31m \n"));
    EXPECT_EQ(log.enabled(host, SYNCLINE_LOG_DEBUG), 0);
    EXPECT_EQ(log.enabled(host, SYNCLINE_LOG_ERROR), 1);
    log.write(host, SYNCLINE_LOG_DEBUG, toText("unseen"));
    EXPECT_THAT(world.log.str(), Not(HasSubstr("unseen")));
}

TEST_F(HostTablesTest, LendTheHostsClocks) {
    const auto& clock = table<syncline_clock_table>(SYNCLINE_CLOCK_TABLE);
    world.clock.advanceMs(5);
    EXPECT_EQ(clock.wall_ms(host), world.clock.wallMs());
    EXPECT_EQ(clock.steady_ms(host), world.clock.steadyMs());
}

TEST_F(HostTablesTest, LendRandomBytes) {
    const auto& random = table<syncline_random_table>(SYNCLINE_RANDOM_TABLE);
    std::string one(32, '\0');
    std::string two(32, '\0');
    random.fill(host, one.data(), one.size());
    random.fill(host, two.data(), two.size());
    EXPECT_NE(one, two);
    random.fill(host, nullptr, 4);
    EXPECT_EQ(instance.conduct().misbehaviours(), 1U);
}

TEST_F(HostTablesTest, CountWhatAnInstanceCounts) {
    Script counting;
    const auto& metrics = table<syncline_metrics_table>(SYNCLINE_METRICS_TABLE);
    std::uint32_t counter = 0;
    std::uint32_t same = 1;
    Made other(world, counting, kHandlerComponent);
    counting.start = [&](syncline_error*) {
        counter = metrics.counter(counting.host, "seen", "What was seen.");
        same = metrics.counter(counting.host, "seen", "Again.");
        return SYNCLINE_OK;
    };
    other.started();
    EXPECT_EQ(counter, same);
    metrics.add(counting.host, counter, 2);
    metrics.add(counting.host, counter, 3);
    const auto readings = other.instance.counters().read();
    ASSERT_EQ(readings.size(), 1U);
    EXPECT_EQ(readings[0].name, "seen");
    EXPECT_EQ(readings[0].help, "What was seen.");
    EXPECT_EQ(readings[0].value, 5U);
    EXPECT_EQ(other.instance.conduct().misbehaviours(), 0U);
}

TEST_F(HostTablesTest, RefuseCountersThatCannotBe) {
    Script counting;
    const auto& metrics = table<syncline_metrics_table>(SYNCLINE_METRICS_TABLE);
    Made other(world, counting, kHandlerComponent);
    counting.start = [&](syncline_error*) {
        for (const char* name : {"", "1a", "a-b", "A"}) metrics.counter(counting.host, name, "");
        metrics.counter(counting.host, nullptr, "");
        for (std::uint32_t i = 0; i <= InstanceCounters::kMax; ++i) {
            metrics.counter(counting.host, ("c" + std::to_string(i)).c_str(), nullptr);
        }
        return SYNCLINE_OK;
    };
    other.started();
    EXPECT_EQ(other.instance.conduct().misbehaviours(), 6U);
    const std::uint32_t late = metrics.counter(counting.host, "late", "");
    EXPECT_EQ(other.instance.conduct().misbehaviours(), 7U);
    metrics.add(counting.host, late, 1);
    EXPECT_EQ(other.instance.conduct().misbehaviours(), 7U);
    metrics.add(counting.host, InstanceCounters::kMax, 1);
    EXPECT_EQ(other.instance.conduct().misbehaviours(), 8U);
}

TEST_F(HostTablesTest, TellHowAnInstanceIs) {
    const auto& health = table<syncline_health_table>(SYNCLINE_HEALTH_TABLE);
    EXPECT_TRUE(instance.health().well);
    health.report(host, 0, toText("the disk is full"));
    health.report(host, 0, toText("the disk is full"));
    EXPECT_FALSE(instance.health().well);
    EXPECT_EQ(instance.health().reason, "the disk is full");
    health.report(host, 1, toText(""));
    EXPECT_TRUE(instance.health().well);
    EXPECT_THAT(world.log.str(), HasSubstr("scripted is unwell: the disk is full"));
    EXPECT_THAT(world.log.str(), HasSubstr("scripted is well again"));
}

}  // namespace
}  // namespace syncline::bridge::tests
