// SPDX-License-Identifier: Apache-2.0
#include "gateway/api_route.h"

#include <gtest/gtest.h>

namespace syncline::gateway {
namespace {

using Kind = ApiRoute::Kind;

ApiRoute of(Kind kind) {
    ApiRoute route;
    route.kind = kind;
    return route;
}

std::optional<ApiRoute> routeOf(const std::string& rawPath) {
    wire::HttpRequest request;
    request.rawPath = rawPath;
    request.path = *wire::percentDecode(rawPath);
    return apiRouteOf(request);
}

TEST(ApiRouteTest, KnowsItsPathsAndDecodesNamesOnce) {
    struct Case {
        const char* path;
        Kind kind;
        const char* channel;
        const char* key;
    };
    for (const Case& one : std::vector<Case>{
             {"/api/realtime", Kind::realtime, "", ""},
             {"/api/realtime/events", Kind::events, "", ""},
             {"/api/realtime/ticket", Kind::ticket, "", ""},
             {"/api/channels/doc:1", Kind::channel, "doc:1", ""},
             {"/api/channels/a%2Fb%20c", Kind::channel, "a/b c", ""},
             {"/api/channels/a%252Fb", Kind::channel, "a%2Fb", ""},
             {"/api/channels/%C3%A9/ops", Kind::ops, "\xC3\xA9", ""},
             {"/api/channels/c/conflicts", Kind::conflicts, "c", ""},
             {"/api/channels/c/records/x%2Fy", Kind::record, "c", "x/y"},
             {"/api/channels/ops/records/records", Kind::record, "ops", "records"},
         }) {
        const auto route = routeOf(one.path);
        ASSERT_TRUE(route) << one.path;
        EXPECT_EQ(route->kind, one.kind) << one.path;
        EXPECT_EQ(route->channel, one.channel) << one.path;
        EXPECT_EQ(route->key, one.key) << one.path;
    }
}

TEST(ApiRouteTest, KnowsNoOthers) {
    for (const char* path :
         {"/", "/api", "/api/", "/api%2Frealtime", "/api/channels", "/api/channels/",
          "/api/channels/c/", "/api/channels/c/records", "/api/channels/c/records/",
          "/api/channels/c/records/k/more", "/api/channels/c/other", "/api/realtime/",
          "/api/realtime/events/", "/api/realtime/other", "/API/realtime", "/apis/realtime"}) {
        EXPECT_FALSE(routeOf(path)) << path;
    }
}

TEST(ApiRouteTest, TakesTheMethodsThatItSays) {
    EXPECT_TRUE(of(Kind::record).takes("POST"));
    EXPECT_TRUE(of(Kind::record).takes("HEAD"));
    EXPECT_FALSE(of(Kind::channel).takes("POST"));
    EXPECT_FALSE(of(Kind::ticket).takes("GET"));
    EXPECT_FALSE(of(Kind::events).takes("HEAD"));
    for (const Kind kind : {Kind::realtime, Kind::events, Kind::ticket, Kind::channel, Kind::ops,
                            Kind::conflicts, Kind::record}) {
        EXPECT_TRUE(of(kind).takes("OPTIONS"));
        for (const char* method : {"", "get", "GET, HEAD", "DELETE", "PUT", "TRACE"}) {
            EXPECT_FALSE(of(kind).takes(method)) << method;
        }
    }
}

}  // namespace
}  // namespace syncline::gateway
