// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "support/stage_world.h"

namespace syncline::tests {
namespace {

std::string configOf(const std::string& records, const std::string& otherwise = "pass") {
    return R"({"records":[)" + records + R"(],"otherwise":")" + otherwise +
           R"(","pattern_bytes_max":64,"unique_items_max":4})";
}

std::string entry(const std::string& schema) {
    return R"({"channel":"c","schema":)" + schema + "}";
}

std::string opWith(const std::string& members) {
    return R"({"type":"op","channel":"c","n":1,"key":"k",)" + members + "}";
}

std::string set(const std::string& value) {
    return opWith(R"("kind":"set","value":)" + value);
}
std::string merge(const std::string& value) {
    return opWith(R"("kind":"merge","value":)" + value);
}
std::string patch(const std::string& steps) {
    return opWith(R"("kind":"patch","patch":[)" + steps + "]");
}
std::string increment(const std::string& path, const std::string& by) {
    return opWith(R"("kind":"increment","path":")" + path + R"(","by":)" + by);
}

constexpr const char* kPass = "continue";

/// "/value/x", "is no string" as the stage says it.
std::string refused(const std::string& pointer, const std::string& reason) {
    return "refused 1212: " + pointer + " " + reason + R"( {"pointer":")" + pointer + R"("})";
}

struct Case {
    const char* claim;
    std::string schema;
    std::string message;
    std::string outcome;
};

std::string outcomeOf(const std::string& config, const std::string& message) {
    StageWorld world(PLUGIN_SCHEMA, config);
    return world.fault.empty() ? world.send(message) : "fault " + world.fault;
}

class SchemaTest : public testing::TestWithParam<Case> {};

TEST_P(SchemaTest, Holds) {
    EXPECT_EQ(outcomeOf(configOf(entry(GetParam().schema)), GetParam().message),
              GetParam().outcome);
}

const auto kNamed = [](const auto& test) { return test.param.claim; };

// ---- Whole values: each keyword ----

const std::string kTags = R"({"type":"array","items":{"type":"string"},"uniqueItems":true})";
const std::string kTree =
    R"({"type":"object","properties":{"kids":{"type":"array","items":{"$ref":"#"}},)"
    R"("name":{"$ref":"#/definitions/name"}},"additionalProperties":false,)"
    R"("definitions":{"name":{"type":"string","maxLength":3}}})";

