// SPDX-License-Identifier: Apache-2.0
#include "gateway/api_error.h"

#include <string>

#include "json/write.h"
#include "wire/reply.h"

namespace syncline::gateway {

namespace {

using core::Code;

Code codeOf(int status) {
    switch (status) {
        case 403:
            return Code::forbidden;
        case 408:
            return Code::timedOut;
        case 404:
        case 405:
        case 426:
            return Code::notOnThisTransport;
        case 413:
        case 414:
        case 431:
            return Code::tooLarge;
        case 503:
            return Code::draining;
        default:
            return status >= 500 ? Code::internal : Code::badField;
    }
}

}  // namespace

int statusOf(Code code) {
    switch (code) {
        case Code::internal:
        case Code::pluginFailed:
            return 500;
        case Code::timedOut:
            return 504;
        case Code::storageUnavailable:
        case Code::memoryExhausted:
        case Code::busy:
        case Code::draining:
            return 503;
        case Code::noSuchChannel:
        case Code::noRecord:
            return 404;
        case Code::tooLarge:
            return 413;
        case Code::numberReused:
            return 422;
        case Code::tokenInvalid:
        case Code::tokenExpired:
            return 401;
        case Code::forbidden:
        case Code::anotherUser:
            return 403;
        case Code::rateLimited:
        case Code::tooManySubscriptions:
            return 429;
        case Code::notOnThisTransport:
        case Code::notConfigured:
            return 501;
        default:
            // Malformed, or an op that does not fit what is there.
            return static_cast<int>(code) < 1200 ? 400 : 409;
    }
}

wire::HttpResponse jsonResponse(int status, const json::Value& body) {
    wire::HttpResponse response;
    response.status = status;
    response.contentType = "application/json";
    json::write(body, response.body);
    response.body += '\n';
    return response;
}

wire::HttpResponse errorResponse(int status, const core::Error& error) {
    wire::HttpResponse response;
    response.status = status;
    response.contentType = "application/json";
    wire::appendError(response.body, json::Value(), error);
    response.body += '\n';
    if (status == 401) response.headers.push_back({"WWW-Authenticate", "Bearer"});
    const bool later = status == 429 || status == 503;
    if (later && error.retryAfterMs != 0) {
        // In whole seconds, so that nobody comes too early.
        response.headers.push_back(
            {"Retry-After", std::to_string((error.retryAfterMs + 999) / 1'000)});
    }
    return response;
}

wire::HttpResponse errorResponse(const core::Error& error) {
    return errorResponse(statusOf(error.code), error);
}

wire::HttpResponse problem(int status, std::string_view reason) {
    return errorResponse(status, core::Error::of(codeOf(status), std::string(reason)));
}

}  // namespace syncline::gateway
