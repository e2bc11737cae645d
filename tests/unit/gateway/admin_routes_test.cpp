// SPDX-License-Identifier: Apache-2.0
#include "gateway/admin_routes.h"

#include <gtest/gtest.h>

#include <string>

namespace syncline::gateway {
namespace {

class FixedView final : public AdminView {
public:
    std::string metrics() const override { return "up 1\n"; }
    void stats(core::Shard&, core::UniqueFunction<void(const json::Value&)>) const override {}
    void backUp(core::Shard&, const std::string&,
                core::UniqueFunction<void(core::Result<json::Value>)>) const override {}
};

std::optional<wire::HttpResponse> answer(const std::string& method, const std::string& path,
                                         const std::string& origin = {},
                                         const std::string& query = {}) {
    wire::HttpRequest request;
    request.method = method;
    request.path = path;
    request.query = query;
    request.headers.push_back({"Host", "127.0.0.1:9464"});
    if (!origin.empty()) request.headers.push_back({"Origin", origin});
    return answerAdmin(request, ListenerPolicy{}, FixedView());
}

TEST(AdminRoutes, AreThreePathsAndNoMore) {
    EXPECT_TRUE(isAdminPath("/metrics"));
    EXPECT_TRUE(isAdminPath("/api/stats"));
    EXPECT_TRUE(isAdminPath("/api/backup"));
    for (const char* path : {"/", "/metrics/", "/Metrics", "/api/stats/x", "/api/realtime"}) {
        EXPECT_FALSE(isAdminPath(path)) << path;
    }
}

TEST(AdminRoutes, AnswerTheFiguresAtOnceAndTheStatisticsLater) {
    const auto metrics = answer("GET", "/metrics");
    ASSERT_TRUE(metrics);
    EXPECT_EQ(metrics->status, 200);
    EXPECT_EQ(metrics->body, "up 1\n");
    EXPECT_EQ(metrics->contentType, "text/plain; version=0.0.4; charset=utf-8");
    EXPECT_FALSE(answer("GET", "/api/stats"));
}

TEST(AdminRoutes, AreReadOnlyAndNotForPagesOfOtherSites) {
    EXPECT_EQ(answer("POST", "/metrics")->status, 405);
    EXPECT_EQ(answer("DELETE", "/api/stats")->status, 405);
    EXPECT_EQ(answer("GET", "/metrics", "https://evil.example")->status, 403);
    EXPECT_EQ(answer("GET", "/metrics", "http://127.0.0.1:9464")->status, 200);
}

TEST(AdminRoutes, ABackupIsAskedForByPostAndByNoPage) {
    const std::string path = "/api/backup";
    EXPECT_FALSE(answer("POST", path, "", "storage=main"));
    EXPECT_EQ(answer("GET", path, "", "storage=main")->status, 405);
    EXPECT_EQ(answer("POST", path)->status, 400);
    EXPECT_EQ(answer("POST", path, "https://evil.example", "storage=main")->status, 403);
    EXPECT_EQ(answer("POST", path, "http://127.0.0.1:9464", "storage=main")->status, 403);
}

}  // namespace
}  // namespace syncline::gateway
