// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <syncline/plugin.hpp>

#include "unit/plugin_api/instance.h"

namespace syncline {
namespace {

int shardsAlive = 0;
int instancesAlive = 0;

/// Fails where its configuration says.
class Fragile final : public MessageHandler {
public:
    Fragile() { ++instancesAlive; }
    ~Fragile() override { --instancesAlive; }

    void configure(const Value& config) override {
        failing_ = config["fails"].string();
        if (failing_ == "configure") throw ConfigError("/fails", "configure");
        unsigned char byte = 0;
        random().fill(&byte, 1);
        log().info("configured at " + std::to_string(clock().wallMs() + clock().steadyMs() + byte));
        if (log().enabled(SYNCLINE_LOG_DEBUG)) log().debug("said to nobody");
        counter_ = metrics().counter("messages", "what came");
    }
    void start() override {
        fail("start");
        health().well();
        health().unwell("a disk is full");
    }
    std::unique_ptr<ShardState> openShard(std::uint32_t index) override {
        fail("openShard");
        return std::make_unique<Shard>(index);
    }
    void drain() override { fail("drain"); }

    Outcome onMessage(const Message&, Call& call) override {
        counter_.add(2);
        ++call.shard<Shard>().count;
        return call.shard<Shard>().count == 2 ? Outcome::stop : Outcome::proceed;
    }

private:
    struct Shard : ShardState {
        explicit Shard(std::uint32_t number) : index(number) { ++shardsAlive; }
        ~Shard() override { --shardsAlive; }
        std::uint32_t index;
        int count = 0;
    };

    void fail(const std::string& where) const {
        if (failing_ == where) throw std::runtime_error("failed in " + where);
    }

    std::string failing_;
    Counter counter_;
};

constexpr auto kFragile = handler<Fragile>("fragile");

TEST(ComponentLife, RunsFromCreateToDestroy) {
    test::MockHost host;
    {
        test::Instance instance(host, kFragile);
        ASSERT_EQ(instance.created, SYNCLINE_OK);
        EXPECT_EQ(instance.validate("{}"), SYNCLINE_OK);
        EXPECT_EQ(instance.start(), SYNCLINE_OK);
        EXPECT_EQ(instance.openShard(3), SYNCLINE_OK);
        EXPECT_EQ(shardsAlive, 1);
        EXPECT_EQ(instance.message(), SYNCLINE_CONTINUE);
        EXPECT_EQ(instance.message(), SYNCLINE_STOP)
            << "the shard's state is kept between messages";
        instance.drain();
    }
    EXPECT_EQ(shardsAlive, 0);
    EXPECT_EQ(instancesAlive, 0);
    EXPECT_EQ(host.lines, std::vector<std::string>{"2 configured at 1700000000049"});
    EXPECT_EQ(host.counters.at("messages"), 4U);
    EXPECT_EQ(host.health, (std::vector<std::string>{"well", "a disk is full"}));
}

TEST(ComponentLife, DestroyIsLegalAfterCreateAlone) {
    test::MockHost host;
    { test::Instance instance(host, kFragile); }
    EXPECT_EQ(instancesAlive, 0);
}

TEST(ComponentLife, AConfigErrorCarriesItsPointer) {
    test::MockHost host;
    test::Instance instance(host, kFragile);
    EXPECT_EQ(instance.validate(R"({"fails":"configure"})"), SYNCLINE_FAILED);
    EXPECT_STREQ(instance.error.pointer, "/fails");
    EXPECT_STREQ(instance.error.reason, "configure");
}

TEST(ComponentLife, AFailureOfAnyStepIsAStatusAndAText) {
    test::MockHost host;
    test::Instance starting(host, kFragile);
    EXPECT_EQ(starting.validate(R"({"fails":"start"})"), SYNCLINE_OK);
    EXPECT_EQ(starting.start(), SYNCLINE_FAILED);
    EXPECT_STREQ(starting.error.reason, "failed in start");

    test::Instance opening(host, kFragile);
    EXPECT_EQ(opening.validate(R"({"fails":"openShard"})"), SYNCLINE_OK);
    EXPECT_EQ(opening.openShard(0), SYNCLINE_FAILED);
    EXPECT_STREQ(opening.error.reason, "failed in openShard");
}

TEST(ComponentLife, WhatDrainThrowsIsLogged) {
    test::MockHost host;
    test::Instance instance(host, kFragile);
    EXPECT_EQ(instance.validate(R"({"fails":"drain"})"), SYNCLINE_OK);
    instance.drain();
    EXPECT_EQ(host.lines.back(), "4 drain threw: failed in drain");
}

TEST(ComponentLife, OptionalTablesMayBeMissing) {
    test::MockHost host({SYNCLINE_LOG_TABLE, SYNCLINE_METRICS_TABLE, SYNCLINE_HEALTH_TABLE});
    test::Instance instance(host, kFragile);
    EXPECT_EQ(instance.validate("{}"), SYNCLINE_OK);
    EXPECT_EQ(instance.start(), SYNCLINE_OK);
    EXPECT_TRUE(host.lines.empty());
}

TEST(ComponentLife, AMissingClockIsNamedWhenItIsUsed) {
    test::MockHost host({SYNCLINE_CLOCK_TABLE});
    test::Instance instance(host, kFragile);
    EXPECT_EQ(instance.validate("{}"), SYNCLINE_FAILED);
    EXPECT_STREQ(instance.error.reason, "this host does not offer the table draft.clock/1");
}

/// Its constructor fails.
class Unborn final : public MessageHandler {
public:
    Unborn() { throw std::runtime_error("no memory for this"); }
    Outcome onMessage(const Message&, Call&) override { return Outcome::stop; }
};

TEST(ComponentLife, AConstructorMayThrow) {
    test::MockHost host;
    test::Instance instance(host, handler<Unborn>("unborn"));
    EXPECT_EQ(instance.created, SYNCLINE_FAILED);
    EXPECT_STREQ(instance.error.reason, "no memory for this");
}

}  // namespace
}  // namespace syncline
