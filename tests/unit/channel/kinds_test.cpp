// SPDX-License-Identifier: Apache-2.0
// What each kind of op does to a record, and what it refuses.
#include "channel/patching.h"
#include "channel/undo.h"
#include "unit/channel/judge.h"

namespace syncline::channel {
namespace {

using tests::base;
using tests::Client;
using tests::member;
using tests::merge;
using tests::parsed;
using tests::set;
using tests::Strict;
using tests::World;

std::string patch(const std::string& steps, const std::string& more = {}) {
    return R"("kind":"patch","key":"a","patch":)" + steps + more;
}
std::string element(const std::string& kind, const std::string& members,
                    const std::string& more = {}) {
    return R"("kind":")" + kind + R"(","key":"a",)" + members + more;
}

struct Case {
    const char* claim;
    const char* before;  ///< "": no record
    std::string op;
    const char* after;  ///< canonical; or the code that it is refused with
    const char* pointer = "";
};

const std::vector<Case> kCases = {
    // patch
    {"PatchReplaces", R"({"a":1})", patch(R"([{"op":"replace","path":"/a","value":2}])"),
     R"({"a":2})"},
    {"PatchIsAllOrNothing", R"({"a":1})",
     patch(R"([{"op":"remove","path":"/a"},{"op":"remove","path":"/a"}])"), "1102", "/patch/1"},
    {"PatchTests", R"({"a":1})", patch(R"([{"op":"test","path":"/a","value":2}])"), "1212",
     "/patch/0"},
    {"PatchMayDoNothing", R"({"a":1})", patch("[]"), R"({"a":1})"},
    {"PatchMovesAndCopies", R"({"a":[1,2]})",
     patch(R"([{"op":"move","from":"/a/0","path":"/b"},{"op":"copy","from":"/a","path":"/c"}])"),
     R"({"a":[2],"b":1,"c":[2]})"},
    {"PatchNeedsARecord", "", patch(R"([{"op":"add","path":"/a","value":1}])"), "1204"},
    {"PatchMayMakeTheRecord", "",
     patch(R"([{"op":"add","path":"","value":{}},{"op":"add","path":"/a","value":1}])"),
     R"({"a":1})"},
    {"PatchIsAnArray", "{}", patch("{}"), "1102", "/patch"},
    {"PatchHasKnownSteps", "{}", patch(R"([{"op":"paint","path":""}])"), "1102", "/patch/0"},
    {"PatchIsThere", "{}", R"("kind":"patch","key":"a")", "1102", "/patch"},
    // sets
    {"AddAppends", R"({"s":[1]})", element("add", R"("path":"/s","value":2)"), R"({"s":[1,2]})"},
    {"AddIsOnceOnly", R"({"s":[{"x":1,"y":2}]})",
     element("add", R"("path":"/s","value":{"y":2,"x":1})"), R"({"s":[{"x":1,"y":2}]})"},
    {"AddMakesTheRecord", "", element("add", R"("path":"/s/t","value":2)"), R"({"s":{"t":[2]}})"},
    {"AddMakesARecordThatIsASet", "", element("add", R"("path":"","value":2)"), "[2]"},
    {"AddNeedsAnArray", R"({"s":{}})", element("add", R"("path":"/s","value":2)"), "1102", "/path"},
    {"AddNeedsAWay", R"({"s":1})", element("add", R"("path":"/s/t","value":2)"), "1102", "/path"},
    {"AddNeedsAValue", "{}", element("add", R"("path":"/s")"), "1102", "/value"},
    {"AddNeedsAPath", "{}", element("add", R"("value":1)"), "1102", "/path"},
    {"RemoveTakesAway", R"({"s":[1,2,3]})", element("remove", R"("path":"/s","value":2)"),
     R"({"s":[1,3]})"},
    {"RemoveOfNothingIsFine", R"({"s":[1]})", element("remove", R"("path":"/s","value":2)"),
     R"({"s":[1]})"},
    {"RemoveMakesNoSet", "{}", element("remove", R"("path":"/s","value":2)"), "{}"},
    {"RemoveNeedsARecord", "", element("remove", R"("path":"/s","value":2)"), "1204"},
    // lists
    {"InsertAppends", R"({"l":[{"id":"x"}]})",
     element("insert", R"("path":"/l","element":"y","value":{"v":1})"),
     R"({"l":[{"id":"x"},{"id":"y","v":1}]})"},
    {"InsertComesFirst", R"({"l":[{"id":"x"}]})",
     element("insert", R"("path":"/l","element":"y","behind":null,"value":{})"),
     R"({"l":[{"id":"y"},{"id":"x"}]})"},
    {"InsertStandsBehind", R"({"l":[{"id":"x"},{"id":"z"}]})",
     element("insert", R"("path":"/l","element":"y","behind":"x","value":{"id":"y"})"),
     R"({"l":[{"id":"x"},{"id":"y"},{"id":"z"}]})"},
    {"InsertBehindNothingComesLast", R"({"l":[{"id":"x"}]})",
     element("insert", R"("path":"/l","element":"y","behind":"gone","value":{})"),
     R"({"l":[{"id":"x"},{"id":"y"}]})"},
    {"InsertAgainReplacesInPlace", R"({"l":[{"id":"x","v":1},{"id":"y"}]})",
     element("insert", R"("path":"/l","element":"x","value":{"v":2})"),
     R"({"l":[{"id":"x","v":2},{"id":"y"}]})"},
    {"InsertAgainElsewhereMovesIt", R"({"l":[{"id":"x","v":1},{"id":"y"}]})",
     element("insert", R"("path":"/l","element":"x","behind":"y","value":{"v":2})"),
     R"({"l":[{"id":"y"},{"id":"x","v":2}]})"},
    {"InsertMakesTheRecord", "", element("insert", R"("path":"/l","element":7,"value":{})"),
     R"({"l":[{"id":7}]})"},
    {"InsertNeedsAnObject", "{}", element("insert", R"("path":"/l","element":"y","value":1)"),
     "1102", "/value"},
    {"InsertOfAnotherIdIsWrong", "{}",
     element("insert", R"("path":"/l","element":"y","value":{"id":"z"})"), "1102", "/value"},
    {"InsertBehindItselfIsWrong", "{}",
     element("insert", R"("path":"/l","element":"y","behind":"y","value":{})"), "1102", "/behind"},
    {"InsertNeedsAnId", "{}", element("insert", R"("path":"/l","element":"","value":{})"), "1102",
     "/element"},
    {"MoveGoesBehind", R"({"l":[{"id":"x"},{"id":"y"},{"id":"z"}]})",
     element("move", R"("path":"/l","element":"x","behind":"y")"),
     R"({"l":[{"id":"y"},{"id":"x"},{"id":"z"}]})"},
    {"MoveGoesForward", R"({"l":[{"id":"x"},{"id":"y"},{"id":"z"}]})",
     element("move", R"("path":"/l","element":"z","behind":"x")"),
     R"({"l":[{"id":"x"},{"id":"z"},{"id":"y"}]})"},
    {"MoveGoesToTheEnd", R"({"l":[{"id":"x"},{"id":"y"}]})",
     element("move", R"("path":"/l","element":"x")"), R"({"l":[{"id":"y"},{"id":"x"}]})"},
    {"MoveNeedsItsElement", R"({"l":[{"id":"x"}]})",
     element("move", R"("path":"/l","element":"q")"), "1204", "/element"},
    {"MoveNeedsItsList", "{}", element("move", R"("path":"/l","element":"q")"), "1204", "/path"},
    {"EraseTakesAway", R"({"l":[1,{"id":"x"},{"id":2}]})",
     element("erase", R"("path":"/l","element":2)"), R"({"l":[1,{"id":"x"}]})"},
    {"EraseOfNothingIsFine", R"({"l":[]})", element("erase", R"("path":"/l","element":"x")"),
     R"({"l":[]})"},
    {"AListWithinAnArrayIsFoundByIndex", R"({"c":[{"l":[{"id":"x"}]}]})",
     element("erase", R"("path":"/c/0/l","element":"x")"), R"({"c":[{"l":[]}]})"},
};

class Kinds : public testing::TestWithParam<Case> {};

TEST_P(Kinds, DoWhatTheySayOrSayWhatIsWrong) {
    const Case& c = GetParam();
    World world;
    Client ann(world, "ann");
    if (*c.before != '\0') ann.send(set("a", c.before));
    const std::string before = ann.value("a");
    const std::string reply = ann.send(c.op);
    EXPECT_EQ(member(reply, "settled"), "true") << reply;
    if (*c.after == '1') {
        EXPECT_EQ(member(reply, "code"), c.after) << reply;
        const std::string where = member(reply, "detail");
        EXPECT_EQ(where.empty() ? "" : member(where, "pointer"), c.pointer) << reply;
        EXPECT_EQ(ann.value("a"), before);
        return;
    }
    EXPECT_EQ(member(reply, "outcome"), "applied") << reply;
    EXPECT_EQ(ann.value("a"), c.after);
    EXPECT_EQ(member(ann.send(c.op, ann.lastN), "outcome"), "duplicate");
    world.crash();
    EXPECT_EQ(ann.value("a"), c.after) << "from the log";
}

INSTANTIATE_TEST_SUITE_P(All, Kinds, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.claim; });

// The value before it, from what was overwritten.
TEST_P(Kinds, CanBeTakenBack) {
    const Case& c = GetParam();
    const json::Value message = parsed("{" + c.op + "}");
    const OpKind kind = *kindNamed(message.find("kind")->asString());
    core::Result<Arguments> arguments = readArguments(kind, argumentsText(kind, message));
    if (*c.after == '1' || !arguments) return;
    Record record;
    if (*c.before != '\0') {
        record.value = parsed(c.before);
        record.deleted = false;
    }
    const std::string undo = undoOf(kind, *arguments, record.current());
    ASSERT_TRUE(applyPlainly(kind, std::move(*arguments), record));
    std::optional<json::Value> value = std::move(record.value);
    ASSERT_TRUE(applyUndo(undo, value));
    ASSERT_EQ(value.has_value(), *c.before != '\0');
    if (value) {
        EXPECT_EQ(*value, parsed(c.before));
    }
    for (std::size_t size = 1; size < undo.size(); ++size) {
        std::optional<json::Value> scratch = parsed(R"({"l":[{"id":"x"}],"s":[1]})");
        applyUndo(std::string_view(undo).substr(0, size), scratch);  // must not crash
    }
}

TEST(Patching, KnowsWhatItWritesAndWhatItLooksAt) {
    const json::Value current = parsed(R"({"a":{"b":1},"l":[{"x":1}],"n":1})");
    struct Touched {
        const char* steps;
        std::vector<std::string> written;
        std::vector<std::string> checked;
    };
    for (const Touched& c : std::vector<Touched>{
             {R"([{"op":"add","path":"/a/c","value":1}])", {"/a/c"}, {}},
             {R"([{"op":"remove","path":"/l/0/x"},{"op":"add","path":"/l/-","value":1}])",
              {"/l"},
              {}},
             {R"([{"op":"test","path":"/n","value":1},{"op":"copy","from":"/a","path":"/c"}])",
              {"/c"},
              {"/n", "/a"}},
             {R"([{"op":"move","from":"/n","path":"/m"}])", {"/n", "/m"}, {}},
             {R"([{"op":"add","path":"/a/c","value":1},{"op":"replace","path":"/a","value":1}])",
              {"/a"},
              {}},
             {R"([{"op":"test","path":"/a/b","value":1},{"op":"remove","path":"/a"}])", {"/a"}, {}},
             {R"([{"op":"paint","path":5},7])", {}, {}},
         }) {
        std::vector<std::string> written;
        std::vector<std::string> checked;
        for (const Touch& touch : touchedByPatch(parsed(c.steps), &current))
            (touch.role == Touch::Role::written ? written : checked).push_back(touch.path);
        EXPECT_EQ(written, c.written) << c.steps;
        EXPECT_EQ(checked, c.checked) << c.steps;
    }
}

TEST(Patching, IsBoundedInStepsOutcomeDepthAndWork) {
    World world;
    world.settings.recordBytesMax = 1'000;
    world.settings.patchStepsMax = 20;
    world.settings.depthMax = 8;
    Client ann(world, "ann");
    ann.send(set("a", R"({"x":["0123456789"]})"));
    const auto steps = [](int count, const std::string& step) {
        std::string all;
        for (int i = 0; i < count; ++i) all += (i == 0 ? "" : ",") + step;
        return "[" + all + "]";
    };
    const std::string bomb = R"({"op":"copy","from":"/x","path":"/x/-"})";
    for (const auto& [many, why] : std::initializer_list<std::pair<std::string, const char*>>{
             {steps(21, R"({"op":"test","path":"","value":1})"), "steps"},
             {steps(10, bomb), "a result that is larger than a record may be"},
             {steps(20, bomb), "work"},
             {R"([{"op":"add","path":"/y","value":[[[[[[[[1]]]]]]]]}])", "depth"},
         }) {
        const std::string reply = ann.send(patch(many));
        EXPECT_EQ(member(reply, "code"), "1203") << why << reply.substr(0, 200);
        EXPECT_EQ(member(reply, "settled"), "true") << why;
    }
    EXPECT_EQ(ann.value("a"), R"({"x":["0123456789"]})");
    EXPECT_EQ(member(ann.send(element("add", R"("path":"/a/b/c/d/e/f/g","value":1)")), "outcome"),
              "applied");
    EXPECT_EQ(member(ann.send(element("add", R"("path":"/a/b/c/d/e/f/h","value":[])")), "code"),
              "1203");
    EXPECT_EQ(member(ann.send(element("add",
                                      R"("path":"/s","value":")" + std::string(2'000, 'x') + "\"")),
                     "code"),
              "1203");
}

