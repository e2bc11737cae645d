// SPDX-License-Identifier: Apache-2.0
#include "net/connection_limit.h"

#include <gtest/gtest.h>

namespace syncline::net {
namespace {

TEST(ConnectionLimit, LetsInAsManyAsItSays) {
    ConnectionLimit limit(2);
    const auto first = limit.enter();
    auto second = limit.enter();
    EXPECT_TRUE(first && second);
    EXPECT_FALSE(limit.enter());
    EXPECT_EQ(limit.open(), 2u);
}

TEST(ConnectionLimit, TakesAPlaceBackWhenItsHolderIsGone) {
    ConnectionLimit limit(1);
    {
        const auto place = limit.enter();
        EXPECT_FALSE(limit.enter());
    }
    EXPECT_TRUE(limit.enter());
}

TEST(ConnectionLimit, CountsAPlaceOnceWhenItMoves) {
    ConnectionLimit limit(5);
    {
        auto place = limit.enter();
        const ConnectionLimit::Place moved = std::move(*place);
        EXPECT_EQ(limit.open(), 1u);
    }
    EXPECT_EQ(limit.open(), 0u);
}

}  // namespace
}  // namespace syncline::net
