// SPDX-License-Identifier: Apache-2.0
#include "gateway/routes.h"

#include <gtest/gtest.h>

#include "json/parse.h"

namespace syncline::gateway {
namespace {

class FakeServer final : public ServerView {
public:
    std::optional<std::string> notReady() const override { return notReadyReason; }
    std::optional<std::string> unhealthy() const override { return unhealthyReason; }
    json::Value describe() const override {
        json::Value body = json::Value::object();
        body.set("status", "ok");
        return body;
    }

    std::optional<std::string> notReadyReason;
    std::optional<std::string> unhealthyReason;
};

class RoutesTest : public ::testing::Test {
protected:
    wire::HttpResponse ask(const std::string& path, const std::string& method = "GET") {
        wire::HttpRequest request;
        request.method = method;
        request.path = path;
        return answerTo(request, server_, policy_);
    }

    FakeServer server_;
    ListenerPolicy policy_;
};

TEST_F(RoutesTest, ReadinessAndHealthAreSeparateAndSayWhy) {
    EXPECT_EQ(ask("/healthz").status, 200);
    EXPECT_EQ(ask("/readyz").status, 200);
    server_.notReadyReason = "draining";
    EXPECT_EQ(ask("/healthz").status, 200);
    EXPECT_EQ(ask("/readyz").status, 503);
    EXPECT_EQ(json::parse(ask("/readyz").body)->find("reason")->asString(), "draining");
    server_.unhealthyReason = "shard 0 stands still";
    EXPECT_EQ(ask("/healthz").status, 503);
}

TEST_F(RoutesTest, TheStatusIsJson) {
    const wire::HttpResponse response = ask("/api/realtime");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.contentType, "application/json");
    EXPECT_EQ(json::parse(response.body)->find("status")->asString(), "ok");
}

TEST_F(RoutesTest, ThePageAndItsFilesAreServedUnderAStrictPolicy) {
    for (const char* path : {"/", "/page.js", "/page.css"}) {
        const wire::HttpResponse response = ask(path);
        EXPECT_EQ(response.status, 200) << path;
        EXPECT_FALSE(response.body.empty()) << path;
        ASSERT_EQ(response.headers.size(), 1U) << path;
        EXPECT_EQ(response.headers[0].name, "Content-Security-Policy");
        EXPECT_EQ(response.headers[0].value.find("unsafe"), std::string::npos);
    }
    EXPECT_EQ(ask("/").contentType, "text/html; charset=utf-8");
}

TEST_F(RoutesTest, WhatIsNotThereIsNotFoundAndWhatIsThereIsOnlyRead) {
    EXPECT_EQ(ask("/nothing").status, 404);
    EXPECT_EQ(ask("/nothing", "POST").status, 404);
    const wire::HttpResponse response = ask("/healthz", "DELETE");
    EXPECT_EQ(response.status, 405);
    EXPECT_EQ(response.headers.at(0).value, "GET, HEAD");
    EXPECT_EQ(ask("/healthz", "HEAD").status, 200);
}

TEST_F(RoutesTest, ThePathForSocketsAsksForAnUpgrade) {
    EXPECT_EQ(ask("/ws").status, 426);
    EXPECT_TRUE(isSocketPath("/ws"));
    EXPECT_TRUE(isSocketPath("/api/realtime"));
    EXPECT_FALSE(isSocketPath("/"));
}

}  // namespace
}  // namespace syncline::gateway
