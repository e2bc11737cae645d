// SPDX-License-Identifier: Apache-2.0
#include "gateway/cors.h"

#include <gtest/gtest.h>

namespace syncline::gateway {
namespace {

std::string valueOf(const wire::HttpResponse& response, std::string_view name) {
    for (const wire::HttpHeader& header : response.headers) {
        if (header.name == name) return header.value;
    }
    return {};
}

wire::HttpResponse answerFor(const char* origin, std::vector<std::string> allowed) {
    wire::HttpRequest request;
    request.headers.push_back({"Host", "sync.example"});
    if (origin != nullptr) request.headers.push_back({"Origin", origin});
    ListenerPolicy policy;
    policy.origins = std::move(allowed);
    wire::HttpResponse response;
    allowOrigin(request, policy, response);
    return response;
}

TEST(CorsTest, ANamedOriginMayReadAndSendCookies) {
    const auto response = answerFor("https://app.example", {"https://app.example"});
    EXPECT_EQ(valueOf(response, "Access-Control-Allow-Origin"), "https://app.example");
    EXPECT_EQ(valueOf(response, "Access-Control-Allow-Credentials"), "true");
    EXPECT_NE(valueOf(response, "Access-Control-Expose-Headers").find("ETag"), std::string::npos);
}

TEST(CorsTest, AnyOriginMayReadButSendsNoCookies) {
    const auto response = answerFor("https://other.example", {"*"});
    EXPECT_EQ(valueOf(response, "Access-Control-Allow-Origin"), "*");
    EXPECT_EQ(valueOf(response, "Access-Control-Allow-Credentials"), "");
}

TEST(CorsTest, TheOwnPageAndProgramsNeedNoWord) {
    for (const char* origin : {static_cast<const char*>(nullptr), "https://sync.example"}) {
        const auto response = answerFor(origin, {"https://app.example"});
        EXPECT_EQ(valueOf(response, "Access-Control-Allow-Origin"), "");
        EXPECT_NE(valueOf(response, "Vary").find("Origin"), std::string::npos)
            << "a cache must not give one origin's answer to another";
    }
}

TEST(CorsTest, APreflightSaysWhatThePathTakes) {
    const auto response = preflight("GET, POST");
    EXPECT_EQ(response.status, 204);
    EXPECT_EQ(valueOf(response, "Access-Control-Allow-Methods"), "GET, POST");
    for (const char* header : {"Authorization", "Idempotency-Key", "Last-Event-ID"}) {
        EXPECT_NE(valueOf(response, "Access-Control-Allow-Headers").find(header), std::string::npos)
            << header;
    }
}

}  // namespace
}  // namespace syncline::gateway
