// SPDX-License-Identifier: Apache-2.0
#include "gateway/shown.h"

#include <gtest/gtest.h>

namespace syncline::gateway {
namespace {

Shown shownWith(std::vector<wire::HttpHeader> headers) {
    wire::HttpRequest request;
    request.headers = std::move(headers);
    return shownBy(request, "192.0.2.1:40000");
}

TEST(ShownTest, TokenAndCookieAreShownAsTheyCame) {
    const Shown shown = shownWith({{"authorization", "Bearer t"}, {"cookie", "a=b"}});
    EXPECT_EQ(shown.authorization, "Bearer t");
    EXPECT_EQ(shown.cookie, "a=b");
    EXPECT_EQ(shown.address, "192.0.2.1");
}

TEST(ShownTest, ACookieThatAForeignPageMadeTheBrowserSendIsNotShown) {
    EXPECT_EQ(shownWith({{"Cookie", "a=b"}, {"Sec-Fetch-Site", "cross-site"}}).cookie, "");
    EXPECT_EQ(shownWith({{"Cookie", "a=b"}, {"Sec-Fetch-Site", "same-origin"}}).cookie, "a=b");
    EXPECT_EQ(shownWith({{"Cookie", "a=b"},
                         {"Sec-Fetch-Site", "cross-site"},
                         {"Origin", "https://app.example"}})
                  .cookie,
              "a=b")
        << "that origin was looked at";
}

TEST(ShownTest, AnAddressHasNoPort) {
    EXPECT_EQ(withoutPort("[::1]:40000"), "::1");
    EXPECT_EQ(withoutPort(""), "");
}

}  // namespace
}  // namespace syncline::gateway