const std::vector<Case> kWhole = {
    {"TypeFits", R"({"type":"string"})", set(R"("x")"), kPass},
    {"TypeDoesNot", R"({"type":"string"})", set("7"), refused("/value", "is no string")},
    {"OneOfSeveralTypes", R"({"type":["string","null"]})", set("7"),
     refused("/value", "is no string or null")},
    {"AWholeNumberIsAnInteger", R"({"type":"integer"})", set("7.0"), kPass},
    {"AFractionIsNot", R"({"type":"integer"})", set("7.5"), refused("/value", "is no integer")},
    {"AHugeNumberIsANumber", R"({"type":"number"})", set("1e300"), kPass},
    {"Enum", R"({"enum":["a",{"b":[1]}]})", set(R"({"b":[1]})"), kPass},
    {"EnumNot", R"({"enum":["a",{"b":[1]}]})", set(R"({"b":[2]})"),
     refused("/value", "is none of the allowed values")},
    {"Const", R"({"const":5})", set("6"), refused("/value", "is not the one allowed value")},
    {"Minimum", R"({"minimum":2})", set("1"), refused("/value", "is less than 2")},
    {"ExclusiveMinimum", R"({"exclusiveMinimum":2})", set("2"),
     refused("/value", "is less than or equal to 2")},
    {"Maximum", R"({"maximum":2.5})", set("3"), refused("/value", "is more than 2.5")},
    {"ExclusiveMaximum", R"({"exclusiveMaximum":2})", set("1.9"), kPass},
    {"MultipleOf", R"({"multipleOf":3})", set("7"), refused("/value", "is no multiple of 3")},
    {"MinLength", R"({"minLength":2})", set(R"("é")"),
     refused("/value", "has fewer than 2 characters")},
    {"MaxLengthCountsCharacters", R"({"maxLength":2})", set(R"("éé")"), kPass},
    {"Pattern", R"({"pattern":"^a+$"})", set(R"("aab")"),
     refused("/value", "does not match its pattern")},
    {"PatternIsSearched", R"({"pattern":"b"})", set(R"("abc")"), kPass},
    {"Date", R"({"format":"date"})", set(R"("2023-02-29")"), refused("/value", "is no date")},
    {"DateOfALeapYear", R"({"format":"date"})", set(R"("2024-02-29")"), kPass},
    {"DateTime", R"({"format":"date-time"})", set(R"("2024-02-29T23:59:60.5+01:00")"), kPass},
    {"DateTimeWithoutAZone", R"({"format":"date-time"})", set(R"("2024-02-29T23:59:59")"),
     refused("/value", "is no date-time")},
    {"Time", R"({"format":"time"})", set(R"("24:00:00Z")"), refused("/value", "is no time")},
    {"AFormatIsForStrings", R"({"format":"date"})", set("[[1]]"), kPass},
    {"AnUnknownFormatSaysNothing", R"({"format":"colour"})", set(R"("x")"), kPass},
    {"Required", R"({"required":["a","b"]})", set(R"({"a":1})"), refused("/value", "lacks 'b'")},
    {"Properties", R"({"properties":{"a":{"type":"string"}}})", set(R"({"a":1})"),
     refused("/value/a", "is no string")},
    {"AdditionalProperties", R"({"properties":{"a":{}},"additionalProperties":false})",
     set(R"({"a":1,"b/c":1})"), refused("/value/b~1c", "is not known")},
    {"AdditionalPropertiesWithASchema", R"({"additionalProperties":{"type":"number"}})",
     set(R"({"a":1,"b":"x"})"), refused("/value/b", "is no number")},
    {"PatternProperties",
     R"({"patternProperties":{"^n_":{"type":"number"}},"additionalProperties":false})",
     set(R"({"n_a":"x"})"), refused("/value/n_a", "is no number")},
    {"PatternPropertiesJoinProperties",
     R"({"properties":{"n_a":{"minimum":2}},"patternProperties":{"^n_":{"type":"number"}}})",
     set(R"({"n_a":1})"), refused("/value/n_a", "is less than 2")},
    {"PropertyNames", R"({"propertyNames":{"maxLength":2}})", set(R"({"abc":1})"),
     refused("/value", "has a member whose name is not allowed")},
    {"MinProperties", R"({"minProperties":1})", set("{}"),
     refused("/value", "has fewer than 1 members")},
    {"MaxProperties", R"({"maxProperties":1})", set(R"({"a":1,"b":1})"),
     refused("/value", "has more than 1 members")},
    {"Dependencies", R"({"dependencies":{"a":["b"]}})", set(R"({"a":1})"),
     refused("/value", "lacks 'b', which 'a' needs")},
    {"DependenciesWithASchema", R"({"dependencies":{"a":{"required":["b"]}}})", set(R"({"a":1})"),
     refused("/value", "lacks 'b'")},
    {"Items", R"({"items":{"type":"string"}})", set(R"(["a",[1]])"),
     refused("/value/1", "is no string")},
    {"ItemsOneByOne", R"({"items":[{"type":"string"}],"additionalItems":false})", set(R"(["a",1])"),
     refused("/value", "has more elements than are allowed")},
    {"AdditionalItems", R"({"items":[{}],"additionalItems":{"type":"string"}})", set("[1,2]"),
     refused("/value/1", "is no string")},
    {"MinItems", R"({"minItems":1})", set("[]"), refused("/value", "has fewer than 1 elements")},
    {"MaxItems", R"({"maxItems":1})", set("[1,2]"), refused("/value", "has more than 1 elements")},
    {"UniqueItems", kTags, set(R"(["a","b","a"])"), refused("/value/2", "is there twice")},
    {"Contains", R"({"contains":{"type":"string"}})", set("[1]"),
     refused("/value", "contains no element of those that it must")},
    {"AllOf", R"({"allOf":[{"type":"object"},{"properties":{"a":{"type":"null"}}}]})",
     set(R"({"a":1})"), refused("/value/a", "is no null")},
    {"AnyOf", R"({"anyOf":[{"type":"string"},{"minimum":5}]})", set("4"),
     refused("/value", "fits none of the alternatives")},
    {"OneOfNone", R"({"oneOf":[{"type":"string"},{"minimum":5}]})", set("4"),
     refused("/value", "fits none of the alternatives")},
    {"OneOfTwo", R"({"oneOf":[{"type":"number"},{"minimum":5}]})", set("6"),
     refused("/value", "fits more than one of the alternatives")},
    {"Not", R"({"not":{"type":"string"}})", set(R"("x")"),
     refused("/value", "is what it must not be")},
    {"IfThen", R"({"if":{"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}})",
     set(R"({"a":1})"), refused("/value", "lacks 'b'")},
    {"IfElse", R"({"if":{"required":["a"]},"then":{"required":["b"]},"else":{"required":["c"]}})",
     set(R"({"b":1})"), refused("/value", "lacks 'c'")},
    {"False", R"({"properties":{"a":false}})", set(R"({"a":1})"),
     refused("/value/a", "is not allowed")},
    {"ReferencesAndRecursion", kTree,
     set(R"({"kids":[{"name":"abc"},{"kids":[{"name":"long"}]}]})"),
     refused("/value/kids/1/kids/0/name", "has more than 3 characters")},
    {"AReferenceAtTheRoot", R"({"$ref":"#/definitions/a","definitions":{"a":{"type":"null"}}})",
     set("1"), refused("/value", "is no null")},
};

