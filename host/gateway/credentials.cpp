// SPDX-License-Identifier: Apache-2.0
#include "gateway/credentials.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "gateway/origin_policy.h"
#include "wire/traceparent.h"

namespace syncline::gateway {

namespace {

constexpr std::array<std::string_view, 3> kTokenParameters = {"token", "access_token", "id_token"};

/// `192.0.2.1:40000` -> `192.0.2.1`, `[::1]:40000` -> `::1`
std::string withoutPort(std::string peer) {
    const std::size_t colon = peer.rfind(':');
    if (colon != std::string::npos) peer.resize(colon);
    if (peer.size() >= 2 && peer.front() == '[') peer = peer.substr(1, peer.size() - 2);
    return peer;
}

/// Cuts `rest` at the first `separator`: answers what is before it, leaves what is behind.
std::string_view cut(std::string_view& rest, char separator) {
    const std::size_t at = rest.find(separator);
    const std::string_view before = rest.substr(0, at);
    rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
    return before;
}

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// Takes the value of a cookie from one Cookie header. False: it had been found before.
bool takeCookie(std::string_view header, std::string_view name,
                std::optional<std::string_view>& found) {
    while (!header.empty()) {
        std::string_view value = trimmed(cut(header, ';'));
        if (trimmed(cut(value, '=')) != name) continue;
        if (found) return false;
        value = trimmed(value);
        const bool quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
        found = quoted ? value.substr(1, value.size() - 2) : value;
    }
    return true;
}

}  // namespace

tl::expected<session::Credentials, CredentialsRefusal> credentialsOf(
    const wire::HttpRequest& request, const ListenerPolicy& policy, std::string peer) {
    session::Credentials credentials;
    credentials.address = withoutPort(std::move(peer));
    credentials.traceparent = wire::traceparentOf(request);
    if (request.count("Authorization") > 1) {
        return tl::unexpected<CredentialsRefusal>({400, "more than one Authorization header"});
    }
    credentials.authorization = request.find("Authorization").value_or(std::string_view());
    if (policy.cookie.empty() || !mayUseCookies(request, policy.origins)) return credentials;
    std::optional<std::string_view> cookie;
    for (const wire::HttpHeader& header : request.headers) {
        if (!wire::equalsIgnoringCase(header.name, "Cookie")) continue;
        // Another site of the same domain can add a second one; which of them is meant, nobody
        // can tell.
        if (!takeCookie(header.value, policy.cookie, cookie)) {
            return tl::unexpected<CredentialsRefusal>(
                {400, "the cookie of the token is there twice"});
        }
    }
    credentials.cookie = cookie.value_or(std::string_view());
    return credentials;
}

bool hasTokenInUrl(const wire::HttpRequest& request) {
    std::string_view rest = request.query;
    while (!rest.empty()) {
        std::string_view parameter = cut(rest, '&');
        const auto name = wire::percentDecode(cut(parameter, '='), true);
        const bool isToken = name && std::any_of(kTokenParameters.begin(), kTokenParameters.end(),
                                                 [&](std::string_view known) {
                                                     return wire::equalsIgnoringCase(*name, known);
                                                 });
        if (isToken) return true;
    }
    return false;
}

}  // namespace syncline::gateway
