// SPDX-License-Identifier: Apache-2.0
#include "session/client_registry.h"

#include <gtest/gtest.h>

namespace syncline::session {
namespace {

TEST(ClientRegistryTest, ANewerPlaceAnswersTheOlderAndOutlivesItsRelease) {
    ClientRegistry registry;
    EXPECT_FALSE(registry.claim("ann", "c", {0, 1}));
    EXPECT_EQ(registry.claim("ann", "c", {1, 2}), (ClientRegistry::Place{0, 1}));
    registry.release("ann", "c", {0, 1});
    EXPECT_EQ(registry.size(), 1U);
    registry.release("ann", "c", {1, 2});
    EXPECT_EQ(registry.size(), 0U);
}

TEST(ClientRegistryTest, UsersAndClientsAreKeptApart) {
    ClientRegistry registry;
    EXPECT_FALSE(registry.claim("ann", "c", {0, 1}));
    EXPECT_FALSE(registry.claim("bob", "c", {0, 2}));
    EXPECT_FALSE(registry.claim("ann", "d", {0, 3}));
    EXPECT_FALSE(registry.claim("an", "nc", {0, 4}));
    EXPECT_EQ(registry.size(), 4U);
}

}  // namespace
}  // namespace syncline::session