INSTANTIATE_TEST_SUITE_P(Whole, SchemaTest, testing::ValuesIn(kWhole), kNamed);

// ---- Parts: what each kind of op may do ----

const std::string kItem =
    R"({"type":"object","required":["text"],"additionalProperties":false,"properties":{)"
    R"("text":{"type":"string","maxLength":5},"count":{"type":"integer"},"price":{"type":"number"},)"
    R"("tags":{"type":"array","items":{"type":"string"}},)"
    R"("at":{"type":"object","required":["x"],"properties":{"x":{"type":"number"},"y":{"minimum":0}}},)"
    R"("free":{}}})";

const std::vector<Case> kParts = {
    {"AMergeOfAPart", kItem, merge(R"({"count":1,"at":{"y":1}})"), kPass},
    {"AMergeNeedsNotBringWhatIsRequired", kItem, merge("{}"), kPass},
    {"AMergeWithAWrongValue", kItem, merge(R"({"count":"1"})"),
     refused("/value/count", "is no integer")},
    {"AMergeDeepDown", kItem, merge(R"({"at":{"y":-1}})"),
     refused("/value/at/y", "is less than 0")},
    {"AMergeOfAnUnknownMember", kItem, merge(R"({"other":1})"),
     refused("/value/other", "is not known")},
    {"AMergeThatRemoves", kItem, merge(R"({"count":null,"at":null})"), kPass},
    {"AMergeThatRemovesWhatIsRequired", kItem, merge(R"({"text":null})"),
     refused("/value/text", "must not be removed")},
    {"AMergeThatRemovesWhatIsRequiredDeepDown", kItem, merge(R"({"at":{"x":null}})"),
     refused("/value/at/x", "must not be removed")},
    {"AMergeOfAnObjectWhereNoneMayBe", kItem, merge(R"({"text":{}})"),
     refused("/value/text", "is no string")},
    {"AMergeOfAnArrayIsWhole", kItem, merge(R"({"tags":["a",1]})"),
     refused("/value/tags/1", "is no string")},
    {"AMergeThatIsNoObject", kItem, merge("7"), refused("/value", "is no object")},
    {"AMergeOfSomethingFree", kItem, merge(R"({"free":{"any":[1,{}],"none":null}})"), kPass},
    {"AMergeFollowsAllOf", R"({"allOf":[)" + kItem + "]}", merge(R"({"count":1.5})"),
     refused("/value/count", "is no integer")},
    {"AnIncrement", kItem, increment("/count", "2"), kPass},
    {"AnIncrementOfAnIntegerByAFraction", kItem, increment("/count", "0.5"),
     refused("/by", "is no integer")},
    {"AnIncrementOfANumberByAFraction", kItem, increment("/price", "0.5"), kPass},
    {"AnIncrementOfAString", kItem, increment("/text", "1"),
     refused("/path", "is the place of a string, not of a number")},
    {"AnIncrementOfAnUnknownMember", kItem, increment("/other", "1"),
     refused("/path", "is not known")},
    {"AnIncrementBeneathAString", kItem, increment("/text/x", "1"),
     refused("/path", "is not known")},
    {"AnIncrementDeepDown", kItem, increment("/at/x", "1"), kPass},
    {"AnIncrementOfSomethingFree", kItem, increment("/free/any/where", "1"), kPass},
    {"AnIncrementOfTheRecord", kItem, increment("", "1"),
     refused("/path", "is the place of a object, not of a number")},
    {"APatch", kItem,
     patch(
         R"({"op":"add","path":"/tags/-","value":"x"},{"op":"replace","path":"/text","value":"y"},)"
         R"({"op":"remove","path":"/count"},{"op":"test","path":"/other","value":1},)"
         R"({"op":"copy","from":"/price","path":"/count"})"),
     kPass},
    {"APatchWithAWrongValue", kItem,
     patch(R"({"op":"remove","path":"/count"},{"op":"add","path":"/text","value":"too long"})"),
     refused("/patch/1/value", "has more than 5 characters")},
    {"APatchWithAWrongElement", kItem, patch(R"({"op":"add","path":"/tags/0","value":1})"),
     refused("/patch/0/value", "is no string")},
    {"APatchOfAnUnknownMember", kItem, patch(R"({"op":"add","path":"/other","value":1})"),
     refused("/patch/0/path", "is not known")},
    {"APatchThatRemovesWhatIsRequired", kItem, patch(R"({"op":"remove","path":"/at/x"})"),
     refused("/patch/0/path", "must not be removed")},
    {"APatchThatMovesWhatIsRequired", kItem,
     patch(R"({"op":"move","from":"/text","path":"/free"})"),
     refused("/patch/0/from", "must not be removed")},
    {"APatchThatMovesToAnUnknownPlace", kItem,
     patch(R"({"op":"move","from":"/count","path":"/other"})"),
     refused("/patch/0/path", "is not known")},
    {"APatchOfTheWholeRecord", kItem, patch(R"({"op":"add","path":"","value":{"count":1}})"),
     refused("/patch/0/value", "lacks 'text'")},
    {"AddingToASet", kItem, opWith(R"("kind":"add","path":"/tags","value":1)"),
     refused("/value", "is no string")},
    {"InsertingIntoAList", kItem, opWith(R"("kind":"insert","path":"/tags","id":"i","value":"x")"),
     kPass},
    {"AddingToWhatIsNoArray", kItem, opWith(R"("kind":"add","path":"/text","value":"x")"),
     refused("/path", "is the place of a string, not of an array")},
    {"ADelete", kItem, opWith(R"("kind":"delete")"), kPass},
    {"AVoid", kItem, R"({"type":"op","channel":"c","n":1,"kind":"void"})", kPass},
    {"WhatIsMalformedIsForTheHandler", kItem, opWith(R"("kind":"set")"), kPass},
    {"EachOpOfABatch", kItem,
     R"({"type":"batch","channel":"c","ops":[{"key":"k","kind":"delete"},
        {"key":"k","kind":"set","value":{"text":1}}]})",
     refused("/ops/1/value/text", "is no string")},
    {"OtherMessages", kItem, R"({"type":"get","channel":"c","keys":["k"]})", kPass},
};

