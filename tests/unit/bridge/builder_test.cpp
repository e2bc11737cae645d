// SPDX-License-Identifier: Apache-2.0
#include "bridge/builder.h"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "bridge/builder_table.h"
#include "unit/bridge/world.h"

namespace syncline::bridge::tests {
namespace {

/// Writes with the functions that plugins have.
struct Pen {
    syncline_builder* builder;

    Pen& null() { return kBuilderTable.null(builder), *this; }
    Pen& boolean(int value) { return kBuilderTable.boolean(builder, value), *this; }
    Pen& number(double value) { return kBuilderTable.number(builder, value), *this; }
    Pen& string(std::string_view text) {
        return kBuilderTable.string(builder, toText(text)), *this;
    }
    Pen& json(std::string_view text) { return kBuilderTable.json(builder, toText(text)), *this; }
    Pen& value(const json::Value* v) { return kBuilderTable.value(builder, toHandle(v)), *this; }
    Pen& object() { return kBuilderTable.begin_object(builder), *this; }
    Pen& array() { return kBuilderTable.begin_array(builder), *this; }
    Pen& key(std::string_view name) { return kBuilderTable.key(builder, toText(name)), *this; }
    Pen& end() { return kBuilderTable.end(builder), *this; }
    Pen& clear() { return kBuilderTable.clear(builder), *this; }
};

struct Case {
    const char* result;  ///< "failed", "incomplete" or JSON
    std::function<void(Pen&)> write;
};

constexpr const char* kFailed = "failed";
constexpr const char* kIncomplete = "incomplete";

TEST(Builder, WritesFromFrontToBackAndFailsOnAnythingElse) {
    const json::Value part = parsed(R"({"x":[1]})");
    const std::string deep(Builder::kDepthMax + 1, '[');
    const Case cases[] = {
        {kIncomplete, [](Pen&) {}},
        {"null", [](Pen& p) { p.null(); }},
        {"true", [](Pen& p) { p.boolean(7); }},
        {"1.5", [](Pen& p) { p.number(1.5); }},
        {R"("a\n")", [](Pen& p) { p.string("a\n"); }},
        {"{}", [](Pen& p) { p.object().end(); }},
        {"[]", [](Pen& p) { p.array().end(); }},
        {R"({"a":1,"b":[true,null,{}]})",
         [](Pen& p) {
             p.object().key("a").number(1).key("b").array().boolean(1).null().object().end();
             p.end().end();
         }},
        {R"([{"x":[1]},{"x":[1]}])", [&](Pen& p) { p.array().value(&part).value(&part).end(); }},
        {R"({"a":{"b":2}})", [](Pen& p) { p.object().key("a").json(R"({"b":2})").end(); }},
        {"2", [](Pen& p) { p.end().clear().number(2); }},
        {kIncomplete, [](Pen& p) { p.object(); }},
        {kIncomplete, [](Pen& p) { p.object().key("a"); }},
        {kIncomplete, [](Pen& p) { p.array().number(1); }},
        {kFailed, [](Pen& p) { p.end(); }},
        {kFailed, [](Pen& p) { p.number(1).number(2); }},
        {kFailed, [](Pen& p) { p.array().end().end(); }},
        {kFailed, [](Pen& p) { p.key("a"); }},
        {kFailed, [](Pen& p) { p.array().key("a"); }},
        {kFailed, [](Pen& p) { p.object().number(1); }},
        {kFailed, [](Pen& p) { p.object().key("a").key("b"); }},
        {kFailed, [](Pen& p) { p.object().key("a").end(); }},
        {kFailed, [](Pen& p) { p.object().key("a").number(1).key("a"); }},
        {kFailed, [](Pen& p) { p.string("\xff"); }},
        {kFailed, [](Pen& p) { p.object().key("\xff"); }},
        {kFailed, [](Pen& p) { p.json("{"); }},
        {kFailed, [](Pen& p) { p.value(nullptr); }},
        {kFailed, [](Pen& p) { p.number(std::numeric_limits<double>::infinity()); }},
        {kFailed, [](Pen& p) { p.number(std::numeric_limits<double>::quiet_NaN()); }},
        {kFailed,
         [&](Pen& p) {
             for (char c : deep) {
                 static_cast<void>(c);
                 p.array();
             }
         }},
        {kFailed, [](Pen& p) { p.end().number(1); }},
    };
    for (std::size_t i = 0; i < std::size(cases); ++i) {
        Pen pen{kBuilderTable.create(nullptr)};
        cases[i].write(pen);
        const syncline_value* result = kBuilderTable.result(pen.builder);
        const std::string got = kBuilderTable.failed(pen.builder) != 0 ? kFailed
                                : result == nullptr                    ? kIncomplete
                                                    : json::toText(*toValue(result));
        EXPECT_EQ(got, cases[i].result) << "case " << i;
        kBuilderTable.destroy(pen.builder);
    }
}

TEST(Builder, HoldsOneMistakeAgainstThePluginNotEachStepBehindIt) {
    World world;
    Script script;
    Made made(world, script, kHandlerComponent);
    callPlugin(made.instance, "test", [] {
        Builder builder;
        Pen{toHandle(&builder)}.end().number(1).end().key("a");
    });
    EXPECT_EQ(made.instance.conduct().misbehaviours(), 1U);
}

TEST(Builder, TakesANullBuilderForAMistake) {
    World world;
    Script script;
    Made made(world, script, kHandlerComponent);
    callPlugin(made.instance, "test", [] {
        Pen{nullptr}.null().clear();
        EXPECT_EQ(kBuilderTable.failed(nullptr), 1);
        EXPECT_EQ(kBuilderTable.result(nullptr), nullptr);
        kBuilderTable.destroy(nullptr);
    });
    EXPECT_EQ(made.instance.conduct().misbehaviours(), 2U);
}

}  // namespace
}  // namespace syncline::bridge::tests
