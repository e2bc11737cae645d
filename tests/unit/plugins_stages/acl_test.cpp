// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>

#include "support/fake_plugin_host.h"

namespace syncline::tests {
namespace {

const std::string kTypes = R"("read":["subscribe","get","signal"],"write":["op","signal"],)"
                           R"("send":["tell"],"open":["unsubscribe"],"paths_max":4)";

std::string config(const std::string& rules, const std::string& otherwise = "deny") {
    return R"({"rules":[)" + rules + R"(],"default":")" + otherwise + "\"," + kTypes + "}";
}

std::string message(const std::string& type, const std::string& channel,
                    const std::string& key = "") {
    std::string text = R"({"type":")" + type + "\"";
    if (!channel.empty()) text += R"(,"channel":")" + channel + "\"";
    if (!key.empty()) text += R"(,"key":")" + key + "\"";
    return text + "}";
}

const char* const kAnn =
    R"({"user":"ann","roles":["editor","qa"],"claims":{"team":"blue","tags":[1,"x"]}})";

constexpr const char* kPass = "continue";
constexpr const char* kNoRead = "refused 1303: reading this channel is not allowed";
constexpr const char* kNoWrite = "refused 1303: writing here is not allowed";

constexpr const char* kNoSend = "refused 1303: sending to this user is not allowed";
constexpr const char* kTellBen = R"({"type":"tell","user":"ben"})";

struct Case {
    const char* claim;
    std::string rules;
    std::string message;
    const char* outcome;
    const char* principal = kAnn;
};

const std::string kReadAll = R"({"channel":"*","allow":["read"]})";
const std::string kAll = R"({"channel":"*","allow":["read","write"]})";

const std::string kNoPrice = R"({"field":"/price","allow":[]},)" + kAll;
const std::string kOnlyNote =
    R"({"field":"/note","allow":["write"]},{"channel":"*","allow":["read"]})";

std::string merge(const std::string& value) {
    return R"({"type":"op","channel":"c","key":"k","kind":"merge","value":)" + value + "}";
}

