// SPDX-License-Identifier: Apache-2.0
#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <stdexcept>
#include <string>
#include <string_view>
#include <syncline/plugin.hpp>
#include <vector>

namespace {

using syncline::AuthAnswer;
using syncline::Builder;
using syncline::Credentials;
using syncline::Value;

/// The user behind a client id: the same on every transport and server, and no way back to the id,
/// which is secret. 128 bits: nobody finds a second id for somebody's user.
std::string userOf(std::string_view client) {
    const std::string hashed = "syncline anonymous user: " + std::string(client);
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest = {};
    const int done =
        EVP_Digest(hashed.data(), hashed.size(), digest.data(), nullptr, EVP_sha256(), nullptr);
    if (done != 1) throw std::runtime_error("SHA-256 is not available");
    constexpr std::size_t shownBytes = 16;
    constexpr std::string_view digits = "0123456789abcdef";
    std::string user = "anon-";
    for (std::size_t i = 0; i < shownBytes; ++i) {
        user += digits[digest[i] >> 4U];
        user += digits[digest[i] & 15U];
    }
    return user;
}

/// Lets in who shows no credentials. Somebody who shows some wants to be who they say: that they
/// were not good must not make them a stranger without a word.
class Anonymous final : public syncline::AuthProvider {
public:
    void configure(const Value& config) override {
        for (const Value role : config["roles"]) roles_.emplace_back(role.string());
    }

    AuthAnswer authenticate(const Credentials& shown, Builder& principal) override {
        const bool shows =
            !shown.token.empty() || !shown.authorization.empty() || !shown.cookie.empty();
        if (shows) return AuthAnswer::notMine;
        if (shown.client.empty()) return AuthAnswer::notMine;
        principal.object([&](Builder& who) {
            who.set("user", userOf(shown.client));
            who.array("roles", [&](Builder& roles) {
                for (const std::string& role : roles_) roles.add(role);
            });
        });
        return AuthAnswer::accept;
    }

private:
    std::vector<std::string> roles_;
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.anonymous", "1.0.0",
                syncline::authProvider<Anonymous>("anonymous")
                    .openToAnyone()
                    .describes("Lets in clients that show no credentials."))
