// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace syncline::wire {

struct HttpHeader {
    std::string name;
    std::string value;
};

/// One request, as the parser found it: nothing in it breaks the policy of HttpParser.
struct HttpRequest {
    std::string method;    ///< case matters: `GET`
    std::string target;    ///< as sent, e.g. `/a%2Fb?x=1`
    std::string rawPath;   ///< the target without its query: `/a%2Fb`
    std::string path;      ///< decoded, UTF-8, without control characters: `/a/b`
    std::string query;     ///< as sent, without the `?`
    int minorVersion = 1;  ///< HTTP/1.`minorVersion`
    std::vector<HttpHeader> headers;
    std::string body;
    bool keepAlive = true;

    /// The value of the first header of that name (any case), or nothing.
    std::optional<std::string_view> find(std::string_view name) const;
    std::size_t count(std::string_view name) const;

    /// All values of that name contain this token of a comma-separated list, in any case.
    bool hasToken(std::string_view name, std::string_view token) const;

    /// The first `name=value` of the query, decoded (`+` is a space). Nothing when it is absent
    /// or badly encoded.
    std::optional<std::string> parameter(std::string_view name) const;

    /// Every value of that name in the query, in order; badly encoded ones are left out.
    std::vector<std::string> parameters(std::string_view name) const;

    /// The path split at its slashes and then decoded, so that `%2F` is a slash within a segment:
    /// `/api/a%2Fb` is {"api", "a/b"}.
    std::vector<std::string> segments() const;
};

/// `%41` -> `A`. Nothing when a `%` is not followed by two hex digits.
std::optional<std::string> percentDecode(std::string_view text, bool plusIsSpace = false);

/// Everything but unreserved characters (RFC 3986) as `%XX`.
std::string percentEncode(std::string_view text);

bool equalsIgnoringCase(std::string_view a, std::string_view b);

}  // namespace syncline::wire
