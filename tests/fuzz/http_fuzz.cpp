// SPDX-License-Identifier: Apache-2.0
// A request is the same however its bytes are cut, and what is accepted keeps the policy.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "expect.h"
#include "json/utf8.h"
#include "wire/handshake.h"
#include "wire/http_parser.h"

namespace {

using namespace syncline;

constexpr wire::HttpLimits kLimits{.headerBytesMax = 500, .headersMax = 12, .bodyBytesMax = 200};

void check(const wire::HttpRequest& request) {
    SYNCLINE_EXPECT(request.target.starts_with('/'));
    SYNCLINE_EXPECT(json::isUtf8(request.path));
    SYNCLINE_EXPECT(request.headers.size() <= kLimits.headersMax);
    SYNCLINE_EXPECT(request.body.size() <= kLimits.bodyBytesMax);
    SYNCLINE_EXPECT(request.minorVersion == 0 || request.count("Host") == 1);
    SYNCLINE_EXPECT(request.count("Content-Length") + request.count("Transfer-Encoding") <= 1);
    for (const wire::HttpHeader& header : request.headers) {
        for (const std::string* text : {&header.name, &header.value}) {
            SYNCLINE_EXPECT(text->find_first_of(std::string_view("\r\n\0", 3)) ==
                            std::string::npos);
        }
    }
    for (const std::string& segment : request.segments()) {
        SYNCLINE_EXPECT(segment != "." && segment != "..");
    }
    static_cast<void>(request.parameters("a"));
    static_cast<void>(wire::checkUpgrade(request));
}

/// What was understood, or empty when the request is bad or not complete.
std::string parse(std::string_view bytes, std::size_t step) {
    wire::HttpParser parser(kLimits);
    std::string held;
    std::size_t consumed = 0;
    while (!bytes.empty()) {
        held += bytes.substr(0, step);
        bytes.remove_prefix(std::min(step, bytes.size()));
        const wire::HttpParser::Outcome outcome = parser.feed(held);
        SYNCLINE_EXPECT(outcome.consumed <= held.size());
        held.erase(0, outcome.consumed);
        consumed += outcome.consumed;
        if (outcome.state == wire::HttpParser::State::failed) {
            SYNCLINE_EXPECT(outcome.status >= 400 && !outcome.reason.empty());
            return {};
        }
        if (outcome.state == wire::HttpParser::State::complete) {
            check(parser.request());
            return std::to_string(consumed) + parser.request().target + parser.request().body;
        }
    }
    SYNCLINE_EXPECT(held.size() <= kLimits.headerBytesMax);
    return {};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t step = 1 + data[0] % 16;
    const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
    SYNCLINE_EXPECT(parse(bytes, bytes.size() + 1) == parse(bytes, step));
    return 0;
}
