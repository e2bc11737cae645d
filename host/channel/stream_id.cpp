// SPDX-License-Identifier: Apache-2.0
#include "channel/stream_id.h"

#include <openssl/evp.h>

#include <array>

#include "channel/bytes.h"
#include "core/ids.h"

namespace syncline::channel {

namespace {

StreamId digestOf(std::string_view name) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    EVP_Digest(name.data(), name.size(), digest.data(), &size, EVP_sha256(), nullptr);
    ByteReader bytes(std::string_view(reinterpret_cast<const char*>(digest.data()), 16));
    StreamId id;
    id.high = bytes.fixed64();
    id.low = bytes.fixed64();
    return id;
}

}  // namespace

StreamId StreamId::of(const Author& author) {
    // Lengths in front, so that two pairs never have the same bytes.
    std::string name;
    appendText(name, author.user);
    appendText(name, author.client);
    return digestOf(name);
}

StreamId StreamId::ofKey(std::string_view user, std::string_view key) {
    // No client begins like this: a name has no control characters.
    std::string name;
    appendText(name, user);
    appendText(name, "\x01" + std::string(key));
    return digestOf(name);
}

std::string StreamId::toHex() const {
    return core::toHex16(high) + core::toHex16(low);
}

std::optional<StreamId> StreamId::fromHex(std::string_view text) {
    StreamId id;
    if (text.size() != 32 || !core::fromHex16(text.substr(0, 16), id.high) ||
        !core::fromHex16(text.substr(16), id.low))
        return std::nullopt;
    return id;
}

}  // namespace syncline::channel
