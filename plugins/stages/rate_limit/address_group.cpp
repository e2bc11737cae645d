// SPDX-License-Identifier: Apache-2.0
#include "address_group.h"

#include <arpa/inet.h>

#include <array>
#include <cstring>

namespace syncline::rate_limit {

namespace {

constexpr std::size_t kNetworkBytes = 8;
constexpr std::size_t kIpv4At = 12;

bool isIpv4InIpv6(const in6_addr& address) {
    return IN6_IS_ADDR_V4MAPPED(&address);
}

}  // namespace

std::string addressGroup(std::string_view address) {
    if (address.find(':') == std::string_view::npos) return std::string(address);
    // A link-local address may name its interface behind a percent sign.
    const std::string bare(address.substr(0, address.find('%')));
    in6_addr parsed = {};
    if (inet_pton(AF_INET6, bare.c_str(), &parsed) != 1) return std::string(address);
    std::array<char, INET6_ADDRSTRLEN> text = {};
    if (isIpv4InIpv6(parsed)) {
        inet_ntop(AF_INET, &parsed.s6_addr[kIpv4At], text.data(), text.size());
        return text.data();
    }
    std::memset(&parsed.s6_addr[kNetworkBytes], 0, kNetworkBytes);
    inet_ntop(AF_INET6, &parsed, text.data(), text.size());
    return std::string(text.data()) + "/64";
}

}  // namespace syncline::rate_limit
