// SPDX-License-Identifier: Apache-2.0
#include "session/concealing.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace syncline::session {
namespace {

struct Case {
    const char* claim;
    std::string told;
    std::string left;
};

const std::vector<Case> kCases = {
    {"AConflictWithoutWhatTheRecordIsAndWas",
     R"({"type":"conflict","channel":"c","key":"k","n":2,"base":{"a":1},"mine":{"a":2},"theirs":{"a":3},)"
     R"("version":7,"user":"ben","paths":["/a"],"settled":true})",
     R"({"type":"conflict","channel":"c","key":"k","n":2,"version":7,"paths":["/a"],"settled":true})"},
    {"AnAckWithoutTheRecordThatItMade",
     R"({"type":"ack","key":"k","n":2,"seq":3,"outcome":"merged","value":{"a":1},"settled":true})",
     R"({"type":"ack","key":"k","n":2,"seq":3,"outcome":"merged","settled":true})"},
    {"AnAckOfABatchWithoutItsRecords",
     R"({"type":"ack","n":2,"outcome":"merged","records":[{"key":"k","value":1}],"settled":true})",
     R"({"type":"ack","n":2,"outcome":"merged","settled":true})"},
    {"ARefusalWithoutTheValueThatRefusedIt",
     R"({"type":"error","n":2,"code":1212,"reason":"r","detail":{"paths":["/a"],"value":1,"version":7}})",
     R"({"type":"error","n":2,"code":1212,"reason":"a conflict rule refuses this change","detail":{"paths":["/a"],"version":7}})"},
    {"ARefusalWithoutWhatTheStrategySaysOfWhatItHasSeen",
     R"({"type":"error","n":2,"code":1212,"reason":"no way leads from \"secret\"","detail":{"from":"secret","paths":["/a"],"value":1,"version":7}})",
     R"({"type":"error","n":2,"code":1212,"reason":"a conflict rule refuses this change","detail":{"paths":["/a"],"version":7}})"},
    {"AnErrorWithoutADetailAsItIs", R"({"type":"error","code":1207,"reason":"r","expected":2})",
     R"({"type":"error","code":1207,"reason":"r","expected":2})"},
    {"EachResultOfABatchOrOfAStatus",
     R"({"type":"acks","channel":"c","results":[{"type":"ack","n":1,"value":1},{"type":"conflict","n":2,"theirs":1}]})",
     R"({"type":"acks","channel":"c","results":[{"type":"ack","n":1},{"type":"conflict","n":2}]})"},
    {"NothingOfWhatIsNoMessage", R"([{"type":"ack","value":1}])",
     R"({"type":"error","code":1001,"reason":"no answer","retry":true})"},
};

class Concealing : public testing::TestWithParam<Case> {};

TEST_P(Concealing, Leaves) {
    EXPECT_EQ(concealed(GetParam().told), GetParam().left);
}

INSTANTIATE_TEST_SUITE_P(All, Concealing, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.claim; });

}  // namespace
}  // namespace syncline::session