const std::vector<Case> kCases = {
    {"NoRuleMeansNo", "", message("get", "c"), kNoRead},
    {"NoRuleMeansNoForWritesToo", "", message("op", "c", "k"), kNoWrite},
    {"AMessageWithoutAChannelNeedsNoRight", "", message("ping", ""), kPass},
    {"AnOpenTypeNeedsNoRight", "", message("unsubscribe", "c"), kPass},
    {"SubscribingIsReading", kReadAll, message("subscribe", "c"), kPass},
    {"GettingIsReading", kReadAll, message("get", "c"), kPass},
    {"AnOpIsWriting", kReadAll, message("op", "c", "k"), kNoWrite},
    {"ReadingDoesNotComeWithWriting", R"({"allow":["write"]})", message("get", "c"), kNoRead},
    {"WritingIsAllowed", kAll, message("op", "c", "k"), kPass},
    {"AnUnknownTypeNeedsBothRights", kReadAll, message("publish", "c"), kNoWrite},
    {"AnUnknownTypeNeedsReadingToo", R"({"allow":["write"]})", message("publish", "c"), kNoRead},
    {"AnUnknownTypePassesWithBoth", kAll, message("publish", "c"), kPass},
    {"ATypeUnderBothListsNeedsBoth", kReadAll, message("signal", "c"), kNoWrite},
    {"ATypeUnderBothListsNeedsReadingToo", R"({"allow":["write"]})", message("signal", "c"),
     kNoRead},
    {"SendingNeedsARight", kAll, kTellBen, kNoSend},
    {"SendingIsAllowed", R"({"to":"b*","allow":["send"]})", kTellBen, kPass},
    {"SendingElsewhereIsNot", R"({"to":"ann","allow":["send"]})", kTellBen, kNoSend},
    {"SendingToOneselfIsAllowed", R"({"to":"{user}","allow":["send"]})",
     R"({"type":"tell","user":"ann"})", kPass},
    {"ARuleAboutChannelsSaysNothingOfSending", R"({"channel":"*","allow":[]},{"allow":["send"]})",
     kTellBen, kPass},
    {"ARuleAboutKeysSaysNothingOfSending", R"({"key":"*","allow":["send"]})", kTellBen, kNoSend},
    {"ARuleAboutSendingSaysNothingOfChannels", R"({"to":"*","allow":["read","write"]})",
     message("get", "c"), kNoRead},
    {"ARuleWithoutAPlaceDecidesAboutSending", R"({"role":"qa","allow":[]},{"allow":["send"]})",
     kTellBen, kNoSend},
    {"WhatNamesNoUserIsSentToNobody", R"({"to":"b*","allow":["send"]})", R"({"type":"tell"})",
     kNoSend},
    {"AChannelDoesNotMakeSendingAWrite", kAll, R"({"type":"tell","user":"ben","channel":"c"})",
     kNoSend},
    {"TheFirstMatchDecides", R"({"channel":"c","allow":[]},)" + kAll, message("get", "c"), kNoRead},
    {"TheFirstMatchDecidesForOtherChannelsToo", R"({"channel":"c","allow":[]},)" + kAll,
     message("get", "d"), kPass},
    {"ARuleWithoutAChannelIsForAll", R"({"allow":["read"]})", message("get", "any"), kPass},
    {"AKeyRuleLimitsWriting", R"({"key":"locked:*","allow":[]},)" + kAll,
     message("op", "c", "locked:1"), kNoWrite},
    {"AKeyRuleLeavesOtherKeys", R"({"key":"locked:*","allow":[]},)" + kAll,
     message("op", "c", "open:1"), kPass},
    {"AKeyRuleSaysNothingOfReading", R"({"key":"*","allow":[]},)" + kAll, message("get", "c"),
     kPass},
    {"AKeyRuleGivesNoRightToRead", R"({"key":"*","allow":["read","write"]})", message("get", "c"),
     kNoRead},
    {"AWriteWithoutAKeyPassesByKeyRules", R"({"key":"*","allow":["write"]})", message("op", "c"),
     kNoWrite},
    {"AUserIsMatched", R"({"user":"ann","allow":["read"]})", message("get", "c"), kPass},
    {"AnotherUserIsNot", R"({"user":"bob","allow":["read"]})", message("get", "c"), kNoRead},
    {"OneOfSeveralUsersIsEnough", R"({"user":["bob","a*"],"allow":["read"]})", message("get", "c"),
     kPass},
    {"ARoleIsMatched", R"({"role":"qa","allow":["read"]})", message("get", "c"), kPass},
    {"AnotherRoleIsNot", R"({"role":"admin","allow":["read"]})", message("get", "c"), kNoRead},
    {"OneOfSeveralRolesIsEnough", R"({"role":["admin","editor"],"allow":["read"]})",
     message("get", "c"), kPass},
    {"ARoleIsNoPattern", R"({"role":"*","allow":["read"]})", message("get", "c"), kNoRead},
    {"AClaimIsMatched", R"({"claims":{"team":"blue"},"allow":["read"]})", message("get", "c"),
     kPass},
    {"AnotherClaimIsNot", R"({"claims":{"team":"red"},"allow":["read"]})", message("get", "c"),
     kNoRead},
    {"AClaimInAnArrayIsMatched", R"({"claims":{"tags":"x"},"allow":["read"]})", message("get", "c"),
     kPass},
    {"AllClaimsHaveToMatch", R"({"claims":{"team":"blue","level":3},"allow":["read"]})",
     message("get", "c"), kNoRead},
    {"AClaimKeepsItsType", R"({"claims":{"tags":"1"},"allow":["read"]})", message("get", "c"),
     kNoRead},
    {"AllConditionsHaveToMatch", R"({"user":"ann","role":"admin","allow":["read"]})",
     message("get", "c"), kNoRead},
    {"AUsersOwnChannel", R"({"channel":"home:{user}","allow":["read"]})",
     message("get", "home:ann"), kPass},
    {"NotAnothersChannel", R"({"channel":"home:{user}","allow":["read"]})",
     message("get", "home:bob"), kNoRead},
    {"AUsersOwnKey", R"({"key":"by:{user}:*","allow":["write"]})", message("op", "c", "by:ann:1"),
     kPass},
    {"ANestedClaimIsMatched", R"({"claims":{"/realm/roles":"boss"},"allow":["read"]})",
     message("get", "c"), kPass, R"({"user":"x","claims":{"realm":{"roles":["a","boss"]}}})"},
    {"ANestedClaimThatIsNotThereIsNot", R"({"claims":{"/realm/roles":"boss"},"allow":["read"]})",
     message("get", "c"), kNoRead, R"({"user":"x","claims":{"realm":7,"/realm/roles":"boss"}})"},
    {"ADeniedFieldIsDenied", kNoPrice, merge(R"({"price":1})"), kNoWrite},
    {"ADeniedFieldIsDeniedDeeperDown", kNoPrice, merge(R"({"price":{"net":1}})"), kNoWrite},
    {"ADeniedFieldLeavesTheOthers", kNoPrice, merge(R"({"note":1})"), kPass},
    {"OneDeniedFieldAmongOthersIsEnough", kNoPrice, merge(R"({"note":1,"price":1})"), kNoWrite},
    {"RemovingADeniedFieldIsDenied", kNoPrice, merge(R"({"price":null})"), kNoWrite},
    {"WritingTheWholeRecordWritesTheDeniedField", kNoPrice,
     R"({"type":"op","channel":"c","key":"k","kind":"set","value":{"note":1}})", kNoWrite},
    {"DeletingTheRecordDeletesTheDeniedField", kNoPrice,
     R"({"type":"op","channel":"c","key":"k","kind":"delete"})", kNoWrite},
    {"ADeniedFieldSaysNothingOfAVoid", kNoPrice,
     R"({"type":"op","channel":"c","n":1,"kind":"void"})", kPass},
    {"ADeniedFieldSaysNothingOfReading", kNoPrice, message("get", "c"), kPass},
    {"IncrementingADeniedFieldIsDenied", kNoPrice,
     R"({"type":"op","channel":"c","key":"k","kind":"increment","path":"/price","by":1})",
     kNoWrite},
    {"PatchingADeniedFieldIsDenied", kNoPrice,
     R"({"type":"op","channel":"c","key":"k","kind":"patch","patch":[
        {"op":"add","path":"/note","value":1},{"op":"remove","path":"/price"}]})",
     kNoWrite},
    {"MovingADeniedFieldAwayIsDenied", kNoPrice,
     R"({"type":"op","channel":"c","key":"k","kind":"patch","patch":[
        {"op":"move","from":"/price","path":"/note"}]})",
     kNoWrite},
    {"AnAllowedFieldIsAllowed", kOnlyNote, merge(R"({"note":{"deep":1}})"), kPass},
    {"AnAllowedFieldAllowsNoOther", kOnlyNote, merge(R"({"other":1})"), kNoWrite},
    {"AnAllowedFieldDoesNotAllowTheRecord", kOnlyNote,
     R"({"type":"op","channel":"c","key":"k","kind":"set","value":{"note":1}})", kNoWrite},
    {"AFieldRuleHoldsForItsKeysOnly", R"({"key":"x","field":"/price","allow":[]},)" + kAll,
     merge(R"({"price":1})"), kPass},
    {"TooManyFieldsCountAsTheRecord", kNoPrice, merge(R"({"a":1,"b":1,"c":1,"d":1,"e":1})"),
     kNoWrite},
    {"EachOpOfABatchIsJudged", kNoPrice,
     R"({"type":"op","channel":"c","ops":[{"key":"k","kind":"merge","value":{"note":1}},
        {"key":"k","kind":"merge","value":{"price":1}}]})",
     kNoWrite},
    {"ABatchOfAllowedOpsPasses", kNoPrice,
     R"({"type":"op","channel":"c","ops":[{"key":"k","kind":"merge","value":{"note":1}}]})", kPass},
    {"OpsBesideAnOpHideNothing", kNoPrice,
     R"({"type":"op","channel":"c","key":"k","kind":"delete","ops":[
        {"key":"k","kind":"merge","value":{"note":1}}]})",
     kNoWrite},
    {"ABatchNeedsTheRightToItsKeys", R"({"key":"locked","allow":[]},)" + kAll,
     R"({"type":"op","channel":"c","ops":[{"key":"open","kind":"set","value":1},
        {"key":"locked","kind":"set","value":1}]})",
     kNoWrite},
    {"ABatchOfKeysThatAreAllowedPasses", R"({"key":"mine","allow":["write"]})",
     R"({"type":"op","channel":"c","ops":[{"key":"mine","kind":"set","value":1}]})", kPass},
    {"NobodyIsNoUser", R"({"user":"*","allow":["read"]})", message("get", "c"), kNoRead, ""},
    {"NobodyHasNoRole", R"({"role":"qa","allow":["read"]})", message("get", "c"), kNoRead, ""},
    {"NobodyHasNoClaim", R"({"claims":{"team":"blue"},"allow":["read"]})", message("get", "c"),
     kNoRead, ""},
};