/// Ann and Bob both saw seq 1; Ann's op came first.
struct Meeting {
    const char* claim;
    std::string anns;
    std::string bobs;
    bool meets;
};

const std::vector<Meeting> kMeetings = {
    {"ElementsOfASetCommute", element("add", R"("path":"/s","value":5)"),
     element("add", R"("path":"/s","value":6)"), false},
    {"TheSameElementOfASetCommutes", element("add", R"("path":"/s","value":5)"),
     element("remove", R"("path":"/s","value":5)"), false},
    {"ElementsOfAListCommute", element("insert", R"("path":"/l","element":"p","value":{})"),
     element("move", R"("path":"/l","element":"x")"), false},
    {"MoveAndEraseOfOneElementMeet", element("move", R"("path":"/l","element":"x")"),
     element("erase", R"("path":"/l","element":"x")"), true},
    {"TwoMovesOfOneElementMeet", element("move", R"("path":"/l","element":"x")"),
     element("move", R"("path":"/l","element":"x","behind":null)"), true},
    {"AWriteAboveMeetsElements", merge("a", R"({"l":[]})"),
     element("erase", R"("path":"/l","element":"x")"), true},
    {"ElementsMeetAWriteAbove", element("add", R"("path":"/s","value":5)"),
     merge("a", R"({"s":[]})"), true},
    {"AWriteElsewhereMeetsNothing", merge("a", R"({"n":7})"),
     element("add", R"("path":"/s","value":5)"), false},
    {"PatchesOfDifferentPlacesDoNotMeet", patch(R"([{"op":"replace","path":"/n","value":2}])"),
     patch(R"([{"op":"add","path":"/m","value":2}])"), false},
    {"PatchesOfOnePlaceMeet", patch(R"([{"op":"replace","path":"/n","value":2}])"),
     patch(R"([{"op":"replace","path":"/n","value":3}])"), true},
    {"WhatAPatchTestsIsLookedAt", patch(R"([{"op":"replace","path":"/n","value":2}])"),
     patch(R"([{"op":"test","path":"/n","value":1},{"op":"add","path":"/m","value":2}])"), true},
    {"WhatAPatchTestsIsNotStamped",
     patch(R"([{"op":"test","path":"/n","value":1},{"op":"add","path":"/m","value":2}])"),
     merge("a", R"({"n":2})"), false},
    {"WhatAPatchCopiesIsLookedAt", merge("a", R"({"n":2})"),
     patch(R"([{"op":"copy","from":"/n","path":"/m"}])"), true},
    {"WhatAPatchCopiesIsNotStamped", patch(R"([{"op":"copy","from":"/n","path":"/m"}])"),
     merge("a", R"({"n":2})"), false},
    {"IndexesOfOneArrayMeet", patch(R"([{"op":"remove","path":"/l/0"}])"),
     patch(R"([{"op":"replace","path":"/l/1","value":1}])"), true},
};

