// SPDX-License-Identifier: Apache-2.0
#include "wire/http_response.h"

#include <gtest/gtest.h>

namespace syncline::wire {
namespace {

std::string bytesOf(const HttpResponse& response) {
    std::string out;
    appendResponse(out, response);
    return out;
}

bool has(const std::string& bytes, const std::string& part) {
    return bytes.find(part) != std::string::npos;
}

TEST(HttpResponse, IsWholeAndFramed) {
    const std::string bytes = bytesOf({.contentType = "text/plain", .body = "hello"});
    EXPECT_EQ(bytes.rfind("HTTP/1.1 200 OK\r\n", 0), 0u);
    EXPECT_TRUE(has(bytes, "Content-Type: text/plain\r\n"));
    EXPECT_TRUE(has(bytes, "Content-Length: 5\r\n"));
    EXPECT_TRUE(has(bytes, "Connection: keep-alive\r\n"));
    EXPECT_TRUE(bytes.ends_with("\r\n\r\nhello"));
}

TEST(HttpResponse, SaysThatItCloses) {
    EXPECT_TRUE(has(bytesOf({.keepAlive = false}), "Connection: close\r\n"));
}

TEST(HttpResponse, AnswersHeadWithTheLengthOnly) {
    const std::string bytes = bytesOf({.body = "hello", .headOnly = true});
    EXPECT_TRUE(has(bytes, "Content-Length: 5\r\n"));
    EXPECT_TRUE(bytes.ends_with("\r\n\r\n"));
}

TEST(HttpResponse, HasNoLengthWhereNoBodyMayBe) {
    for (const int status : {204, 304}) {
        const std::string bytes = bytesOf({.status = status, .body = "ignored"});
        EXPECT_FALSE(has(bytes, "Content-Length"));
        EXPECT_TRUE(bytes.ends_with("\r\n\r\n"));
    }
}

TEST(HttpResponse, ProtectsTheBrowserUnlessToldOtherwise) {
    const std::string bytes = bytesOf({.headers = {{"cache-control", "max-age=60"}}});
    EXPECT_TRUE(has(bytes, "X-Content-Type-Options: nosniff\r\n"));
    EXPECT_TRUE(has(bytes, "X-Frame-Options: DENY\r\n"));
    EXPECT_TRUE(has(bytes, "Referrer-Policy: no-referrer\r\n"));
    EXPECT_TRUE(has(bytes, "Content-Security-Policy: default-src 'none'\r\n"));
    EXPECT_TRUE(has(bytes, "cache-control: max-age=60\r\n"));
    EXPECT_FALSE(has(bytes, "no-store"));
}

TEST(HttpResponse, LeavesOutAHeaderThatWouldBreakOut) {
    const std::string bytes = bytesOf({.contentType = "a\r\nX-Evil: 1",
                                       .headers = {{"X-A", "b\r\nX-Evil: 1"},
                                                   {"X-Evil: 1\r\nX-B", "c"},
                                                   {"X-Null", std::string("d\0e", 3)},
                                                   {"", "f"}}});
    EXPECT_FALSE(has(bytes, "Evil"));
    EXPECT_FALSE(has(bytes, "X-Null"));
}

TEST(HttpResponse, DatesAsTheStandardSays) {
    EXPECT_TRUE(has(bytesOf({.wallMs = 784111777000}), "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n"));
    EXPECT_FALSE(has(bytesOf({}), "Date"));
}

TEST(HttpResponse, AStreamHasNoLength) {
    std::string out;
    appendStreamHead(out, {.contentType = "text/event-stream"});
    EXPECT_FALSE(has(out, "Content-Length"));
    EXPECT_TRUE(has(out, "Connection: close\r\n"));
    EXPECT_TRUE(out.ends_with("\r\n\r\n"));
}

TEST(HttpResponse, NamesWhatItDoesNotKnow) {
    EXPECT_EQ(reasonPhrase(404), "Not Found");
    EXPECT_EQ(reasonPhrase(799), "Unknown");
}

}  // namespace
}  // namespace syncline::wire