INSTANTIATE_TEST_SUITE_P(Parts, SchemaTest, testing::ValuesIn(kParts), kNamed);

// ---- Limits ----

const std::string kLong(65, 'a');

const std::vector<Case> kLimits = {
    {"AStringAtTheLimitOfPatterns", R"({"pattern":"^a*$"})", set('"' + std::string(64, 'a') + '"'),
     kPass},
    {"AStringBeyondTheLimitOfPatterns", R"({"pattern":"^a*$"})", set('"' + kLong + '"'),
     refused("/value", "or something in it is too long to be held against a pattern")},
    {"ATooLongStringIsNoWayAroundANot", R"({"not":{"pattern":"b"}})", set('"' + kLong + '"'),
     refused("/value", "or something in it is too long to be held against a pattern")},
    {"ANameBeyondTheLimitOfPatterns", R"({"patternProperties":{"^a":{}}})",
     set("{\"" + kLong + "\":1}"),
     refused("/value", "or something in it is too long to be held against a pattern")},
    {"AStringWithoutAPatternMayBeLong", R"({"type":"string"})", set('"' + kLong + '"'), kPass},
    {"AnArrayAtTheLimitOfUniqueItems", kTags, set(R"(["a","b","c","d"])"), kPass},
    {"AnArrayBeyondTheLimitOfUniqueItems", kTags, set(R"(["a","b","c","d","e"])"),
     refused("/value", "or something in it has too many elements to be compared with each other")},
    {"ASchemaInACircle", R"({"allOf":[{"$ref":"#"}]})", set("1"),
     refused("/value", "or something in it is nested too deeply for its schema")},
    {"APointerThatDoesNotFitIsShortened", R"({"additionalProperties":{"type":"object",
        "additionalProperties":{"type":"string"}}})",
     set(R"({"top":{")" + std::string(300, 'x') + R"(":1}})"),
     refused("/value/top", "is no string")},
};

