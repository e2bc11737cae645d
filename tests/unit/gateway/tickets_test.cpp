// SPDX-License-Identifier: Apache-2.0
#include "gateway/tickets.h"

#include <gtest/gtest.h>

#include "support/fake_shard.h"

namespace syncline::gateway {
namespace {

class TicketsTest : public ::testing::Test {
protected:
    static TicketHolder holder(const std::string& user) {
        TicketHolder made;
        made.principal = json::Value::object();
        made.principal.set("user", user);
        return made;
    }

    ApiSettings settings_;
    tests::FakeClock clock_;
    core::SystemRandom random_;
    Tickets tickets_{settings_, clock_, random_};
};

TEST_F(TicketsTest, OpensOnceForWhomItWasGiven) {
    const auto ann = tickets_.issue(holder("ann"));
    const auto ben = tickets_.issue(holder("ben"));
    ASSERT_TRUE(ann && ben);
    EXPECT_NE(*ann, *ben);
    const auto used = tickets_.use(*ann);
    ASSERT_TRUE(used);
    EXPECT_EQ(used->principal.find("user")->asString(), "ann");
    EXPECT_FALSE(tickets_.use(*ann));
    EXPECT_FALSE(tickets_.use("guessed"));
    EXPECT_TRUE(tickets_.use(*ben));
}

TEST_F(TicketsTest, IsWorthNothingAfterItsLife) {
    const auto ticket = tickets_.issue(holder("ann"));
    clock_.advanceMs(settings_.ticketLifeMs);
    EXPECT_FALSE(tickets_.use(*ticket));
}

TEST_F(TicketsTest, OnlySoManyWaitAndThoseThatAreOverMakeRoom) {
    settings_.ticketsMax = 2;
    ASSERT_TRUE(tickets_.issue(holder("a")));
    clock_.advanceMs(10);
    const auto second = tickets_.issue(holder("b"));
    const auto refused = tickets_.issue(holder("c"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, core::Code::busy);
    EXPECT_GT(refused.error().retryAfterMs, 0U);
    EXPECT_TRUE(tickets_.use(*second));
    EXPECT_TRUE(tickets_.issue(holder("d"))) << "one was used";
    clock_.advanceMs(settings_.ticketLifeMs);
    EXPECT_TRUE(tickets_.issue(holder("e"))) << "all are over";
}

}  // namespace
}  // namespace syncline::gateway