class Meetings : public testing::TestWithParam<Meeting> {};

TEST_P(Meetings, AreConflictsWhereOpsDoNotCommute) {
    const Meeting& c = GetParam();
    Strict strict;
    strict.ann.send(set("a", R"({"s":[1],"l":[{"id":"x"},{"id":"y"}],"n":1})"));
    ASSERT_EQ(member(strict.ann.send(c.anns), "outcome"), "applied");
    EXPECT_EQ(member(strict.ann.send(c.anns + base(1)), "type"), "ack") << "not with oneself";
    const std::string reply = strict.bob.send(c.bobs + base(1));
    EXPECT_EQ(member(reply, "type"), c.meets ? "conflict" : "ack") << reply;
}

INSTANTIATE_TEST_SUITE_P(All, Meetings, testing::ValuesIn(kMeetings),
                         [](const auto& test) { return test.param.claim; });

TEST(Elements, AConflictNamesTheElement) {
    Strict strict;
    strict.ann.send(set("a", R"({"l":[{"id":"x/1"},{"id":"y"}]})"));
    strict.ann.send(element("move", R"("path":"/l","element":"x/1")"));
    strict.judge.each = [](const TouchedPath& path) {
        EXPECT_EQ(json::toText(*path.base), R"({"id":"x/1"})");
        EXPECT_EQ(path.incoming, nullptr);
        return PathVerdict{Verdict::conflict, {}};
    };
    const std::string reply =
        strict.bob.send(element("erase", R"("path":"/l","element":"x/1")", base(1)));
    EXPECT_EQ(member(reply, "paths"), R"(["/l/x~11"])");
    EXPECT_EQ(member(reply, "mine"), R"({"l":[{"id":"y"}]})");
    EXPECT_EQ(member(reply, "theirs"), R"({"l":[{"id":"y"},{"id":"x/1"}]})");
}

