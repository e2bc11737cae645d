// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "acl/field.h"

namespace syncline::tests {
namespace {

using acl::Field;
using Relation = acl::Field::Relation;

TEST(AclField, KnowsWhatLiesWithinItAndWhatContainsIt) {
    struct Case {
        const char* field;
        const char* path;
        Relation relation;
    };
    const Case cases[] = {
        {"/price", "/price", Relation::within},
        {"/price", "/price/net", Relation::within},
        {"/price", "", Relation::around},
        {"/price", "/prices", Relation::apart},
        {"/price", "/pric", Relation::apart},
        {"/price", "/note", Relation::apart},
        {"", "", Relation::within},
        {"", "/anything", Relation::within},
        {"/a/b", "/a", Relation::around},
        {"/a/b", "/a/c", Relation::apart},
        {"/items/*", "/items", Relation::around},
        {"/items/*", "/items/3", Relation::within},
        {"/items/*/done", "/items/3", Relation::around},
        {"/items/*/done", "/items/3/done", Relation::within},
        {"/items/*/done", "/items/3/text", Relation::apart},
        {"/x_*", "/x_1/deep", Relation::within},
        {"/x_*", "/y", Relation::apart},
        {"/a~1b", "/a~1b", Relation::within},
        {"/a~1b", "/a/b", Relation::apart},
        {"/a~0", "/a~0", Relation::within},
        {"/by/{user}", "/by/ann", Relation::within},
        {"/by/{user}", "/by/ben", Relation::apart},
        {"/", "/", Relation::within},
        {"/", "/x", Relation::apart},
    };
    for (const Case& one : cases) {
        EXPECT_EQ(Field(one.field).relationOf(one.path, "ann"), one.relation)
            << one.field << " and " << one.path;
    }
}

}  // namespace
}  // namespace syncline::tests
