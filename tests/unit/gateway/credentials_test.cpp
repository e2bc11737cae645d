// SPDX-License-Identifier: Apache-2.0
#include "gateway/credentials.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace syncline::gateway {
namespace {

using Headers = std::vector<wire::HttpHeader>;

wire::HttpRequest requestOf(Headers headers, std::string query = "") {
    wire::HttpRequest request;
    request.headers = std::move(headers);
    request.headers.push_back({"Host", "server:80"});
    request.query = std::move(query);
    return request;
}

/// The cookie's value that counts, or the status of the refusal.
std::string cookieOf(Headers headers, std::vector<std::string> origins = {}) {
    ListenerPolicy policy;
    policy.cookie = "sid";
    policy.origins = std::move(origins);
    const auto found = credentialsOf(requestOf(std::move(headers)), policy, "192.0.2.1:40000");
    return found ? found->cookie : std::to_string(found.error().status);
}

TEST(CredentialsTest, HasTheHeaderAndTheAddressOfThePeer) {
    const ListenerPolicy policy;
    const auto found =
        credentialsOf(requestOf({{"authorization", "Bearer x"}, {"Cookie", "sid=1"}}), policy,
                      "[2001:db8::1]:40000");
    ASSERT_TRUE(found);
    EXPECT_EQ(found->authorization, "Bearer x");
    EXPECT_EQ(found->cookie, "");
    EXPECT_EQ(found->address, "2001:db8::1");
    EXPECT_EQ(credentialsOf(requestOf({}), policy, "192.0.2.1:40000")->address, "192.0.2.1");
}

TEST(CredentialsTest, TakesNoneOfTwoHeaders) {
    const auto found = credentialsOf(
        requestOf({{"Authorization", "Bearer a"}, {"Authorization", "Bearer b"}}), {}, "");
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error().status, 400);
}

TEST(CredentialsTest, FindsTheOneCookieAmongOthers) {
    const wire::HttpHeader own{"Origin", "http://server:80"};
    const std::vector<std::pair<std::string, std::string>> cases = {
        {"sid=a.b.c", "a.b.c"},
        {"x=1; sid=v; y=2", "v"},
        {"x=1;sid=v", "v"},
        {R"(sid="v")", "v"},
        {"sid=a=b", "a=b"},
        {"SID=v", ""},
        {"xsid=v; sidx=v", ""},
        {"sid", ""},
        {"sid=", ""},
        {"", ""},
        {"sid=a; sid=b", "400"},
        {"sid=a; sid=a", "400"},
    };
    for (const auto& [cookie, value] : cases) {
        EXPECT_EQ(cookieOf({own, {"Cookie", cookie}}), value) << cookie;
    }
    EXPECT_EQ(cookieOf({own, {"Cookie", "x=1"}, {"Cookie", "sid=v"}}), "v");
    EXPECT_EQ(cookieOf({own, {"Cookie", "sid=1"}, {"Cookie", "sid=2"}}), "400");
}

TEST(CredentialsTest, TheCookieCountsForNamedOriginsAlone) {
    const wire::HttpHeader cookie{"Cookie", "sid=v"};
    struct Case {
        const char* claim;
        Headers headers;
        std::vector<std::string> origins;
        const char* value;
    };
    const std::vector<Case> cases = {
        {"the server's own page", {{"Origin", "http://server:80"}}, {}, "v"},
        {"one of the list", {{"Origin", "https://app"}}, {"https://app"}, "v"},
        {"a stranger", {{"Origin", "https://evil"}}, {"https://app"}, ""},
        {"a stranger whom the star lets in", {{"Origin", "https://evil"}}, {"*"}, ""},
        {"a page that hides itself", {{"Origin", "null"}}, {"*"}, ""},
        {"two of them",
         {{"Origin", "https://app"}, {"Origin", "https://app"}},
         {"https://app"},
         ""},
        {"no Origin", {}, {"*"}, ""},
        {"a page's own GET", {{"Sec-Fetch-Site", "same-origin"}}, {}, "v"},
        {"a link from elsewhere", {{"Sec-Fetch-Site", "cross-site"}}, {}, ""},
        {"a sibling of the domain", {{"Sec-Fetch-Site", "same-site"}}, {}, ""},
        {"the Origin decides where there is one",
         {{"Origin", "https://evil"}, {"Sec-Fetch-Site", "same-origin"}},
         {},
         ""},
    };
    for (Case one : cases) {
        one.headers.push_back(cookie);
        EXPECT_EQ(cookieOf(one.headers, one.origins), one.value) << one.claim;
    }
}

TEST(CredentialsTest, SeesATokenInAUrlHoweverItIsWritten) {
    for (const char* query : {"token=x", "access_token=x", "id_token=x", "a=1&token=x", "token",
                              "TOKEN=x", "%74%6fken=x", "token=%zz", "token=x&token=y"}) {
        EXPECT_TRUE(hasTokenInUrl(requestOf({}, query))) << query;
    }
    for (const char* query : {"", "a=token", "tokens=1", "ticket=1", "%zz=token", "&&="}) {
        EXPECT_FALSE(hasTokenInUrl(requestOf({}, query))) << query;
    }
}

}  // namespace
}  // namespace syncline::gateway
