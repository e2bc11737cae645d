// SPDX-License-Identifier: Apache-2.0
#include "json/patch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "unit/json/support.h"

namespace syncline::json {
namespace {

using core::Code;
using testing::HasSubstr;
using testing::StartsWith;
using tests::json;

struct Applied {
    const char* document;
    const char* patch;
    const char* result;
};

// RFC 6902, appendix A: those that succeed (A.1 to A.7, A.10, A.11, A.14, A.16), and more.
const Applied kApplied[] = {
    {R"({"foo":"bar"})", R"([{"op":"add","path":"/baz","value":"qux"}])",
     R"({"foo":"bar","baz":"qux"})"},
    {R"({"foo":["bar","baz"]})", R"([{"op":"add","path":"/foo/1","value":"qux"}])",
     R"({"foo":["bar","qux","baz"]})"},
    {R"({"baz":"qux","foo":"bar"})", R"([{"op":"remove","path":"/baz"}])", R"({"foo":"bar"})"},
    {R"({"foo":["bar","qux","baz"]})", R"([{"op":"remove","path":"/foo/1"}])",
     R"({"foo":["bar","baz"]})"},
    {R"({"baz":"qux","foo":"bar"})", R"([{"op":"replace","path":"/baz","value":"boo"}])",
     R"({"baz":"boo","foo":"bar"})"},
    {R"({"foo":{"bar":"baz","waldo":"fred"},"qux":{"corge":"grault"}})",
     R"([{"op":"move","from":"/foo/waldo","path":"/qux/thud"}])",
     R"({"foo":{"bar":"baz"},"qux":{"corge":"grault","thud":"fred"}})"},
    {R"({"foo":["all","grass","cows","eat"]})",
     R"([{"op":"move","from":"/foo/1","path":"/foo/3"}])",
     R"({"foo":["all","cows","eat","grass"]})"},
    {R"({"baz":"qux","foo":["a",2,"c"]})",
     R"([{"op":"test","path":"/baz","value":"qux"},{"op":"test","path":"/foo/1","value":2}])",
     R"({"baz":"qux","foo":["a",2,"c"]})"},
    {R"({"foo":"bar"})", R"([{"op":"add","path":"/child","value":{"grandchild":{}}}])",
     R"({"foo":"bar","child":{"grandchild":{}}})"},
    {R"({"foo":"bar"})", R"([{"op":"add","path":"/baz","value":"qux","xyz":123}])",
     R"({"foo":"bar","baz":"qux"})"},
    {R"({"/":9,"~1":10})", R"([{"op":"test","path":"/~01","value":10}])", R"({"/":9,"~1":10})"},
    {R"({"foo":["bar"]})", R"([{"op":"add","path":"/foo/-","value":["abc","def"]}])",
     R"({"foo":["bar",["abc","def"]]})"},
    // Beyond the appendix.
    {R"({"a":1})", R"([])", R"({"a":1})"},
    {R"({"a":1})", R"([{"op":"add","path":"","value":[1]}])", R"([1])"},
    {R"({"a":1})", R"([{"op":"replace","path":"","value":2}])", R"(2)"},
    {R"({"a":1})", R"([{"op":"remove","path":""}])", R"(null)"},
    {R"({"a":1})", R"([{"op":"add","path":"/a","value":null}])", R"({"a":null})"},
    {R"({"a":{"b":1}})", R"([{"op":"copy","from":"","path":"/a/c"}])",
     R"({"a":{"b":1,"c":{"a":{"b":1}}}})"},
    {R"({"a":[1,2]})", R"([{"op":"copy","from":"/a/0","path":"/a/-"}])", R"({"a":[1,2,1]})"},
    {R"({"a":1})", R"([{"op":"move","from":"/a","path":"/a"}])", R"({"a":1})"},
    {R"({"a":{"b":1}})", R"([{"op":"move","from":"/a/b","path":"/a"}])", R"({"a":1})"},
    {R"([1,2])", R"([{"op":"add","path":"/2","value":3},{"op":"add","path":"/0","value":0}])",
     R"([0,1,2,3])"},
    {R"({"":1})", R"([{"op":"replace","path":"/","value":2}])", R"({"":2})"},
    {R"({"a":{"x":1,"y":[true]}})", R"([{"op":"test","path":"/a","value":{"y":[true],"x":1.0}}])",
     R"({"a":{"x":1,"y":[true]}})"},
};

struct Refused {
    const char* document;
    const char* patch;
    Code code;
    const char* reason;
};

// RFC 6902, appendix A: those that fail (A.8, A.9, A.12, A.13, A.15), and more.
const Refused kRefused[] = {
    {R"({"baz":"qux"})", R"([{"op":"test","path":"/baz","value":"bar"}])", Code::refusedByRule,
     "test"},
    {R"({"foo":"bar"})", R"([{"op":"add","path":"/baz/bat","value":"qux"}])", Code::badField,
     "nothing is at \"/baz\""},
    {R"({"/":9,"~1":10})", R"([{"op":"test","path":"/~01","value":"10"}])", Code::refusedByRule,
     "test"},
    {R"({"a":1})", R"({"op":"remove","path":"/a"})", Code::badField, "array"},
    {R"({"a":1})", R"("no")", Code::badField, "array"},
    {R"({"a":1})", R"([5])", Code::badField, "step 0"},
    {R"({"a":1})", R"([{"path":"/a"}])", Code::badField, "\"op\""},
    {R"({"a":1})", R"([{"op":7,"path":"/a"}])", Code::badField, "\"op\""},
    {R"({"a":1})", R"([{"op":"spam","path":"/a"}])", Code::badField, "none of"},
    {R"({"a":1})", R"([{"op":"remove"}])", Code::badField, "\"path\""},
    {R"({"a":1})", R"([{"op":"remove","path":5}])", Code::badField, "\"path\""},
    {R"({"a":1})", R"([{"op":"remove","path":"a"}])", Code::badField, "'/'"},
    {R"({"a":1})", R"([{"op":"remove","path":"/~2"}])", Code::badField, "~0"},
    {R"({"a":1})", R"([{"op":"add","path":"/b"}])", Code::badField, "\"value\""},
    {R"({"a":1})", R"([{"op":"replace","path":"/a"}])", Code::badField, "\"value\""},
    {R"({"a":1})", R"([{"op":"test","path":"/a"}])", Code::badField, "\"value\""},
    {R"({"a":1})", R"([{"op":"copy","path":"/b"}])", Code::badField, "\"from\""},
    {R"({"a":1})", R"([{"op":"move","path":"/b","from":null}])", Code::badField, "\"from\""},
    {R"({"a":1})", R"([{"op":"remove","path":"/b"}])", Code::badField, "nothing"},
    {R"({"a":1})", R"([{"op":"replace","path":"/b","value":1}])", Code::badField, "nothing"},
    {R"({"a":1})", R"([{"op":"copy","from":"/b","path":"/c"}])", Code::badField, "nothing"},
    {R"({"a":1})", R"([{"op":"move","from":"/b","path":"/b"}])", Code::badField, "nothing"},
    {R"({"a":1})", R"([{"op":"test","path":"/b","value":null}])", Code::badField, "nothing"},
    {R"({"a":1})", R"([{"op":"add","path":"/a/b","value":1}])", Code::badField, "nothing"},
    {R"({"a":{"b":1}})", R"([{"op":"move","from":"/a","path":"/a/b"}])", Code::badField, "itself"},
    {R"({"a":{"b":1}})", R"([{"op":"move","from":"","path":"/a"}])", Code::badField, "itself"},
    {R"([1,2])", R"([{"op":"add","path":"/3","value":1}])", Code::badField, "no place"},
    {R"([1,2])", R"([{"op":"add","path":"/01","value":1}])", Code::badField, "no place"},
    {R"([1,2])", R"([{"op":"add","path":"/1e0","value":1}])", Code::badField, "no place"},
    {R"([1,2])", R"([{"op":"remove","path":"/-"}])", Code::badField, "nothing"},
    {R"([1,2])", R"([{"op":"replace","path":"/-","value":1}])", Code::badField, "nothing"},
    {R"([1,2])", R"([{"op":"test","path":"/00","value":1}])", Code::badField, "nothing"},
    {R"({"a":null})", R"([{"op":"test","path":"/a","value":0}])", Code::refusedByRule, "test"},
};

TEST(Patch, DoesWhatTheStandardShows) {
    for (const Applied& row : kApplied) {
        Value value = json(row.document);
        const auto done = applyPatch(value, json(row.patch));
        ASSERT_TRUE(done) << row.patch << ": " << done.error().reason;
        EXPECT_EQ(value, json(row.result)) << row.patch;
    }
}

TEST(Patch, RefusesWhatIsWrongAndChangesNothing) {
    for (const Refused& row : kRefused) {
        Value value = json(row.document);
        const auto done = applyPatch(value, json(row.patch));
        ASSERT_FALSE(done) << row.patch;
        EXPECT_EQ(done.error().code, row.code) << row.patch << done.error().reason;
        EXPECT_THAT(done.error().reason, HasSubstr(row.reason)) << row.patch;
        EXPECT_EQ(value, json(row.document)) << row.patch;
    }
}

TEST(Patch, IsAllOrNothing) {
    for (const Refused& row : kRefused) {
        const Value wrong = json(row.patch);
        if (!wrong.isArray()) continue;
        Value patch = json(R"([{"op":"add","path":"","value":{"gone":[1,2]}}])");
        patch.push(json(R"({"op":"remove","path":"/gone/0"})"));
        patch.push(Value::object()).set("op", "test");
        Value value = json(row.document);
        const auto done = applyPatch(value, patch);
        ASSERT_FALSE(done);
        EXPECT_THAT(done.error().reason, StartsWith("step 2: "));
        EXPECT_EQ(value, json(row.document));
    }
}

TEST(Patch, ACopyBombStopsAtTheLimit) {
    Value value = json(R"({"a":["0123456789012345678901234567890123456789"]})");
    const Value before = value.clone();
    Value patch = Value::array();
    for (int i = 0; i < 40; ++i) patch.push(json(R"({"op":"copy","from":"/a","path":"/a/-"})"));
    const auto done = applyPatch(value, patch);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Code::tooLarge);
    EXPECT_EQ(value, before);
}

TEST(Patch, CopyingOverTheSamePlaceAgainAndAgainCostsAsWell) {
    Value value = Value::object();
    value.set("large", std::string(100'000, 'x'));
    Value patch = Value::array();
    for (int i = 0; i < 1000; ++i) patch.push(json(R"({"op":"copy","from":"/large","path":"/b"})"));
    const auto done = applyPatch(value, patch);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Code::tooLarge);
    EXPECT_FALSE(value.contains("b"));
}

TEST(Patch, ShiftingALongArrayAgainAndAgainCostsAsWell) {
    Value value = Value::array();
    for (int i = 0; i < 10'000; ++i) value.push(i);
    Value patch = Value::array();
    for (int i = 0; i < 1000; ++i) patch.push(json(R"({"op":"add","path":"/0","value":0})"));
    const auto done = applyPatch(value, patch);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Code::tooLarge);
    EXPECT_EQ(value.size(), 10'000u);
}

TEST(Patch, TheOutcomeHasALimitInBytesAndInDepth) {
    PatchLimits limits;
    limits.bytesMax = 1000;
    Value value = Value::object();
    Value patch = json(R"([{"op":"add","path":"/text"}])");
    patch[0].set("value", std::string(2000, 'x'));
    const auto tooLarge = applyPatch(value, patch, limits);
    ASSERT_FALSE(tooLarge);
    EXPECT_EQ(tooLarge.error().code, Code::tooLarge);

    limits.depthMax = 3;
    value = json(R"({"a":{"b":{}}})");
    EXPECT_TRUE(applyPatch(value, json(R"([{"op":"add","path":"/a/b/c","value":1}])"), limits));
    for (const char* deep :
         {R"([{"op":"add","path":"/a/b/c","value":[]}])",
          R"([{"op":"copy","from":"/a","path":"/a/d"}])",
          R"([{"op":"replace","path":"/a/b","value":{"x":[]}}])",
          R"([{"op":"move","from":"/a","path":"/z"},{"op":"add","path":"/z/b/c","value":[1]}])"}) {
        const Value before = value.clone();
        const auto done = applyPatch(value, json(deep), limits);
        ASSERT_FALSE(done) << deep;
        EXPECT_EQ(done.error().code, Code::tooLarge) << deep;
        EXPECT_EQ(value, before);
    }
}

TEST(Patch, CopiesIntoItselfStayShallow) {
    Value value = json(R"({"a":{}})");
    Value patch = Value::array();
    for (int i = 0; i < 300; ++i) patch.push(json(R"({"op":"copy","from":"","path":"/a"})"));
    const auto done = applyPatch(value, patch);
    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, Code::tooLarge);
}

}  // namespace
}  // namespace syncline::json
