// SPDX-License-Identifier: Apache-2.0
#include "json/hash.h"

#include <gtest/gtest.h>

#include <set>

#include "core/ids.h"
#include "unit/json/support.h"

namespace syncline::json {
namespace {

using tests::json;

TEST(StableHash, DependsOnContentAndNotOnOrderOrSpelling) {
    const std::uint64_t hash = stableHash(json(R"({"a":1,"b":[true,"x"]})"));
    EXPECT_EQ(hash, stableHash(json(R"( {"b":[true,"\u0078"], "a":1.0e0} )")));
    EXPECT_NE(hash, stableHash(json(R"({"a":1,"b":["x",true]})")));
    EXPECT_NE(hash, stableHash(json(R"({"a":1,"b":[true,"x"],"c":null})")));
    EXPECT_EQ(stableHash(Value(0.0)), stableHash(Value(-0.0)));
}

// Outcomes are stored under it: it may never change.
TEST(StableHash, IsThatOfTheCanonicalText) {
    const Value value = json(R"({"b":[1.5,null],"a":"é"})");
    EXPECT_EQ(stableHash(value), core::stableHash(R"({"a":"é","b":[1.5,null]})"));
    EXPECT_EQ(stableHash(value, 9), core::stableHash(R"({"a":"é","b":[1.5,null]})", 9));
}

TEST(StableHash, TellsDifferentValuesApart) {
    tests::RandomValues random(41);
    std::set<std::string> texts;
    std::set<std::uint64_t> hashes;
    for (int i = 0; i < 5000; ++i) {
        const Value value = random.value();
        std::string text;
        writeCanonical(value, text);
        texts.insert(text);
        hashes.insert(stableHash(value));
    }
    EXPECT_EQ(hashes.size(), texts.size());
}

}  // namespace
}  // namespace syncline::json
