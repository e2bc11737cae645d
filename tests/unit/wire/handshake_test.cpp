// SPDX-License-Identifier: Apache-2.0
#include "wire/handshake.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <vector>

namespace syncline::wire {
namespace {

HttpRequest upgrade() {
    HttpRequest request;
    request.method = "GET";
    request.headers = {{"Host", "a"},
                       {"Upgrade", "websocket"},
                       {"Connection", "Upgrade"},
                       {"Sec-WebSocket-Version", "13"},
                       {"Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="}};
    return request;
}

std::string& header(HttpRequest& request, const std::string& name) {
    for (HttpHeader& found : request.headers) {
        if (found.name == name) return found.value;
    }
    return request.headers.emplace_back(HttpHeader{name, ""}).value;
}

void drop(HttpRequest& request, const std::string& name) {
    std::erase_if(request.headers, [&](const HttpHeader& found) { return found.name == name; });
}

// RFC 6455, section 1.3.
TEST(Handshake, ComputesTheAcceptOfTheStandardsExample) {
    EXPECT_EQ(acceptFor("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(Handshake, AnswersAnUpgradeWith101) {
    const auto handshake = checkUpgrade(upgrade());
    ASSERT_TRUE(handshake);
    std::string out;
    appendSwitchingProtocols(out, *handshake);
    EXPECT_EQ(out,
              "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
              "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
}

TEST(Handshake, ChoosesItsSubprotocolWhenOffered) {
    HttpRequest request = upgrade();
    header(request, "Sec-WebSocket-Protocol") = "chat, syncline.v1";
    const auto handshake = checkUpgrade(request);
    ASSERT_TRUE(handshake);
    std::string out;
    appendSwitchingProtocols(out, *handshake);
    EXPECT_NE(out.find("Sec-WebSocket-Protocol: syncline.v1\r\n"), std::string::npos);

    header(request, "Sec-WebSocket-Protocol") = "chat, syncline.v2";
    EXPECT_EQ(checkUpgrade(request)->subprotocol, "");
}

struct Case {
    const char* claim;
    std::function<void(HttpRequest&)> change;
    int status;  ///< 0: accepted
};

TEST(Handshake, IsStrictWhereTheStandardIs) {
    const auto set = [](const char* name, const char* value) {
        return [=](HttpRequest& request) { header(request, name) = value; };
    };
    const auto without = [](const char* name) {
        return [=](HttpRequest& request) { drop(request, name); };
    };
    const auto twice = [](const char* name) {
        return [=](HttpRequest& request) {
            const std::string value = header(request, name);
            request.headers.push_back({name, value});
        };
    };
    const char* const key = "Sec-WebSocket-Key";
    const std::vector<Case> cases{
        {"as it is", [](HttpRequest&) {}, 0},
        {"another case", set("Upgrade", "WebSocket"), 0},
        {"one of several protocols", set("Upgrade", "h2c, websocket"), 0},
        {"as Firefox says it", set("Connection", "keep-alive, Upgrade"), 0},
        {"another key", set(key, "AAAAAAAAAAAAAAAAAAAAAA=="), 0},
        {"with slashes and pluses", set(key, "////++++////++++////+w=="), 0},
        {"POST", [](HttpRequest& request) { request.method = "POST"; }, 405},
        {"HEAD", [](HttpRequest& request) { request.method = "HEAD"; }, 405},
        {"get", [](HttpRequest& request) { request.method = "get"; }, 405},
        {"HTTP/1.0", [](HttpRequest& request) { request.minorVersion = 0; }, 400},
        {"a body", [](HttpRequest& request) { request.body = "x"; }, 400},
        {"no Upgrade", without("Upgrade"), 426},
        {"another Upgrade", set("Upgrade", "h2c"), 426},
        {"a longer word", set("Upgrade", "websockets"), 426},
        {"no Connection", without("Connection"), 400},
        {"another Connection", set("Connection", "keep-alive"), 400},
        {"no version", without("Sec-WebSocket-Version"), 426},
        {"version 8", set("Sec-WebSocket-Version", "8"), 426},
        {"version 14", set("Sec-WebSocket-Version", "14"), 426},
        {"version 013", set("Sec-WebSocket-Version", "013"), 426},
        {"a list of versions", set("Sec-WebSocket-Version", "13, 8"), 426},
        {"two versions", twice("Sec-WebSocket-Version"), 426},
        {"no key", without(key), 400},
        {"two keys", twice(key), 400},
        {"an empty key", set(key, ""), 400},
        {"a short key", set(key, "dGhlIHNhbXBsZSBub25j"), 400},
        {"a long key", set(key, "dGhlIHNhbXBsZSBub25jZQAAAA=="), 400},
        {"15 bytes", set(key, "dGhlIHNhbXBsZSBub25jZ==="), 400},
        {"17 bytes", set(key, "dGhlIHNhbXBsZSBub25jZWE="), 400},
        {"no base64", set(key, "dGhlIHNhbXBsZSBub25j!Q=="), 400},
        {"base64 for URLs", set(key, "____----____----____-w=="), 400},
        {"loose bits at the end", set(key, "dGhlIHNhbXBsZSBub25jZR=="), 400},
    };
    for (const Case& c : cases) {
        HttpRequest request = upgrade();
        c.change(request);
        const auto handshake = checkUpgrade(request);
        EXPECT_EQ(handshake ? 0 : handshake.error().status, c.status) << c.claim;
    }
}

TEST(Handshake, ARefusalSaysWhatWouldBeRight) {
    std::string out;
    appendResponse(out, HandshakeRefusal{426, "old"}.response());
    EXPECT_EQ(out.rfind("HTTP/1.1 426 Upgrade Required\r\n", 0), 0u);
    EXPECT_NE(out.find("Sec-WebSocket-Version: 13\r\n"), std::string::npos);
    EXPECT_NE(out.find("Connection: Upgrade, close\r\n"), std::string::npos);
    out.clear();
    appendResponse(out, HandshakeRefusal{405, "no"}.response());
    EXPECT_NE(out.find("Allow: GET\r\n"), std::string::npos);
}

TEST(Handshake, KnowsWhoWantsAWebSocket) {
    EXPECT_TRUE(wantsWebSocket(upgrade()));
    EXPECT_FALSE(wantsWebSocket(HttpRequest{}));
}

}  // namespace
}  // namespace syncline::wire
