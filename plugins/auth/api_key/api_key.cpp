// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <syncline/plugin.hpp>
#include <vector>

#include "key.h"

namespace {

using syncline::AuthAnswer;
using syncline::Builder;
using syncline::ConfigError;
using syncline::Credentials;
using syncline::Refusal;
using syncline::Value;
using syncline::api_key::Key;

constexpr std::uint32_t kTokenInvalid = 1301;
constexpr std::uint32_t kTokenExpired = 1302;

Key readKey(const Value& config, const std::string& pointer) {
    Key key;
    key.id = config["id"].string();
    key.user = config["user"].string();
    for (const Value role : config["roles"]) key.roles.emplace_back(role.string());
    const auto hash = syncline::api_key::parseHash(config["hash"].string());
    if (!hash) throw ConfigError(pointer + "/hash", "'sha256:' and 64 hex digits are needed");
    key.hash = *hash;
    if (const Value expires = config["expires"]) {
        const auto at = syncline::api_key::parseUtc(std::string(expires.string()));
        if (!at) throw ConfigError(pointer + "/expires", "there is no such day or time");
        key.expiresAtMs = *at;
    }
    return key;
}

/// Lets in who shows one of the configured keys. Only their hashes are known here: keys are random
/// and long, so one SHA-256 cannot be turned back, and slow hashes would protect nothing.
class ApiKey final : public syncline::AuthProvider {
public:
    void configure(const Value& config) override {
        std::set<std::string, std::less<>> ids;
        const Value keys = config["keys"];
        for (std::size_t i = 0; i < keys.size(); ++i) {
            const std::string pointer = "/keys/" + std::to_string(i);
            Key key = readKey(keys.at(i), pointer);
            if (!ids.insert(key.id).second) {
                throw ConfigError(pointer + "/id", "there is another key '" + key.id + "'");
            }
            keys_.push_back(std::move(key));
        }
        ids_ = std::move(ids);
    }

    AuthAnswer authenticate(const Credentials& shown, Builder& principal) override {
        const std::string_view token = shown.anyToken();
        const auto id = syncline::api_key::idOfShown(token);
        if (!id || ids_.find(*id) == ids_.end()) return AuthAnswer::notMine;
        const Key* key = syncline::api_key::findKey(keys_, *id, syncline::api_key::hashOf(token));
        if (key == nullptr) {
            throw Refusal(kTokenInvalid, "this is not the key '" + std::string(*id) + "'");
        }
        if (key->expiresAtMs != 0 && key->expiresAtMs <= shown.nowMs) {
            throw Refusal(kTokenExpired, "the key '" + key->id + "' has expired");
        }
        build(*key, principal);
        return AuthAnswer::accept;
    }

private:
    static void build(const Key& key, Builder& principal) {
        principal.object([&](Builder& who) {
            who.set("user", key.user);
            who.array("roles", [&](Builder& roles) {
                for (const std::string& role : key.roles) roles.add(role);
            });
            if (key.expiresAtMs != 0) who.set("expiresAt", key.expiresAtMs);
        });
    }

    std::vector<Key> keys_;
    std::set<std::string, std::less<>> ids_;
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.api_key", "1.0.0",
                syncline::authProvider<ApiKey>("api_key").describes(
                    "Lets in who shows one of the keys whose hashes are configured."))
