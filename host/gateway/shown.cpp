// SPDX-License-Identifier: Apache-2.0
#include "gateway/shown.h"

#include <string_view>
#include <utility>

namespace syncline::gateway {

namespace {

std::string headerOf(const wire::HttpRequest& request, std::string_view name) {
    return std::string(request.find(name).value_or(std::string_view()));
}

}  // namespace

std::string withoutPort(std::string peer) {
    const std::size_t colon = peer.rfind(':');
    if (colon != std::string::npos) peer.resize(colon);
    if (peer.size() >= 2 && peer.front() == '[') peer = peer.substr(1, peer.size() - 2);
    return peer;
}

Shown shownBy(const wire::HttpRequest& request, std::string peer) {
    Shown shown;
    shown.authorization = headerOf(request, "Authorization");
    shown.address = withoutPort(std::move(peer));
    // A link or an image of a foreign page has no Origin; the browser says so in another way.
    const bool foreign =
        !request.find("Origin") && request.hasToken("Sec-Fetch-Site", "cross-site");
    if (!foreign) shown.cookie = headerOf(request, "Cookie");
    return shown;
}

}  // namespace syncline::gateway
