// SPDX-License-Identifier: Apache-2.0
#include "wire/traceparent.h"

#include <gtest/gtest.h>

#include <string>

#include "json/parse.h"
#include "wire/message.h"

namespace syncline::wire {
namespace {

const std::string kGood = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// kGood with `text` at `at`.
std::string with(std::size_t at, std::string_view text) {
    std::string changed = kGood;
    return changed.replace(at, text.size(), text);
}

struct Case {
    const char* name;
    std::string text;
    bool good;
};

class TraceparentTest : public ::testing::TestWithParam<Case> {};

TEST_P(TraceparentTest, CountsOnlyAsTheRecommendationHasIt) {
    EXPECT_EQ(isTraceparent(GetParam().text), GetParam().good) << GetParam().text;
}

INSTANTIATE_TEST_SUITE_P(
    All, TraceparentTest,
    ::testing::Values(
        Case{"good", kGood, true}, Case{"laterVersion", with(0, "cc"), true},
        Case{"laterVersionWithMore", with(0, "cc") + "-more", true},
        Case{"laterVersionGluedOn", with(0, "cc") + "more", false},
        Case{"laterVersionWithSpace", with(0, "cc") + "-a b", false},
        Case{"laterVersionTooLong", with(0, "cc") + "-" + std::string(300, 'a'), false},
        Case{"moreInVersion0", kGood + "-more", false}, Case{"versionFf", with(0, "ff"), false},
        Case{"versionUpperCase", with(0, "0A"), false},
        Case{"traceOfZeros", with(3, std::string(32, '0')), false},
        Case{"parentOfZeros", with(36, std::string(16, '0')), false},
        Case{"traceUpperCase", with(3, "4BF9"), false},
        Case{"parentNotHex", with(36, "xyz"), false}, Case{"flagsNotHex", with(53, "0g"), false},
        Case{"noDash", with(35, "_"), false}, Case{"cutOff", kGood.substr(0, 54), false},
        Case{"empty", "", false}, Case{"lineBreak", with(53, "0\n"), false}),
    [](const auto& tested) { return tested.param.name; });

TEST(TraceparentTest, OfARequestThereIsOneOrNone) {
    HttpRequest request;
    EXPECT_EQ(traceparentOf(request), "");
    request.headers.push_back({"TraceParent", kGood});
    EXPECT_EQ(traceparentOf(request), kGood);
    request.headers.push_back({"traceparent", kGood});
    EXPECT_EQ(traceparentOf(request), "");
}

TEST(TraceparentTest, OfAMessageThatIsNoneIsLeftOut) {
    const auto of = [](const std::string& text) {
        return messageFrom(*json::parse(R"({"type":"op","traceparent":)" + text + "}"))
            ->traceparent;
    };
    EXPECT_EQ(of("\"" + kGood + "\""), kGood);
    EXPECT_EQ(of("\"00-0\""), "");
    EXPECT_EQ(of("7"), "");
}

}  // namespace
}  // namespace syncline::wire
