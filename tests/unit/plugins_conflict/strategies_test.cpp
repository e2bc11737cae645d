// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <spdlog/sinks/null_sink.h>

#include <memory>
#include <string>
#include <vector>

#include "bridge/instance.h"
#include "bridge/strategy_adapter.h"
#include "json/parse.h"
#include "json/pointer.h"
#include "json/write.h"
#include "support/fake_shard.h"
#include "support/plugin_file.h"

namespace syncline::tests {
namespace {

using channel::ConflictQuestion;
using channel::PathVerdict;
using channel::TouchedPath;
using channel::Verdict;

/// What `otherwise` names in these tests: it refuses, which no strategy under test does itself, or
/// says what a test wants; and keeps what it was asked about.
class Refuses final : public channel::ConflictStrategy {
public:
    bool asksAlways() const override { return false; }
    core::Result<std::vector<PathVerdict>> decide(const ConflictQuestion& question) override {
        std::vector<PathVerdict> verdicts(question.paths.size());
        for (std::size_t i = 0; i < verdicts.size(); ++i) {
            verdicts[i].verdict = verdict;
            if (verdict == Verdict::put) verdicts[i].value = json::Value("both");
            asked.emplace_back(question.paths[i].path);
        }
        return verdicts;
    }

    Verdict verdict = Verdict::refuse;
    std::vector<std::string> asked;
};

/// "-" is a value that is not there.
std::unique_ptr<json::Value> parsed(const std::string& text) {
    if (text == "-") return nullptr;
    auto value = json::parse(text);
    EXPECT_TRUE(value) << text;
    return std::make_unique<json::Value>(std::move(*value));
}

std::string told(const PathVerdict& verdict) {
    switch (verdict.verdict) {
        case Verdict::keep:
            return "keep";
        case Verdict::take:
            return "take";
        case Verdict::put:
            return "put " + json::toText(*verdict.value);
        case Verdict::refuse:
            return "otherwise";
        case Verdict::conflict:
            return verdict.value ? "conflict " + json::toText(*verdict.value) : "conflict";
    }
    return "?";
}

/// A strategy plugin behind the adapter that the server uses.
class Strategy {
public:
    Strategy(const char* file, const std::string& config)
        : runtime_(1, clock_, random_,
                   std::make_shared<spdlog::logger>(
                       "test", std::make_shared<spdlog::sinks::null_sink_st>())),
          instance_(runtime_, componentIn(file), {"plugin", "component", "strategy"}) {
        const auto value = parsed(config);
        EXPECT_TRUE(instance_.create());
        EXPECT_TRUE(instance_.validate(*value));
        EXPECT_TRUE(instance_.start());
        adapter_.setOtherwise(&next);
    }

    /// The verdicts on these paths of a record, with a space between.
    std::string decide(const std::string& base, const std::string& current,
                       const std::string& incoming, const std::vector<std::string>& paths,
                       bool baseKnown = true) {
        const auto records = {parsed(base), parsed(current), parsed(incoming)};
        const auto at = [&](std::size_t side, const std::string& path) -> const json::Value* {
            const json::Value* record = (records.begin() + side)->get();
            return record == nullptr ? nullptr : json::Pointer::parse(path)->resolve(*record);
        };
        std::vector<TouchedPath> touched;
        for (const std::string& path : paths) {
            touched.push_back(
                {path, baseKnown ? at(0, path) : nullptr, at(1, path), at(2, path), 9});
        }
        ConflictQuestion question;
        question.channel = "c";
        question.key = "k";
        question.kind = "set";
        question.baseKnown = baseKnown;
        question.paths = touched;
        auto verdicts = adapter_.decide(question);
        if (!verdicts) return "failed: " + verdicts.error().reason;
        std::string text;
        for (const PathVerdict& verdict : *verdicts) {
            text += (text.empty() ? "" : " ") + told(verdict);
            for (const std::string& place : verdict.places) places.push_back(place);
        }
        EXPECT_EQ(instance_.conduct().misbehaviours(), 0U);
        return text;
    }

