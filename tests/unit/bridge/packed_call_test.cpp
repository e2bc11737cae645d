// SPDX-License-Identifier: Apache-2.0
#include "bridge/packed_call.h"

#include <gtest/gtest.h>

namespace syncline::bridge::tests {
namespace {

TEST(PackedCall, ComesBackAsItWas) {
    const PackedCall calls[] = {{0, {0, 1}},
                                {255, {0xffffff, 0xffffffff}},
                                {3, {7, 9}},
                                {1, {0xffffff, 1}},
                                {128, {1, 0x80000000}}};
    for (const PackedCall& call : calls) {
        const PackedCall back = PackedCall::unpack(call.packed());
        EXPECT_EQ(back.shard, call.shard);
        EXPECT_EQ(back.id, call.id);
        EXPECT_NE(call.packed(), 0U);
    }
}

TEST(PackedCall, KnowsWhatDoesNotFit) {
    EXPECT_TRUE(PackedCall::fits(255, {0xffffff, 1}));
    EXPECT_FALSE(PackedCall::fits(256, {0, 1}));
    EXPECT_FALSE(PackedCall::fits(0, {0x1000000, 1}));
}

}  // namespace
}  // namespace syncline::bridge::tests
