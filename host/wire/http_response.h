// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wire/http_request.h"

namespace syncline::wire {

struct HttpResponse {
    int status = 200;
    std::string contentType = {};  ///< empty: none is sent
    std::string body = {};
    std::vector<HttpHeader> headers = {};  ///< more of them; they replace the defaults of that name
    bool keepAlive = true;
    bool headOnly = false;    ///< answer to HEAD: the length of the body, but not the body
    std::int64_t wallMs = 0;  ///< for `Date`; 0: none is sent
};

/// Appends the response as bytes, with Content-Length, Connection, and unless `headers` says
/// otherwise `X-Content-Type-Options: nosniff`, `X-Frame-Options: DENY`, `Referrer-Policy:
/// no-referrer`, `Content-Security-Policy: default-src 'none'` and `Cache-Control: no-store`.
/// A header whose name or value could break out of its line is left out.
void appendResponse(std::string& out, const HttpResponse& response);

/// Appends the head of a response whose body has no known length and ends with the connection.
void appendStreamHead(std::string& out, const HttpResponse& response);

/// `HTTP/1.1 100 Continue`, to be sent when HttpParser::takeExpectContinue() says so.
std::string_view continueResponse();

/// `Not Found` for 404; `Unknown` for a number without a registered phrase.
std::string_view reasonPhrase(int status);

}  // namespace syncline::wire
