// SPDX-License-Identifier: Apache-2.0
#include "wire/http_parser.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace syncline::wire {
namespace {

using namespace std::string_literals;

constexpr HttpLimits kLimits{.headerBytesMax = 600, .headersMax = 10, .bodyBytesMax = 50};

/// Feeds the bytes cut at the given places; answers `200 <body>` or `<status> <reason>`, or
/// `more`, followed by how many bytes behind the request were left.
std::string parse(const std::string& bytes, const std::vector<std::size_t>& cuts = {},
                  HttpRequest* into = nullptr) {
    HttpParser parser(kLimits);
    std::string held;
    std::size_t from = 0;
    for (std::size_t i = 0; i <= cuts.size(); ++i) {
        const std::size_t to = i < cuts.size() ? cuts[i] : bytes.size();
        held += bytes.substr(from, to - from);
        from = to;
        const HttpParser::Outcome outcome = parser.feed(held);
        held.erase(0, outcome.consumed);
        if (outcome.state == HttpParser::State::failed) {
            return std::to_string(outcome.status) + " " + std::string(outcome.reason);
        }
        if (outcome.state == HttpParser::State::complete) {
            held += bytes.substr(from);
            if (into != nullptr) *into = parser.request();
            const std::string rest = held.empty() ? "" : " +" + std::to_string(held.size());
            return "200 " + parser.request().body + rest;
        }
    }
    return "more";
}

struct Case {
    const char* claim;
    std::string bytes;
    std::string expected;  ///< a prefix
};

std::string get(const std::string& headers, const std::string& target = "/") {
    return "GET " + target + " HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n";
}

std::string post(const std::string& headers, const std::string& body) {
    return "POST / HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n" + body;
}

std::vector<Case> cases() {
    const std::string chunked = "Transfer-Encoding: chunked\r\n";
    return {
        {"a GET", get(""), "200 "},
        {"any token as method", "PURGE / HTTP/1.1\r\nHost: a\r\n\r\n", "200 "},
        {"HTTP/1.0 without Host", "GET / HTTP/1.0\r\n\r\n", "200 "},
        {"an empty line in front", "\r\n" + get(""), "200 "},
        {"an empty Host", "GET / HTTP/1.1\r\nHost:\r\n\r\n", "200 "},
        {"Host with port", "GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", "200 "},
        {"a body", post("Content-Length: 5\r\n", "hello"), "200 hello"},
        {"an empty body", post("Content-Length: 0\r\n", ""), "200 "},
        {"two requests", post("Content-Length: 2\r\n", "hi") + get(""), "200 hi +27"},
        {"a chunked body", post(chunked, "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"), "200 abcde"},
        {"chunked in capitals", post("Transfer-Encoding: Chunked\r\n", "0\r\n\r\n"), "200 "},
        {"a chunk extension", post(chunked, "3;a=b\r\nabc\r\n0\r\n\r\n"), "200 abc"},
        {"a trailer", post(chunked, "1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n"), "200 a"},
        {"a body at the limit", post("Content-Length: 50\r\n", std::string(50, 'x')),
         "200 " + std::string(50, 'x')},
        {"an unfinished header", "GET / HTTP/1.1\r\nHost: a\r\n", "more"},
        {"an unfinished body", post("Content-Length: 5\r\n", "hell"), "more"},
        {"an unfinished chunk", post(chunked, "5\r\nhell"), "more"},

        // What lets two parsers see two different requests.
        {"length and chunked", post("Content-Length: 3\r\n" + chunked, "0\r\n\r\n"), "400"},
        {"chunked and length", post(chunked + "Content-Length: 3\r\n", "0\r\n\r\n"), "400"},
        {"differing lengths", post("Content-Length: 3\r\nContent-Length: 4\r\n", "abcd"), "400"},
        {"equal lengths", post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"),
         "400 repeated Content-Length"},
        {"a list of equal lengths", post("Content-Length: 3, 3\r\n", "abc"),
         "400 repeated Content-Length"},
        {"a length with a sign", post("Content-Length: +3\r\n", "abc"), "400"},
        {"a negative length", post("Content-Length: -3\r\n", "abc"), "400"},
        {"a hexadecimal length", post("Content-Length: 0x3\r\n", "abc"), "400"},
        {"a length that overflows", post("Content-Length: 18446744073709551619\r\n", "abc"), "400"},
        {"an empty length", post("Content-Length:\r\n", ""), "400"},
        {"a length with a space inside", post("Content-Length: 1 0\r\n", "abc"), "400"},
        {"identity, chunked", post("Transfer-Encoding: identity, chunked\r\n", "0\r\n\r\n"),
         "400 Transfer-Encoding is not chunked"},
        {"gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), "400"},
        {"chunked, identity", post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"), "400"},
        {"xchunked", post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), "400"},
        {"identity", post("Transfer-Encoding: identity\r\n", ""), "400"},
        {"an empty Transfer-Encoding", post("Transfer-Encoding:\r\n", ""), "400"},
        {"chunked twice", post(chunked + chunked, "0\r\n\r\n"), "400"},
        {"chunked in quotes", post("Transfer-Encoding: \"chunked\"\r\n", "0\r\n\r\n"), "400"},
        {"chunked with HTTP/1.0", "POST / HTTP/1.0\r\n" + chunked + "\r\n0\r\n\r\n",
         "400 Transfer-Encoding with HTTP/1.0"},
        {"a vertical tab before chunked",
         post("Transfer-Encoding: \x0b"
              "chunked\r\n",
              "0\r\n\r\n"),
         "400"},
        {"a space before the colon", post("Content-Length : 3\r\n", "abc"), "400"},
        {"a tab before the colon", post("Content-Length\t: 3\r\n", "abc"), "400"},
        {"a folded header", get("X-A: b\r\n c\r\n"), "400 folded header"},
        {"a folded header with a tab", get("X-A: b\r\n\tc\r\n"), "400 folded header"},
        {"a folded first header", "GET / HTTP/1.1\r\n Host: a\r\n\r\n", "400"},
        {"a bare CR in a header", get("X-A: b\rContent-Length: 3\r\n"), "400"},
        {"bare LFs as line ends", "GET / HTTP/1.1\nHost: a\n\n" + get(""), "505"},
        {"a bare LF in a header", get("X-A: b\nContent-Length: 3\r\n"), "400"},
        {"a bare LF behind Host", "GET / HTTP/1.1\r\nHost: a\nX: b\r\n\r\n", "400"},
        {"a NUL in a header", get("X-A: b\0c\r\n"s), "400"},
        {"a NUL in a name", get("X\0A: b\r\n"s), "400"},
        {"a header without colon", get("nonsense\r\n"), "400"},
        {"a header without name", get(": b\r\n"), "400"},
        {"no Host", "GET / HTTP/1.1\r\n\r\n", "400 no Host"},
        {"two Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400 repeated Host"},
        {"two equal Hosts", "GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", "400 repeated Host"},
        {"a Host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", "400 bad Host"},
        {"a Host with a user", "GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", "400 bad Host"},
        {"a list of Hosts", "GET / HTTP/1.1\r\nHost: a, b\r\n\r\n", "400 bad Host"},

        // Chunks.
        {"a bad chunk size", post(chunked, "x\r\nabc\r\n0\r\n\r\n"), "400"},
        {"a chunk size with a sign", post(chunked, "+3\r\nabc\r\n0\r\n\r\n"), "400"},
        {"a chunk size with 0x", post(chunked, "0x3\r\nabc\r\n0\r\n\r\n"), "400"},
        {"a chunk size that overflows", post(chunked, "10000000000000003\r\nabc\r\n0\r\n\r\n"),
         "4"},
        {"a negative chunk size", post(chunked, "-1\r\nabc\r\n0\r\n\r\n"), "400"},
        {"a chunk longer than it says", post(chunked, "2\r\nabc\r\n0\r\n\r\n"), "400"},
        {"a chunk that ends with LF", post(chunked, "3\r\nabc\n0\r\n\r\n"), "400"},
        {"a chunked body over the limit", post(chunked, "33\r\n" + std::string(51, 'x')), "413"},
        {"chunks that sum up over the limit",
         post(chunked, "30\r\n" + std::string(48, 'x') + "\r\n3\r\nabc"), "413"},
        {"a chunk extension without end", post(chunked, "1;" + std::string(700, 'x')), "431"},
        {"a chunk extension over the limit, at once",
         post(chunked, "1;" + std::string(700, 'x') + "\r\na\r\n0\r\n\r\n"), "431"},
        {"trailers over the limit, at once",
         post(chunked, "0\r\nX: " + std::string(700, 'x') + "\r\n\r\n"), "431"},
        {"trailers without end", post(chunked, "0\r\nX: " + std::string(700, 'x')), "431"},

        // Request line.
        {"HTTP/1.2", "GET / HTTP/1.2\r\nHost: a\r\n\r\n", "505"},
        {"HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", "505"},
        {"HTTP/9.9", "GET / HTTP/9.9\r\nHost: a\r\n\r\n", "505"},
        {"HTTP/0.9", "GET /\r\n\r\n", "4"},
        {"lower-case http", "GET / http/1.1\r\nHost: a\r\n\r\n", "505"},
        {"no target", "GET HTTP/1.1\r\nHost: a\r\n\r\n", "4"},
        {"absolute form", "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n", "400 target"},
        {"authority form", "CONNECT a:80 HTTP/1.1\r\nHost: a\r\n\r\n", "400 target"},
        {"asterisk form", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", "400 target"},
        {"a fragment", get("", "/a#b"), "400"},
        {"a space in the target", get("", "/a b"), "505"},
        {"a NUL in the target", get("", "/a\0b"s), "400"},
        {"raw UTF-8 in the target", get("", "/\u00e9"), "400"},
        {"a percent sign alone", get("", "/%"), "400 bad percent-encoding"},
        {"half an escape", get("", "/%4"), "400 bad percent-encoding"},
        {"an escape that is not hex", get("", "/%4g"), "400 bad percent-encoding"},
        {"a bad escape in the query", get("", "/?a=%zz"), "400 bad percent-encoding"},
        {"an encoded NUL", get("", "/%00"), "400 control character"},
        {"an encoded line end", get("", "/%0d%0a"), "400 control character"},
        {"an encoded byte that is not UTF-8", get("", "/%ff"), "400 path is not UTF-8"},
        {"an overlong slash", get("", "/%c0%af"), "400 path is not UTF-8"},
        {"dots", get("", "/a/../b"), "400 path is not normalised"},
        {"one dot", get("", "/./b"), "400 path is not normalised"},
        {"encoded dots", get("", "/%2e%2E/b"), "400 path is not normalised"},
        {"dots at the end", get("", "/a/.."), "400 path is not normalised"},
        {"dots within a name are a name", get("", "/a..b/...c"), "200 "},
        {"a TLS hello", "\x16\x03\x01\x02", "400"},
        {"three empty lines", "\r\n\r\n\r\n" + get(""), "400"},

        // Limits.
        {"a header over the limit", get("X: " + std::string(700, 'x') + "\r\n"), "431"},
        {"a header without end", "GET /" + std::string(700, 'x'), "431"},
        {"eleven headers", get("A:\r\nB:\r\nC:\r\nD:\r\nE:\r\nF:\r\nG:\r\nH:\r\nI:\r\nJ:\r\n"),
         "431 too many headers"},
        {"a body over the limit", post("Content-Length: 51\r\n", ""), "413"},
        {"an unknown expectation", post("Expect: miracles\r\nContent-Length: 1\r\n", "a"), "417"},
    };
}

TEST(HttpParser, HoldsItsPolicyHoweverTheBytesAreCut) {
    for (const Case& c : cases()) {
        const std::string whole = parse(c.bytes);
        EXPECT_EQ(whole.substr(0, c.expected.size()), c.expected) << c.claim << ": " << whole;
        for (std::size_t cut = 1; cut < c.bytes.size(); ++cut) {
            ASSERT_EQ(parse(c.bytes, {cut}), whole) << c.claim << ", cut at " << cut;
        }
        std::vector<std::size_t> everywhere;
        for (std::size_t cut = 1; cut < c.bytes.size(); ++cut) everywhere.push_back(cut);
        EXPECT_EQ(parse(c.bytes, everywhere), whole) << c.claim << ", byte by byte";
    }
}

TEST(HttpParser, TellsEverythingOfARequest) {
    HttpRequest request;
    parse(
        "POST /a%2Fb/%C3%A9?x=1&y=%20 HTTP/1.1\r\nHost: h\r\nX-A:  b c \r\nx-a: d\r\n"
        "Content-Length: 2\r\n\r\nhi",
        {}, &request);
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.target, "/a%2Fb/%C3%A9?x=1&y=%20");
    EXPECT_EQ(request.rawPath, "/a%2Fb/%C3%A9");
    EXPECT_EQ(request.path, "/a/b/\u00e9");
    EXPECT_EQ(request.query, "x=1&y=%20");
    EXPECT_EQ(request.minorVersion, 1);
    EXPECT_EQ(request.find("x-A"), "b c");
    EXPECT_EQ(request.count("X-A"), 2u);
    EXPECT_EQ(request.body, "hi");
    EXPECT_TRUE(request.keepAlive);
}

TEST(HttpParser, KnowsWhetherTheConnectionStays) {
    const auto staysOpen = [](const std::string& head) {
        HttpRequest request;
        parse(head + "\r\n\r\n", {}, &request);
        return request.keepAlive;
    };
    EXPECT_TRUE(staysOpen("GET / HTTP/1.1\r\nHost: a"));
    EXPECT_FALSE(staysOpen("GET / HTTP/1.1\r\nHost: a\r\nConnection: close"));
    EXPECT_FALSE(staysOpen("GET / HTTP/1.0"));
    EXPECT_TRUE(staysOpen("GET / HTTP/1.0\r\nConnection: keep-alive"));
}

TEST(HttpParser, DropsTrailers) {
    HttpRequest request;
    parse(post("Transfer-Encoding: chunked\r\n", "0\r\nAuthorization: Bearer x\r\n\r\n"), {},
          &request);
    EXPECT_FALSE(request.find("Authorization"));
}

TEST(HttpParser, RefusesFramingInTrailers) {
    EXPECT_EQ(
        parse(post("Transfer-Encoding: chunked\r\n", "0\r\nTransfer-Encoding: chunked\r\n\r\n"))
            .substr(0, 3),
        "400");
}

TEST(HttpParser, ReadsPipelinedRequestsOneByOne) {
    std::string bytes = get("", "/1") + post("Content-Length: 1\r\n", "x") + get("", "/3");
    HttpParser parser(kLimits);
    std::vector<std::string> seen;
    while (!bytes.empty()) {
        const HttpParser::Outcome outcome = parser.feed(bytes);
        ASSERT_EQ(outcome.state, HttpParser::State::complete);
        seen.push_back(parser.request().method + parser.request().path + parser.request().body);
        bytes.erase(0, outcome.consumed);
        parser.reset();
    }
    EXPECT_EQ(seen, (std::vector<std::string>{"GET/1", "POST/x", "GET/3"}));
}

TEST(HttpParser, RepeatsItsErrorUntilReset) {
    HttpParser parser(kLimits);
    EXPECT_EQ(parser.feed("\x16").status, 400);
    EXPECT_EQ(parser.feed(get("")).status, 400);
    parser.reset();
    EXPECT_EQ(parser.feed(get("")).state, HttpParser::State::complete);
}

TEST(HttpParser, TellsWhenAClientWaitsForContinue) {
    const std::string head = post("Expect: 100-Continue\r\nContent-Length: 2\r\n", "");
    HttpParser parser(kLimits);
    EXPECT_FALSE(parser.isHeaderDone());
    EXPECT_EQ(parser.feed(head).consumed, head.size());
    EXPECT_TRUE(parser.isHeaderDone());
    EXPECT_TRUE(parser.takeExpectContinue());
    EXPECT_FALSE(parser.takeExpectContinue()) << "once";
    EXPECT_EQ(parser.feed("hi").state, HttpParser::State::complete);
}

TEST(HttpParser, DoesNotAskAClientThatSentItsBodyToContinue) {
    HttpParser parser(kLimits);
    EXPECT_EQ(parser.feed(post("Expect: 100-continue\r\nContent-Length: 2\r\n", "hi")).state,
              HttpParser::State::complete);
    EXPECT_FALSE(parser.takeExpectContinue());
}

}  // namespace
}  // namespace syncline::wire
