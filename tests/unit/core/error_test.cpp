// SPDX-License-Identifier: Apache-2.0
#include "core/error.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

#include "core/result.h"

namespace syncline::core {
namespace {

constexpr Code kAll[] = {
    Code::internal,
    Code::timedOut,
    Code::storageUnavailable,
    Code::pluginFailed,
    Code::notJson,
    Code::badField,
    Code::unknownType,
    Code::badName,
    Code::noSuchChannel,
    Code::notSubscribed,
    Code::tooLarge,
    Code::noRecord,
    Code::notANumber,
    Code::numberOutOfRange,
    Code::gap,
    Code::numberReused,
    Code::wrongEpochOrBase,
    Code::dependency,
    Code::refusedByRule,
    Code::clientUnknown,
    Code::tokenInvalid,
    Code::tokenExpired,
    Code::forbidden,
    Code::anotherUser,
    Code::rateLimited,
    Code::tooManySubscriptions,
    Code::memoryExhausted,
    Code::busy,
    Code::notOnThisTransport,
    Code::draining,
    Code::notConfigured,
};

TEST(Error, RetryIsAdvisedOnlyWhereTheSameMessageMayFareBetter) {
    const std::set<Code> retryable = {
        Code::internal,        Code::timedOut, Code::storageUnavailable,
        Code::pluginFailed,    Code::gap,      Code::rateLimited,
        Code::memoryExhausted, Code::busy,     Code::draining};
    for (const Code code : kAll) {
        EXPECT_EQ(isRetryable(code), retryable.contains(code)) << static_cast<int>(code);
        EXPECT_EQ(Error::of(code, "why").retry, retryable.contains(code));
    }
}

TEST(Error, EveryNumberIsInAKnownFamilyAndUsedOnce) {
    std::set<int> numbers;
    for (const Code code : kAll) {
        const int number = static_cast<int>(code);
        EXPECT_TRUE(number > 1000 && number < 1600 && number % 100 != 0) << number;
        EXPECT_TRUE(numbers.insert(number).second) << number;
    }
}

TEST(Error, OfGivesNoRetryDelayAndNoDetail) {
    const Error error = Error::of(Code::busy, "full");
    EXPECT_EQ(error.code, Code::busy);
    EXPECT_EQ(error.reason, "full");
    EXPECT_EQ(error.retryAfterMs, 0u);
    EXPECT_EQ(error.detail, "");
}

TEST(Result, FailTurnsIntoAResultOfAnyType) {
    const auto number = []() -> Result<int> { return fail(Code::badName, "empty"); }();
    ASSERT_FALSE(number);
    EXPECT_EQ(number.error().code, Code::badName);

    Error error = Error::of(Code::busy, "full");
    error.retryAfterMs = 250;
    const Result<void> nothing = fail(std::move(error));
    ASSERT_FALSE(nothing);
    EXPECT_EQ(nothing.error().retryAfterMs, 250u);
}

}  // namespace
}  // namespace syncline::core