TEST(Elements, AValueThatIsPutReplacesTheElementInItsPlace) {
    Strict strict;
    strict.ann.send(set("a", R"({"l":[{"id":"x"},{"id":"y"}]})"));
    strict.ann.send(element("insert", R"("path":"/l","element":"x","value":{"v":1})"));
    strict.judge.each = [](const TouchedPath&) {
        return PathVerdict{Verdict::put, parsed(R"({"id":"x","v":12})")};
    };
    const std::string reply =
        strict.bob.send(element("insert", R"("path":"/l","element":"x","value":{"v":2})", base(1)));
    EXPECT_EQ(member(reply, "outcome"), "merged");
    EXPECT_EQ(strict.bob.value("a"), R"({"l":[{"id":"x","v":12},{"id":"y"}]})");
}

// The last to arrive wins, but it cannot move what is not there.
TEST(Elements, AnOpWhosePlaceSomebodyTookAwayIsAConflict) {
    World world;
    Client ann(world, "ann");
    Client bob(world, "bob");
    ann.send(set("a", R"({"l":[{"id":"x"}],"o":{"n":1}})"));
    ann.send(element("erase", R"("path":"/l","element":"x")"));
    ann.send(merge("a", R"({"o":null})"));
    const std::string moved = bob.send(element("move", R"("path":"/l","element":"x")", base(1)));
    EXPECT_EQ(member(moved, "type"), "conflict");
    EXPECT_EQ(member(moved, "paths"), R"(["/l/x"])");
    const std::string patched =
        bob.send(patch(R"([{"op":"replace","path":"/o/n","value":2}])", base(1)));
    EXPECT_EQ(member(patched, "type"), "conflict");
    EXPECT_EQ(member(patched, "mine"), R"({"l":[{"id":"x"}],"o":{"n":2}})");
}

TEST(Elements, KeepNoMoreStampsThanTheLimitAndMissNoConflictForIt) {
    Strict strict;
    strict.world.settings.stampsMax = 8;
    strict.ann.send(set("a", R"({"l":[]})"));
    for (int i = 0; i < 40; ++i)
        strict.ann.send(element(
            "insert", R"("path":"/l","element":"e)" + std::to_string(i) + R"(","value":{})"));
    EXPECT_EQ(
        member(strict.bob.send(element("erase", R"("path":"/l","element":"e0")", base(5))), "type"),
        "conflict");
    EXPECT_EQ(member(strict.bob.send(element("erase", R"("path":"/l","element":"e0")", base(41))),
                     "outcome"),
              "applied");
}

}  // namespace
}  // namespace syncline::channel
