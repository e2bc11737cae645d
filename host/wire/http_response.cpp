// SPDX-License-Identifier: Apache-2.0
#include "wire/http_response.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>
#include <utility>

namespace syncline::wire {

namespace {

using NameValue = std::pair<std::string_view, std::string_view>;

constexpr std::array<NameValue, 5> kDefaults{{
    {"X-Content-Type-Options", "nosniff"},
    {"X-Frame-Options", "DENY"},
    {"Referrer-Policy", "no-referrer"},
    {"Content-Security-Policy", "default-src 'none'"},
    {"Cache-Control", "no-store"},
}};

void appendHeader(std::string& out, std::string_view name, std::string_view value) {
    out.append(name).append(": ").append(value).append("\r\n");
}

bool breaksOut(std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) != std::string_view::npos;
}

bool isSendable(const HttpHeader& header) {
    return !header.name.empty() && !breaksOut(header.name) && !breaksOut(header.value) &&
           header.name.find(':') == std::string::npos;
}

/// RFC 9110, section 5.6.7; independent of the locale.
void appendDate(std::string& out, std::int64_t wallMs) {
    static constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t seconds = wallMs / 1000;
    std::tm time{};
    ::gmtime_r(&seconds, &time);
    std::array<char, 64> text;
    const int size = std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                   days[static_cast<std::size_t>(time.tm_wday)], time.tm_mday,
                                   months[static_cast<std::size_t>(time.tm_mon)],
                                   time.tm_year + 1900, time.tm_hour, time.tm_min, time.tm_sec);
    appendHeader(out, "Date", {text.data(), static_cast<std::size_t>(size)});
}

bool isSaid(const HttpResponse& response, std::string_view name) {
    return std::any_of(
        response.headers.begin(), response.headers.end(),
        [name](const HttpHeader& header) { return equalsIgnoringCase(header.name, name); });
}

void appendHead(std::string& out, const HttpResponse& response, bool keepAlive) {
    out.append("HTTP/1.1 ").append(std::to_string(response.status)).append(" ");
    out.append(reasonPhrase(response.status)).append("\r\n");
    if (response.wallMs != 0) appendDate(out, response.wallMs);
    if (!response.contentType.empty() && !breaksOut(response.contentType)) {
        appendHeader(out, "Content-Type", response.contentType);
    }
    for (const auto& [name, value] : kDefaults) {
        if (!isSaid(response, name)) appendHeader(out, name, value);
    }
    if (!isSaid(response, "Connection")) {
        appendHeader(out, "Connection", keepAlive ? "keep-alive" : "close");
    }
    for (const HttpHeader& header : response.headers) {
        if (isSendable(header)) appendHeader(out, header.name, header.value);
    }
}

/// RFC 9110, section 8.6: these have no body and say no length.
bool hasNoBody(int status) {
    return status < 200 || status == 204 || status == 304;
}

}  // namespace

void appendResponse(std::string& out, const HttpResponse& response) {
    appendHead(out, response, response.keepAlive);
    if (hasNoBody(response.status)) {
        out.append("\r\n");
        return;
    }
    appendHeader(out, "Content-Length", std::to_string(response.body.size()));
    out.append("\r\n");
    if (!response.headOnly) out.append(response.body);
}

void appendStreamHead(std::string& out, const HttpResponse& response) {
    appendHead(out, response, false);
    out.append("\r\n");
}

std::string_view continueResponse() {
    return "HTTP/1.1 100 Continue\r\n\r\n";
}

std::string_view reasonPhrase(int status) {
    static constexpr std::array<std::pair<int, std::string_view>, 32> phrases{{
        {100, "Continue"},
        {101, "Switching Protocols"},
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {301, "Moved Permanently"},
        {302, "Found"},
        {304, "Not Modified"},
        {307, "Temporary Redirect"},
        {308, "Permanent Redirect"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {406, "Not Acceptable"},
        {408, "Request Timeout"},
        {409, "Conflict"},
        {411, "Length Required"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {417, "Expectation Failed"},
        {422, "Unprocessable Content"},
        {426, "Upgrade Required"},
        {429, "Too Many Requests"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
        {505, "HTTP Version Not Supported"},
    }};
    for (const auto& [number, phrase] : phrases) {
        if (number == status) return phrase;
    }
    return "Unknown";
}

}  // namespace syncline::wire
