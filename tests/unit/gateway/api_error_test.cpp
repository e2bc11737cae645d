// SPDX-License-Identifier: Apache-2.0
#include "gateway/api_error.h"

#include <gtest/gtest.h>

#include "json/parse.h"

namespace syncline::gateway {
namespace {

using core::Code;
using core::Error;

const wire::HttpHeader* headerOf(const wire::HttpResponse& response, std::string_view name) {
    for (const wire::HttpHeader& header : response.headers) {
        if (header.name == name) return &header;
    }
    return nullptr;
}

TEST(ApiErrorTest, EveryCodeHasAStatusOfItsFamily) {
    const std::vector<std::pair<Code, int>> cases = {
        {Code::internal, 500},        {Code::timedOut, 504},      {Code::storageUnavailable, 503},
        {Code::pluginFailed, 500},    {Code::notJson, 400},       {Code::badField, 400},
        {Code::unknownType, 400},     {Code::badName, 400},       {Code::noSuchChannel, 404},
        {Code::notSubscribed, 409},   {Code::tooLarge, 413},      {Code::noRecord, 404},
        {Code::notANumber, 409},      {Code::gap, 409},           {Code::numberReused, 422},
        {Code::refusedByRule, 409},   {Code::tokenInvalid, 401},  {Code::tokenExpired, 401},
        {Code::forbidden, 403},       {Code::anotherUser, 403},   {Code::rateLimited, 429},
        {Code::memoryExhausted, 503}, {Code::busy, 503},          {Code::notOnThisTransport, 501},
        {Code::draining, 503},        {Code::notConfigured, 501},
    };
    for (const auto& [code, status] : cases) {
        EXPECT_EQ(statusOf(code), status) << static_cast<int>(code);
        EXPECT_NE(wire::reasonPhrase(status), "Unknown") << status;
    }
}

TEST(ApiErrorTest, TheBodyIsAnErrorOfTheProtocol) {
    Error error = Error::of(Code::busy, "later");
    error.retryAfterMs = 1'200;
    const wire::HttpResponse response = errorResponse(error);
    EXPECT_EQ(response.status, 503);
    EXPECT_EQ(response.contentType, "application/json");
    EXPECT_EQ(*json::parse(response.body),
              *json::parse(R"({"type":"error","code":1404,"reason":"later","retry":true,
                               "retryAfterMs":1200})"));
    ASSERT_NE(headerOf(response, "Retry-After"), nullptr);
    EXPECT_EQ(headerOf(response, "Retry-After")->value, "2");
}

TEST(ApiErrorTest, WhoIsNotKnownIsToldHowToShowAToken) {
    const auto response = errorResponse(Error::of(Code::tokenInvalid, "no"));
    ASSERT_NE(headerOf(response, "WWW-Authenticate"), nullptr);
    EXPECT_EQ(headerOf(errorResponse(Error::of(Code::forbidden, "no")), "WWW-Authenticate"),
              nullptr);
}

TEST(ApiErrorTest, AnHttpProblemKeepsItsStatus) {
    for (const int status : {400, 403, 404, 405, 406, 408, 413, 415, 426, 431, 500, 503, 505}) {
        const auto response = problem(status, "why");
        EXPECT_EQ(response.status, status);
        EXPECT_EQ(json::parse(response.body)->find("type")->asString(), "error");
    }
}

}  // namespace
}  // namespace syncline::gateway