INSTANTIATE_TEST_SUITE_P(Limits, SchemaTest, testing::ValuesIn(kLimits), kNamed);

// ---- Which records ----

TEST(Schema, IsTheFirstOneThatMatchesChannelAndKey) {
    const std::string config =
        configOf(R"({"channel":"a:*","key":"n:*","schema":{"type":"number"}},)"
                 R"({"channel":"a:*","schema":{"type":"string"}},)"
                 R"({"key":"locked","kinds":["delete"]})");
    const auto send = [&](const std::string& channel, const std::string& key,
                          const std::string& value) {
        return outcomeOf(config, R"({"type":"op","channel":")" + channel + R"(","key":")" + key +
                                     R"(","kind":"set","value":)" + value + "}");
    };
    EXPECT_EQ(send("a:1", "n:1", "1"), kPass);
    EXPECT_EQ(send("a:1", "n:1", R"("x")"), refused("/value", "is no number"));
    EXPECT_EQ(send("a:1", "m:1", R"("x")"), kPass);
    EXPECT_EQ(send("a:1", "m:1", "1"), refused("/value", "is no string"));
    EXPECT_EQ(send("b:1", "m:1", "[]"), kPass);
    EXPECT_EQ(send("b:1", "locked", "1"), refused("/kind", "is none that may change this record"));
}

TEST(Schema, RefusesRecordsWithoutOneWhenTold) {
    const std::string config = configOf(entry(R"({"type":"number"})"), "refuse");
    EXPECT_EQ(outcomeOf(config, set("1")), kPass);
    EXPECT_EQ(outcomeOf(config, R"({"type":"op","channel":"d","key":"k","kind":"set","value":1})"),
              refused("/key", "is the key of no record that has a schema"));
    EXPECT_EQ(outcomeOf(config, R"({"type":"op","channel":"d","n":1,"kind":"void"})"), kPass);
}

TEST(Schema, HoldsForWhatAConflictIsResolvedTo) {
    const std::string config = configOf(entry(R"({"type":"number"})"));
    const auto resolve = [&](const std::string& how) {
        return outcomeOf(
            config, R"({"type":"resolve","channel":"c","key":"k","conflict":"3",)" + how + "}");
    };
    EXPECT_EQ(resolve(R"("value":1)"), kPass);
    EXPECT_EQ(resolve(R"("value":"x")"), refused("/value", "is no number"));
    EXPECT_EQ(resolve(R"("take":"mine")"), kPass);
}

TEST(Schema, NamesThePlaceOfWhatIsNoSchema) {
    const std::pair<const char*, const char*> cases[] = {
        {R"({"type":"strnig"})",
         "fault /records/0/schema: no usable JSON Schema: Unrecognised JSON type name 'strnig'"},
        {R"({"pattern":"("})",
         "fault /records/0/schema: no usable JSON Schema: the pattern '(' is no regular "
         "expression"},
        {R"({"items":{"multipleOf":0}})",
         "fault /records/0/schema: no usable JSON Schema: multipleOf is 0"},
        {R"({"properties":{"a":{"$ref":"http://example.org/x"}}})",
         "fault /records/0/schema/properties/a/$ref: only references within the schema are "
         "followed, such as \"#/definitions/name\""},
        {R"({"$ref":"#/definitions/b"})",
         "fault /records/0/schema/$ref: the reference #/definitions/b leads nowhere"},
        {R"({"definitions":{"a":{"$ref":"#/definitions/b"},"b":{"$ref":"#/definitions/a"}}})",
         "fault /records/0/schema/definitions/a/$ref: the reference leads in a circle"},
    };
    for (const auto& [schema, fault] : cases) {
        EXPECT_EQ(outcomeOf(configOf(entry(schema)), set("1")), fault);
    }
}

}  // namespace
}  // namespace syncline::tests
