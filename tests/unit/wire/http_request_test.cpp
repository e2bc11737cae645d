// SPDX-License-Identifier: Apache-2.0
#include "wire/http_request.h"

#include <gtest/gtest.h>

namespace syncline::wire {
namespace {

TEST(HttpRequest, FindsHeadersInAnyCase) {
    HttpRequest request;
    request.headers = {{"Upgrade", "websocket"}, {"upgrade", "h2c"}};
    EXPECT_EQ(request.find("UPGRADE"), "websocket");
    EXPECT_EQ(request.count("uPgRaDe"), 2u);
    EXPECT_FALSE(request.find("Upgrad"));
}

TEST(HttpRequest, FindsTokensInLists) {
    HttpRequest request;
    request.headers = {{"Connection", "keep-alive , Upgrade"}, {"Connection", "x,,y"}};
    EXPECT_TRUE(request.hasToken("connection", "upgrade"));
    EXPECT_TRUE(request.hasToken("connection", "keep-alive"));
    EXPECT_TRUE(request.hasToken("connection", "y"));
    EXPECT_FALSE(request.hasToken("connection", "up"));
    EXPECT_FALSE(request.hasToken("connection", "keep-alive , Upgrade"));
}

TEST(HttpRequest, ReadsParameters) {
    HttpRequest request;
    request.query = "a=1&b=x%20y+z&a=2&empty&=odd&bad=%zz&%C3%A9=e&c=d=e";
    EXPECT_EQ(request.parameter("a"), "1");
    EXPECT_EQ(request.parameters("a"), (std::vector<std::string>{"1", "2"}));
    EXPECT_EQ(request.parameter("b"), "x y z");
    EXPECT_EQ(request.parameter("empty"), "");
    EXPECT_EQ(request.parameter("\u00e9"), "e");
    EXPECT_EQ(request.parameter("c"), "d=e");
    EXPECT_FALSE(request.parameter("bad"));
    EXPECT_FALSE(request.parameter("absent"));
}

TEST(HttpRequest, SplitsAPathBeforeDecodingIt) {
    const auto segments = [](std::string rawPath) {
        HttpRequest request;
        request.rawPath = std::move(rawPath);
        return request.segments();
    };
    using List = std::vector<std::string>;
    EXPECT_EQ(segments("/"), List{});
    EXPECT_EQ(segments("/api/channels/a%2Fb"), (List{"api", "channels", "a/b"}));
    EXPECT_EQ(segments("/a//b"), (List{"a", "", "b"}));
    EXPECT_EQ(segments("/a/"), List{"a"});
}

TEST(PercentCoding, DecodesStrictly) {
    EXPECT_EQ(percentDecode("a%41%2fb"), "aA/b");
    EXPECT_EQ(percentDecode("a+b"), "a+b");
    EXPECT_EQ(percentDecode("a+b%2B", true), "a b+");
    for (const char* bad : {"%", "%4", "a%4", "%g0", "%0g", "%%41", "% 1", "%+1"}) {
        EXPECT_FALSE(percentDecode(bad)) << bad;
    }
}

TEST(PercentCoding, EncodesWhatItDecodes) {
    std::string all;
    for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
    EXPECT_EQ(percentDecode(percentEncode(all)), all);
    EXPECT_EQ(percentEncode("aZ09-._~/ %\u00e9"), "aZ09-._~%2F%20%25%C3%A9");
}

}  // namespace
}  // namespace syncline::wire
