// SPDX-License-Identifier: Apache-2.0
#include "session/origin.h"

#include <openssl/sha.h>

#include <array>
#include <cstdint>

#include "core/ids.h"

namespace syncline::session {

std::string originOf(std::string_view client) {
    const std::string text = "origin:" + std::string(client);
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data());
    std::uint64_t head = 0;
    for (std::size_t i = 0; i < 8; ++i) head = head << 8 | digest[i];
    return core::toHex16(head);
}

}  // namespace syncline::session