class AclTest : public testing::TestWithParam<Case> {};

TEST_P(AclTest, Holds) {
    FakePluginHost acl(PLUGIN_ACL);
    ASSERT_EQ(acl.configure(config(GetParam().rules)), "");
    EXPECT_EQ(acl.send(GetParam().message, GetParam().principal), GetParam().outcome);
}

INSTANTIATE_TEST_SUITE_P(All, AclTest, testing::ValuesIn(kCases),
                         [](const auto& test) { return test.param.claim; });

TEST(Acl, LetsTheRestPassWhenConfigured) {
    FakePluginHost acl(PLUGIN_ACL);
    acl.configure(config(R"({"channel":"c","allow":[]})", "allow"));
    EXPECT_EQ(acl.send(message("op", "c", "k"), kAnn), kNoWrite);
    EXPECT_EQ(acl.send(message("op", "d", "k"), kAnn), kPass);
}

TEST(Acl, ConcealsWhatAChannelAnswersFromWhoMayNotReadIt) {
    FakePluginHost acl(PLUGIN_ACL);
    acl.configure(config(R"({"channel":"box","allow":["write"]},)" + kAll));
    const std::vector<std::string> concealed = {"conceal "};
    const std::vector<std::string> shown;
    for (const char* type : {"op", "unsubscribe"}) {
        EXPECT_EQ(acl.send(message(type, "box", "k"), kAnn), kPass) << type;
        EXPECT_EQ(acl.did, concealed) << type;
        EXPECT_EQ(acl.send(message(type, "c", "k"), kAnn), kPass) << type;
        EXPECT_EQ(acl.did, shown) << type;
    }
}

TEST(Acl, LearnsWhatTypesDoFromTheConfiguration) {
    FakePluginHost acl(PLUGIN_ACL);
    acl.configure(
        R"({"rules":[{"allow":["read"]}],"default":"deny","read":["peek"],"write":["poke"],"open":[]})");
    EXPECT_EQ(acl.send(message("peek", "c"), kAnn), kPass);
    EXPECT_EQ(acl.send(message("poke", "c", "k"), kAnn), kNoWrite);
    EXPECT_EQ(acl.send(message("op", "c", "k"), kAnn), kNoWrite);
}

}  // namespace
}  // namespace syncline::tests