    Refuses next;
    std::vector<std::string> places;  ///< that verdicts were about, beneath their paths

private:
    FakeClock clock_;
    core::SystemRandom random_;
    bridge::Runtime runtime_;
    bridge::Instance instance_;
    bridge::StrategyAdapter adapter_{instance_};
};

TEST(ServerOrder, TakesEveryPath) {
    Strategy strategy(PLUGIN_SERVER_ORDER, "{}");
    EXPECT_EQ(strategy.decide(R"({"a":1})", R"({"a":2})", R"({"a":3})", {"/a", ""}), "take take");
    EXPECT_EQ(strategy.decide("-", "1", "-", {""}, false), "take");
}

TEST(ServerWins, IsAConflictForEveryPath) {
    Strategy strategy(PLUGIN_SERVER_WINS, "{}");
    EXPECT_EQ(strategy.decide(R"({"a":1})", R"({"a":2})", R"({"a":3})", {"/a", ""}),
              "conflict conflict");
}

TEST(Manual, IsAConflictForEveryPathThatIsKept) {
    Strategy strategy(PLUGIN_MANUAL, "{}");
    EXPECT_EQ(strategy.decide(R"({"a":1})", R"({"a":2})", R"({"a":3})", {"/a", ""}),
              "conflict {} conflict {}");
    EXPECT_EQ(strategy.decide("-", "1", "-", {""}, false), "conflict {}");
}

TEST(Manual, SaysHowLongItIsKeptAndWhatThen) {
    const std::pair<const char*, const char*> cases[] = {
        {R"({"after":"7d","then":"mine"})", R"({"expireMs":604800000,"then":"mine"})"},
        {R"({"after":"250ms","then":"theirs"})", R"({"expireMs":250,"then":"theirs"})"},
        {R"({"after":"2h"})", R"({"expireMs":7200000,"then":"theirs"})"},
    };
    for (const auto& [expire, how] : cases) {
        Strategy strategy(PLUGIN_MANUAL, std::string(R"({"expire":)") + expire + "}");
        EXPECT_EQ(strategy.decide("1", "2", "3", {""}), std::string("conflict ") + how);
    }
}

TEST(Manual, RefusesATimeThatIsNone) {
    for (const char* after : {"0s", "3651d", "99999999999999999999d"}) {
        FakeClock clock;
        core::SystemRandom random;
        bridge::Runtime runtime(1, clock, random,
                                std::make_shared<spdlog::logger>(
                                    "test", std::make_shared<spdlog::sinks::null_sink_st>()));
        bridge::Instance instance(runtime, componentIn(PLUGIN_MANUAL), {"plugin", "manual", "m"});
        ASSERT_TRUE(instance.create());
        const auto config = parsed(R"({"expire":{"after":")" + std::string(after) + R"("}})");
        EXPECT_FALSE(instance.validate(*config)) << after;
    }
}

struct Case {
    const char* claim;
    const char* base;
    const char* current;
    const char* incoming;
    const char* verdict;
    const char* path = "";
    bool baseKnown = true;
};

constexpr const char* kOtherwise = "otherwise";

const std::vector<Case> kCases = {
    // One place.
    {"EqualResultsAreNoConflict", R"({"a":1})", R"({"a":2})", R"({"a":2})", "take", "/a"},
    {"BothRemovedIt", R"({"a":1})", "{}", "{}", "take", "/a"},
    {"DifferentResultsAreOne", R"({"a":1})", R"({"a":2})", R"({"a":3})", kOtherwise, "/a"},
    {"AnUnchangedOneIsTaken", R"({"a":1})", R"({"a":1})", R"({"a":3})", "take", "/a"},
    {"OneThatTheOpDoesNotChangeIsKept", R"({"a":1})", R"({"a":2})", R"({"a":1})", "keep", "/a"},
    {"NullIsNotAbsentAtTheServer", R"({"a":1})", R"({"a":null})", "{}", kOtherwise, "/a"},
    {"NullIsNotAbsentInTheOp", R"({"a":1})", "{}", R"({"a":null})", kOtherwise, "/a"},
    {"NullIsNotAbsentInTheBase", R"({"a":null})", "{}", R"({"a":1})", kOtherwise, "/a"},
    {"RemovedHereChangedThere", R"({"a":1})", "{}", R"({"a":2})", kOtherwise, "/a"},
    {"ChangedHereRemovedThere", R"({"a":1})", R"({"a":2})", "{}", kOtherwise, "/a"},
    {"AnotherTypeIsAnotherValue", R"({"a":1})", R"({"a":"1"})", R"({"a":true})", kOtherwise, "/a"},
    // Whole records.
    {"DisjointMembersMerge", R"({"a":1,"b":1})", R"({"a":2,"b":1})", R"({"a":1,"b":2})",
     R"(put {"a":2,"b":2})"},
    {"DisjointMembersMergeDeepDown", R"({"o":{"a":1,"b":1}})", R"({"o":{"a":2,"b":1}})",
     R"({"o":{"a":1,"b":2}})", R"(put {"o":{"a":2,"b":2}})"},
    {"NewMembersOfBothStand", R"({})", R"({"a":1})", R"({"b":2})", R"(put {"a":1,"b":2})"},
    {"RemovalsOfBothStand", R"({"a":1,"b":1,"c":1})", R"({"b":1,"c":1})", R"({"a":1,"c":1})",
     R"(put {"c":1})"},
    {"ARemovalAndAChangeElsewhere", R"({"a":1,"b":1})", R"({"b":1})", R"({"a":1,"b":2})",
     R"(put {"b":2})"},
    {"TheSameMemberIsAConflict", R"({"a":1,"b":1})", R"({"a":2,"b":1})", R"({"a":3,"b":2})",
     kOtherwise},
    {"TheSameMemberTheSameWayIsNone", R"({"a":1,"b":1})", R"({"a":2,"b":1})", R"({"a":2,"b":2})",
     R"(put {"a":2,"b":2})"},
    {"ANullMemberIsAValue", R"({"a":1,"b":1})", R"({"a":null,"b":1})", R"({"a":1,"b":2})",
     R"(put {"a":null,"b":2})"},
    {"BothMadeTheRecord", "-", R"({"a":1})", R"({"b":2})", R"(put {"a":1,"b":2})"},
    {"BothMadeTheSameMemberOfIt", "-", R"({"a":1})", R"({"a":2})", kOtherwise},
    {"BothMadeTheSameRecord", "-", R"({"a":1})", R"({"a":1})", "take"},
    {"RemovedRecordChangedThere", R"({"a":1})", "-", R"({"a":2})", kOtherwise},
    {"DeletedThereChangedHere", R"({"a":1})", R"({"a":2})", "-", kOtherwise},
    {"DeletedByBoth", R"({"a":1})", "-", "-", "take"},
    {"DeletedThereUntouchedHere", R"({"a":1})", R"({"a":1})", "-", "take"},
    {"ScalarsAreWhole", "1", "2", "3", kOtherwise},
    {"AnObjectBecameAScalar", R"({"a":1})", R"({"a":2})", "3", kOtherwise},
    {"NamesAreEscapedOnTheWayDown", R"({"a/b":{"~":1,"c":1}})", R"({"a/b":{"~":2,"c":1}})",
     R"({"a/b":{"~":1,"c":2}})", R"(put {"a/b":{"~":2,"c":2}})"},
    // Arrays.
    {"AnArrayIsWhole", R"({"l":[1]})", R"({"l":[1,2]})", R"({"l":[1,3]})", kOtherwise},
    {"AnArrayThatOneChangedMerges", R"({"l":[1],"b":1})", R"({"l":[1,2],"b":1})",
     R"({"l":[1],"b":2})", R"(put {"l":[1,2],"b":2})"},
    // The base is not known.
    {"WithoutABaseEqualResultsAreNoConflict", "-", R"({"a":2})", R"({"a":2})", "take", "/a", false},
    {"WithoutABaseTheRestIsOne", "-", R"({"a":2})", R"({"a":3})", kOtherwise, "/a", false},
    {"WithoutABaseRecordsAreWhole", "-", R"({"a":2})", R"({"b":3})", kOtherwise, "", false},
};

class ThreeWayTest : public testing::TestWithParam<Case> {};

TEST_P(ThreeWayTest, Holds) {
    const Case& one = GetParam();
    Strategy strategy(PLUGIN_THREE_WAY, "{}");
    EXPECT_EQ(strategy.decide(one.base, one.current, one.incoming, {one.path}, one.baseKnown),
              one.verdict);
}

INSTANTIATE_TEST_SUITE_P(All, ThreeWayTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.claim; });

/// Arrays of elements with ids, written short: "a1 b1" is [{"id":"a","v":1},{"id":"b","v":1}].
std::string elements(const std::string& text) {
    std::string array = "[";
    for (std::size_t i = 0; i + 1 < text.size(); i += 3) {
        array += (i == 0 ? "" : ",") + (R"({"id":")" + text.substr(i, 1)) + R"(","v":)" +
                 text.substr(i + 1, 1) + "}";
    }
    return array + "]";
}

struct ArrayCase {
    const char* claim;
    const char* base;
    const char* current;
    const char* incoming;
    const char* merged;  ///< or "otherwise"
};

const std::vector<ArrayCase> kArrayCases = {
    {"ChangesOfDifferentElementsMerge", "a1 b1", "a2 b1", "a1 b2", "a2 b2"},
    {"ChangesOfOneElementAreAConflict", "a1 b1", "a2 b1", "a3 b1", kOtherwise},
    {"AnElementOfEachSideIsAdded", "a1", "a1 x1", "a1 y1", "a1 y1 x1"},
    {"ElementsGoWhereTheyStood", "a1 b1 c1", "a1 b1 c1 z1", "x1 a1 y1 b1 c1", "x1 a1 y1 b1 c1 z1"},
    {"TheSameAddedTwiceIsThereOnce", "a1", "a1 x1", "a1 x1 y1", "a1 x1 y1"},
    {"TheSameIdAddedDifferently", "a1", "a1 x1", "a2 x2", kOtherwise},
    {"ARemovalStands", "a1 b1 c1", "a1 c1", "a2 b1 c1", "a2 c1"},
    {"ARemovalThereStands", "a1 b1 c1", "a2 b1 c1", "a1 c1", "a2 c1"},
    {"RemovedHereChangedThere", "a1 b1", "a1", "a1 b2", kOtherwise},
    {"TheServersOrderStands", "a1 b1 c1", "c1 a1 b1", "a2 b1 c1", "c1 a2 b1"},
    {"TheOpsOrderStands", "a1 b1 c1", "a2 b1 c1", "c1 a1 b1", "c1 a2 b1"},
    {"BothMovedTheSameWay", "a1 b1 c1", "c1 a1 b1", "c1 a2 b1", "c1 a2 b1"},
    {"BothMovedDifferently", "a1 b1 c1", "c1 a1 b1", "b1 a1 c1", kOtherwise},
    {"AnIdThatIsThereTwice", "a1", "a1 a2", "a3", kOtherwise},
};

class KeyedArrayTest : public testing::TestWithParam<ArrayCase> {};

TEST_P(KeyedArrayTest, Holds) {
    const ArrayCase& one = GetParam();
    Strategy strategy(PLUGIN_THREE_WAY, R"({"arrays":{"/list":"id"}})");
    const auto record = [](const char* text) { return R"({"list":)" + elements(text) + "}"; };
    const std::string expected =
        one.merged == kOtherwise ? kOtherwise : "put " + elements(one.merged);
    const std::string whole = one.merged == kOtherwise ? kOtherwise : "put " + record(one.merged);
    EXPECT_EQ(
        strategy.decide(record(one.base), record(one.current), record(one.incoming), {"/list", ""}),
        expected + " " + whole);
}

INSTANTIATE_TEST_SUITE_P(All, KeyedArrayTest, testing::ValuesIn(kArrayCases),
                         [](const auto& test) { return test.param.claim; });

TEST(ThreeWay, MergesArraysWithinElements) {
    Strategy strategy(PLUGIN_THREE_WAY, R"({"arrays":{"/l":"id","/l/*/m":"id"}})");
    const auto record = [](const char* one, const char* two) {
        return std::string(R"({"l":[{"id":1,"m":[{"id":"x","v":)") + one + R"(},{"id":"y","v":)" +
               two + "}]}]}";
    };
    EXPECT_EQ(strategy.decide(record("1", "1"), record("2", "1"), record("1", "2"), {""}),
              "put " + record("2", "2"));
}

TEST(ThreeWay, LeavesElementsWithoutAnIdToTheOther) {
    Strategy strategy(PLUGIN_THREE_WAY, R"({"arrays":{"/l":"id"}})");
    EXPECT_EQ(strategy.decide(R"({"l":[1]})", R"({"l":[1,2]})", R"({"l":[0,1]})", {"/l"}),
              kOtherwise);
}

// Of a whole record only what both changed is asked about.
TEST(ThreeWay, AsksAboutTheConflictingPlacesAlone) {
    const std::string base = R"({"a":1,"b":{"x":1,"y":1},"c":1,"l":[{"id":"p","v":1}]})";
    const std::string current = R"({"a":2,"b":{"x":2,"y":1},"c":1,"l":[{"id":"p","v":2}]})";
    const std::string incoming = R"({"a":1,"b":{"x":3,"y":3},"c":3,"l":[{"id":"p","v":3}]})";
    const std::vector<std::string> places = {"/b/x", "/l/p/v"};
    struct Answer {
        Verdict verdict;
        const char* comesTo;
    };
    for (const Answer& answer : std::initializer_list<Answer>{
             {Verdict::keep, R"(put {"a":2,"b":{"x":2,"y":3},"c":3,"l":[{"id":"p","v":2}]})"},
             {Verdict::take, R"(put {"a":2,"b":{"x":3,"y":3},"c":3,"l":[{"id":"p","v":3}]})"},
             {Verdict::put,
              R"(put {"a":2,"b":{"x":"both","y":3},"c":3,"l":[{"id":"p","v":"both"}]})"},
             {Verdict::refuse, "otherwise"},
             {Verdict::conflict, "conflict"}}) {
        Strategy strategy(PLUGIN_THREE_WAY, R"({"arrays":{"/l":"id"}})");
        strategy.next.verdict = answer.verdict;
        EXPECT_EQ(strategy.decide(base, current, incoming, {""}), answer.comesTo);
        EXPECT_EQ(strategy.next.asked, places);
        const bool stops = answer.verdict == Verdict::refuse || answer.verdict == Verdict::conflict;
        EXPECT_EQ(strategy.places, stops ? places : std::vector<std::string>());
    }
}

TEST(ThreeWay, ARemovalThatStandsLeavesNothing) {
    Strategy strategy(PLUGIN_THREE_WAY, "{}");
    strategy.next.verdict = Verdict::take;
    EXPECT_EQ(strategy.decide(R"({"a":1,"b":1})", R"({"a":2,"b":2})", R"({"b":1})", {""}),
              R"(put {"b":2})");
}

TEST(ThreeWay, DecidesEachPathForItself) {
    Strategy strategy(PLUGIN_THREE_WAY, "{}");
    EXPECT_EQ(strategy.decide(R"({"a":1,"b":1,"c":1})", R"({"a":2,"b":1,"c":2})",
                              R"({"a":3,"b":2,"c":2})", {"/a", "/b", "/c"}),
              "otherwise take take");
}

}  // namespace
}  // namespace syncline::tests
