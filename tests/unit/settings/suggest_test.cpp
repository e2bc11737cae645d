// SPDX-License-Identifier: Apache-2.0
#include "settings/suggest.h"

#include <gtest/gtest.h>

namespace syncline::settings {
namespace {

TEST(EditDistance, CountsASwapOfNeighboursAsOne) {
    EXPECT_EQ(editDistance("", ""), 0u);
    EXPECT_EQ(editDistance("abc", ""), 3u);
    EXPECT_EQ(editDistance("drain", "drian"), 1u);
    EXPECT_EQ(editDistance("kitten", "sitting"), 3u);
    EXPECT_EQ(editDistance("ab", "ba"), 1u);
}

TEST(Suggestion, NamesWhatIsClose) {
    EXPECT_EQ(suggestion("per_conection", {"per_connection", "per_user"}),
              "did you mean 'per_connection'?");
}

TEST(Suggestion, ListsEverythingIfNothingIsClose) {
    EXPECT_EQ(suggestion("xyz", {"alpha", "beta"}), "expected one of: alpha, beta");
    EXPECT_EQ(suggestion("xyz", {"alpha"}), "expected: alpha");
    EXPECT_EQ(suggestion("xyz", {}), "");
}

TEST(Suggestion, ComparesNoTextOfAnyLength) {
    EXPECT_EQ(closest(std::string(100'000, 'a'), {"a"}), "");
}

}  // namespace
}  // namespace syncline::settings
