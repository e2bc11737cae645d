// SPDX-License-Identifier: Apache-2.0
// What is sent as a token: taken apart as it is, then with a good signature under any header and
// any claims, so that what stands behind the signature is reached; and sets of keys.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "expect.h"
#include "jose/base64url.h"
#include "jose/verify.h"

namespace {

using namespace syncline;

constexpr std::int64_t kNowMs = 1'700'000'000'000;

const jose::Key& ownKey() {
    static const jose::Key key = *jose::Key::fromSecret(std::string(32, 's'), "own");
    return key;
}

const jose::KeySet& ownKeys() {
    static const jose::KeySet keys = [] {
        jose::KeySet made;
        SYNCLINE_EXPECT(made.add(ownKey()));
        return made;
    }();
    return keys;
}

jose::Rules rules() {
    jose::Rules rules;
    rules.issuer = "i";
    rules.algorithms.assign(jose::kAlgorithms.begin(), jose::kAlgorithms.end());
    return rules;
}

void checkBase64Url(std::string_view text) {
    const auto bytes = jose::decodeBase64Url(text);
    SYNCLINE_EXPECT(!bytes || jose::encodeBase64Url(*bytes) == text);
    SYNCLINE_EXPECT(jose::decodeBase64Url(jose::encodeBase64Url(text)) == text);
}

void checkKeys(std::string_view text, std::string_view token) {
    std::vector<std::string> leftOut;
    const auto keys = jose::KeySet::parse(text, leftOut);
    if (!keys) return;
    SYNCLINE_EXPECT(!keys->keys().empty());
    static_cast<void>(jose::verify(token, *keys, rules(), kNowMs));
}

// Whoever has the key may write anything; what counts is of the form all the same.
void checkSigned(std::string_view header, std::string_view claims) {
    std::string token = jose::encodeBase64Url(header) + "." + jose::encodeBase64Url(claims);
    token += "." + jose::encodeBase64Url(*ownKey().sign(token));
    const auto verified = jose::verify(token, ownKeys(), rules(), kNowMs);
    if (!verified) {
        SYNCLINE_EXPECT(!verified.error().reason.empty());
        return;
    }
    SYNCLINE_EXPECT(verified->claims.IsObject());
    SYNCLINE_EXPECT(verified->claims["iss"] == "i");
    SYNCLINE_EXPECT(verified->expiresAtMs > kNowMs);

    const std::size_t signature = token.rfind('.') + 1;
    token[signature] = token[signature] == 'A' ? 'B' : 'A';
    SYNCLINE_EXPECT(!jose::verify(token, ownKeys(), rules(), kNowMs));
}

}  // namespace

/// Two texts, parted by the first 0xff: a byte that UTF-8 never has.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(bytes), size);
    const std::size_t part = std::min(input.find('\xff'), size);
    const std::string_view one = input.substr(0, part);
    const std::string_view other = input.substr(std::min(part + 1, size));
    checkBase64Url(one);
    static_cast<void>(jose::looksLikeToken(one));
    static_cast<void>(jose::parseToken(one, jose::Rules().bytesMax));
    checkKeys(one, other);
    checkSigned(one, other);
    return 0;
}
