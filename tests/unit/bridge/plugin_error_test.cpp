// SPDX-License-Identifier: Apache-2.0
#include "bridge/plugin_error.h"

#include <gtest/gtest.h>

#include <cstring>

namespace syncline::bridge::tests {
namespace {

syncline_error filled(std::uint32_t code, const std::string& reason, bool retry = false) {
    syncline_error error = emptyError();
    error.code = code;
    error.retry = retry ? 1 : 0;
    std::memcpy(error.reason, reason.data(), std::min(reason.size(), sizeof error.reason));
    if (reason.size() < sizeof error.reason) error.reason[reason.size()] = '\0';
    return error;
}

TEST(ToError, KeepsACodeOfTheProtocolWithThePluginsAdvice) {
    const core::Error error = toError(filled(1212, "no", true));
    EXPECT_EQ(error.code, core::Code::refusedByRule);
    EXPECT_EQ(error.reason, "no");
    EXPECT_TRUE(error.retry);
}

TEST(ToError, LetsWhatTheTableCallsWorthAnotherTryBeTriedAgain) {
    for (const std::uint32_t code : {1001U, 1002U, 1003U, 1004U, 1401U, 1403U, 1404U, 1502U})
        EXPECT_TRUE(toError(filled(code, "x")).retry) << code;
    for (const std::uint32_t code : {1102U, 1212U, 1303U, 1402U, 1503U})
        EXPECT_FALSE(toError(filled(code, "x")).retry) << code;
}

TEST(ToError, MakesTheHostsChoiceOfAnyOtherCode) {
    for (const std::uint32_t code : {0U, 1U, 999U, 1000U, 1600U, 70'000U}) {
        EXPECT_EQ(toError(filled(code, "x")).code, core::Code::pluginFailed) << code;
        EXPECT_TRUE(toError(filled(code, "x")).retry) << code;
        EXPECT_EQ(toError(filled(code, "x"), core::Code::storageUnavailable).code,
                  core::Code::storageUnavailable);
    }
}

TEST(ToError, ReadsAReasonThatIsNotTerminated) {
    EXPECT_EQ(toError(filled(1212, std::string(2'000, 'x'))).reason.size(),
              sizeof(syncline_error::reason));
}

TEST(ToError, TellsTheSenderWhereTheMistakeIs) {
    EXPECT_EQ(toError(filled(1212, "no")).detail, "");
    syncline_error error = filled(1212, "no");
    std::strcpy(error.pointer, "/value/a\"b");
    EXPECT_EQ(toError(error).detail, R"({"pointer":"/value/a\"b"})");
}

TEST(ToError, LetsNothingButUtf8Through) {
    EXPECT_EQ(toError(filled(1212, "\xff\xfe\xfd\xfc\xfb")).reason,
              "the plugin's reason is not UTF-8");
    // Cut within a character: the character goes.
    EXPECT_EQ(toError(filled(1212, "abc\xe2\x82")).reason, "abc");
    EXPECT_EQ(toError(filled(1212, "")).reason, "the plugin gave no reason");
}

TEST(FillError, CutsWhatIsTooLong) {
    syncline_error error = emptyError();
    fillError(&error, core::Error::of(core::Code::busy, std::string(2'000, 'x')));
    EXPECT_EQ(std::strlen(error.reason), sizeof error.reason - 1);
    EXPECT_EQ(error.code, 1404U);
    EXPECT_EQ(error.retry, 1U);
}

TEST(FillError, LeavesAStructAloneThatIsNone) {
    fillError(nullptr, core::Error::of(core::Code::busy, "x"));
    syncline_error error = emptyError();
    error.size = 4;
    fillError(&error, core::Error::of(core::Code::busy, "x"));
    EXPECT_EQ(error.code, 0U);
}

}  // namespace
}  // namespace syncline::bridge::tests
