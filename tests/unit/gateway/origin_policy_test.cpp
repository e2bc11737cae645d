// SPDX-License-Identifier: Apache-2.0
#include "gateway/origin_policy.h"

#include <gtest/gtest.h>

namespace syncline::gateway {
namespace {

wire::HttpRequest requestOf(std::vector<wire::HttpHeader> headers) {
    wire::HttpRequest request;
    request.headers = std::move(headers);
    return request;
}

TEST(OriginPolicyTest, DecidesByTheOriginTheHostAndTheList) {
    struct Case {
        const char* claim;
        std::vector<wire::HttpHeader> headers;
        std::vector<std::string> origins;
        bool allowed;
    };
    const std::vector<Case> cases = {
        {"no Origin is no browser", {{"Host", "a:1"}}, {}, true},
        {"the server's own page", {{"Host", "a:1"}, {"Origin", "http://a:1"}}, {}, true},
        {"case does not matter",
         {{"Host", "A.example"}, {"Origin", "https://a.EXAMPLE"}},
         {},
         true},
        {"another port is another origin", {{"Host", "a:1"}, {"Origin", "http://a:2"}}, {}, false},
        {"a stranger", {{"Host", "a"}, {"Origin", "https://evil.example"}}, {}, false},
        {"a listed one", {{"Host", "a"}, {"Origin", "https://b"}}, {"https://b"}, true},
        {"the scheme is part of it", {{"Host", "a"}, {"Origin", "http://b"}}, {"https://b"}, false},
        {"a suffix is not it", {{"Host", "a"}, {"Origin", "https://b.evil"}}, {"https://b"}, false},
        {"the star is all", {{"Host", "a"}, {"Origin", "https://b"}}, {"*"}, true},
        {"null is a stranger", {{"Host", "a"}, {"Origin", "null"}}, {}, false},
        {"two Origins", {{"Host", "a"}, {"Origin", "http://a"}, {"Origin", "http://a"}}, {}, false},
        {"no authority", {{"Host", ""}, {"Origin", "http://"}}, {}, false},
    };
    for (const Case& one : cases) {
        EXPECT_EQ(isOriginAllowed(requestOf(one.headers), one.origins), one.allowed) << one.claim;
    }
}

}  // namespace
}  // namespace syncline::gateway
