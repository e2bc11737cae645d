// SPDX-License-Identifier: Apache-2.0
// The small parts: patterns, names, places, undo, streams.
#include <gtest/gtest.h>

#include "channel/conflict_rules.h"
#include "channel/effect.h"
#include "channel/glob.h"
#include "channel/history.h"
#include "channel/names.h"
#include "channel/place.h"
#include "channel/stream.h"
#include "channel/stream_id.h"
#include "channel/undo.h"
#include "unit/channel/world.h"

namespace syncline::channel {
namespace {

using tests::parsed;

TEST(Glob, MatchesRunsOfBytesWithStars) {
    struct Case {
        const char* pattern;
        const char* text;
        bool matches;
    };
    for (const Case& c : std::initializer_list<Case>{
             {"", "anything", true},
             {"*", "", true},
             {"a", "a", true},
             {"a", "ab", false},
             {"dashboard:*", "dashboard:sales", true},
             {"dashboard:*", "dashboard:", true},
             {"dashboard:*", "dash", false},
             {"*:b", "a:b:b", true},
             {"a*b*c", "a-b-b-c", true},
             {"a*b*c", "a-c-b", false},
             {"*a*a*a*a*a*a*b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", false},
         })
        EXPECT_EQ(globMatches(c.pattern, c.text), c.matches) << c.pattern << " " << c.text;
}

TEST(Names, AreOneTo255BytesOfTextWithoutControlsOrReservedStart) {
    EXPECT_TRUE(checkName("key", "widget:7"));
    EXPECT_TRUE(checkName("key", "größe/日本"));
    EXPECT_TRUE(checkName("key", std::string(255, 'a')));
    for (const std::string& bad :
         {std::string(), std::string(256, 'a'), std::string("$conflict/1"), std::string("a\nb"),
          std::string("a\0b", 3), std::string("a\x7f"), std::string("a\xc2\x85"),
          std::string("\xff")}) {
        const auto checked = checkName("key", bad);
        ASSERT_FALSE(checked) << bad;
        EXPECT_EQ(checked.error().code, core::Code::badName);
        EXPECT_EQ(checked.error().reason.rfind("key ", 0), 0U);
    }
}

TEST(Place, PutsAndTakesAway) {
    struct Case {
        const char* root;
        const char* path;
        const char* value;  // "": take away
        const char* after;  // "": refused
    };
    for (const Case& c : std::initializer_list<Case>{
             {R"({"a":1})", "", "2", "2"},
             {R"({"a":1})", "/a", "2", R"({"a":2})"},
             {R"({"a":1})", "/b/c", "2", R"({"a":1,"b":{"c":2}})"},
             {R"({"a":1})", "/a", "", R"({})"},
             {R"({"a":[1,2]})", "/a/1", "3", R"({"a":[1,3]})"},
             {R"({"a":[1,2]})", "/a/2", "3", ""},
             {R"({"a":1})", "/a/b", "3", ""},
             {R"({"a/b":1})", "/a~1b", "3", R"({"a/b":3})"},
             {R"(5)", "", "", ""},
         }) {
        json::Value root = parsed(c.root);
        const std::string value = c.value;
        std::optional<json::Value> put;
        if (!value.empty()) put = parsed(value);
        const bool placed = place(root, *json::Pointer::parse(c.path), std::move(put));
        EXPECT_EQ(placed, *c.after != '\0') << c.path;
        EXPECT_EQ(root, parsed(placed ? c.after : c.root)) << c.path;
    }
}

TEST(Place, CutsAPathAtTheFirstArrayItEnters) {
    const json::Value root = parsed(R"({"list":[{"x":1}],"deep":{"er":[1]},"a~b":[1],"n":5})");
    for (const auto& [path, cut] : std::initializer_list<std::pair<const char*, const char*>>{
             {"/list/0/x", "/list"},
             {"/list", "/list"},
             {"/deep/er/0", "/deep/er"},
             {"/deep/other/0", "/deep/other/0"},
             {"/a~0b/0", "/a~0b"},
             {"/n/x", "/n/x"},
             {"", ""},
         })
        EXPECT_EQ(cutAtArray(&root, path), cut);
    const json::Value array = parsed("[1]");
    EXPECT_EQ(cutAtArray(&array, "/0"), "");
    EXPECT_EQ(cutAtArray(nullptr, "/a"), "/a");
}

TEST(Undo, GivesBackWhatEachKindOverwrote) {
    struct Case {
        OpKind kind;
        const char* before;  // "": no record
        const char* arguments;
    };
    for (const Case& c : std::initializer_list<Case>{
             {OpKind::set, "", R"("value":{"a":1})"},
             {OpKind::set, R"({"b":2})", R"("value":{"a":1})"},
             {OpKind::remove, R"({"b":2})", ""},
             {OpKind::merge, "", R"("value":{"a":{"b":1}})"},
             {OpKind::merge, R"({"a":5})", R"("value":{"a":{"b":1}})"},
             {OpKind::merge, R"({"a":{"c":1},"z":[1]})", R"("value":{"a":{"b":1,"c":null},"z":2})"},
             {OpKind::merge, R"({"a":1})", R"("value":7)"},
             {OpKind::merge, "5", R"("value":{"a":1})"},
             {OpKind::merge, R"({"a":1})", R"("value":{})"},
             {OpKind::increment, "", R"("path":"/n/m","by":2)"},
             {OpKind::increment, "7", R"("path":"","by":2)"},
             {OpKind::increment, R"({"n":{"m":1}})", R"("path":"/n/m","by":2)"},
             {OpKind::increment, R"({"n":{}})", R"("path":"/n/x/y","by":2)"},
             {OpKind::increment, R"({"l":[1,2]})", R"("path":"/l/1","by":2)"},
         }) {
        Record record;
        if (*c.before != '\0') {
            record.value = parsed(c.before);
            record.deleted = false;
        }
        Arguments arguments = *readArguments(c.kind, c.arguments);
        const std::string undo = undoOf(c.kind, arguments, record.current());
        applyPlainly(c.kind, std::move(arguments), record);
        std::optional<json::Value> value;
        if (!record.deleted) value = std::move(record.value);
        ASSERT_TRUE(applyUndo(undo, value)) << c.before << c.arguments;
        EXPECT_EQ(value.has_value(), *c.before != '\0') << c.arguments;
        if (value) {
            EXPECT_EQ(*value, parsed(c.before)) << c.arguments;
        }
        for (std::size_t size = 1; size < undo.size(); ++size) {
            std::optional<json::Value> scratch = parsed(R"({"a":1})");
            applyUndo(std::string_view(undo).substr(0, size), scratch);  // must not crash
        }
    }
}

TEST(Stream, ForgetsWhatIsDoneButNotThatItWasRefused) {
    Stream stream;
    for (std::uint64_t n = 1; n <= 300; ++n) {
        StoredVerdict verdict;
        verdict.outcome = n % 2 == 0 ? Outcome::rejected : Outcome::applied;
        verdict.seq = n;
        stream.add(std::move(verdict));
    }
    stream.forget(299);
    EXPECT_EQ(stream.kept(), 1U);
    EXPECT_EQ(stream.find(299), nullptr);
    EXPECT_EQ(stream.find(300)->seq, 300U);
    EXPECT_TRUE(stream.tookEffect(299));
    EXPECT_FALSE(stream.tookEffect(298));
    EXPECT_FALSE(stream.tookEffect(300));
    // Beyond what is remembered of refusals, nothing is taken for applied.
    EXPECT_FALSE(stream.tookEffect(1));
    EXPECT_FALSE(stream.tookEffect(301));
    stream.forget(1'000);
    EXPECT_EQ(stream.kept(), 0U);
    EXPECT_EQ(stream.high(), 300U);
}

TEST(StreamId, IsOfUserAndClientTogether) {
    const StreamId id = StreamId::of({"ab", "c", "x"});
    EXPECT_EQ(id, StreamId::of({"ab", "c", "y"}));
    EXPECT_NE(id, StreamId::of({"a", "bc", "x"}));
    EXPECT_EQ(StreamId::fromHex(id.toHex()), id);
    EXPECT_EQ(id.toHex().size(), 32U);
    EXPECT_EQ(SharedAuthor(Author{"ab", "c", "x"}).stream(), id);
}

TEST(ConflictRules, TheFirstThatMatchesChannelKeyAndPathDecides) {
    class None final : public ConflictStrategy {
        bool asksAlways() const override { return false; }
        core::Result<std::vector<PathVerdict>> decide(const ConflictQuestion&) override {
            return std::vector<PathVerdict>{};
        }
    } one, two;
    const std::vector<ConflictRule> all{{"other", "", "", &two},
                                        {"ro*", "layout:*", "/title", &one},
                                        {"", "layout:*", "/x/*/y", &two},
                                        {"", "", "", nullptr}};
    const ConflictRules rules(all, "room");
    EXPECT_EQ(rules.strategyFor("layout:1", "/title"), &one);
    EXPECT_EQ(rules.strategyFor("layout:1", "/title/text"), &one);
    EXPECT_EQ(rules.strategyFor("layout:1", "/titles"), nullptr);
    EXPECT_EQ(rules.strategyFor("layout:1", "/x/7/y"), &two);
    EXPECT_EQ(rules.strategyFor("widget:1", "/title"), nullptr);
    EXPECT_EQ(rules.strategyFor("layout:1", ""), nullptr);
}

TEST(History, PassesWhatIsBeyondCountBytesOrAge) {
    History history;
    history.noteBytes(100);
    history.addMark(10, 10, 1'000);
    history.noteBytes(100);
    history.addMark(20, 20, 2'000);
    EXPECT_FALSE(history.pass({100, 1'000, 100'000}, 20, 2'000));
    History byCount = history;
    EXPECT_EQ(byCount.pass({10, 1'000, 100'000}, 20, 2'000)->index, 10U);
    EXPECT_EQ(byCount.passedSeq(), 10U);
    History byBytes = history;
    EXPECT_EQ(byBytes.pass({100, 100, 100'000}, 20, 2'000)->index, 10U);
    History byAge = history;
    EXPECT_EQ(byAge.pass({100, 1'000, 500}, 20, 3'000)->index, 20U);
}

TEST(History, AnswersWhatWasPassedUntilItIsTrimmed) {
    constexpr History::Limits kLimits{10, 1'000, 100'000};
    History history;
    history.addMark(10, 10, 1'000);
    history.addMark(20, 20, 2'000);
    EXPECT_EQ(history.pass(kLimits, 20, 2'000)->index, 10U);
    EXPECT_TRUE(history.owesTrim());
    EXPECT_EQ(history.pass(kLimits, 21, 2'000)->index, 10U);
    EXPECT_EQ(history.pass(kLimits, 30, 2'000)->index, 20U);
    history.trimmed();
    EXPECT_FALSE(history.owesTrim());
    EXPECT_FALSE(history.pass(kLimits, 30, 2'000));
}

}  // namespace
}  // namespace syncline::channel
