// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "acl/pattern.h"

namespace syncline::tests {
namespace {

struct Case {
    const char* pattern;
    const char* name;
    const char* user;
    bool matches;
};

TEST(AclPattern, MatchesWholeNames) {
    const Case cases[] = {
        {"", "", "", true},
        {"", "a", "", false},
        {"a", "a", "", true},
        {"a", "ab", "", false},
        {"a", "ba", "", false},
        {"*", "", "", true},
        {"*", "anything:at all", "", true},
        {"**", "x", "", true},
        {"a*", "a", "", true},
        {"a*", "abc", "", true},
        {"a*", "ba", "", false},
        {"*a", "ba", "", true},
        {"*a", "ab", "", false},
        {"a*c", "abc", "", true},
        {"a*c", "ac", "", true},
        {"a*c", "acd", "", false},
        {"ab*ba", "aba", "", false},
        {"ab*ba", "abba", "", true},
        {"*:*:x", "a:b:c:x", "", true},
        {"*:*:x", "a:x", "", false},
        {"*ab*ab*", "abxab", "", true},
        {"*ab*ab*", "aab", "", false},
        {"home:{user}", "home:ann", "ann", true},
        {"home:{user}", "home:bob", "ann", false},
        {"home:{user}", "home:annie", "ann", false},
        {"{user}:*", "ann:1", "ann", true},
        {"*:{user}:*", "x:ann:y", "ann", true},
        {"{user}{user}", "annann", "ann", true},
        {"{user", "{user", "ann", true},
        {"*{user}", "anything", "", false},
    };
    for (const Case& one : cases) {
        EXPECT_EQ(acl::Pattern(one.pattern).matches(one.name, one.user), one.matches)
            << one.pattern << " " << one.name << " " << one.user;
    }
}

TEST(AclPattern, TakesAUsersNameForItself) {
    EXPECT_FALSE(acl::Pattern("home:{user}").matches("home:ann", "*"));
    EXPECT_TRUE(acl::Pattern("home:{user}").matches("home:*", "*"));
    EXPECT_FALSE(acl::Pattern("home:{user}").matches("home:ann", "{user}"));
}

TEST(AclPattern, IsDoneInTimeWithManyRuns) {
    std::string pattern;
    for (int i = 0; i < 100; ++i) pattern += "a*";
    EXPECT_FALSE(acl::Pattern(pattern + "b").matches(std::string(255, 'a'), ""));
}

}  // namespace
}  // namespace syncline::tests
