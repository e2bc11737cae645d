// SPDX-License-Identifier: Apache-2.0
#include <jose/token.h>
#include <jose/verify.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <syncline/plugin.hpp>
#include <utility>

#include "key_file.h"
#include "mapping.h"
#include "settings.h"

namespace {

using syncline::AuthAnswer;
using syncline::Builder;
using syncline::Credentials;
using syncline::Value;
using syncline::jose::Refusal;
using syncline::jwt::KeyFile;
using syncline::jwt::Settings;

constexpr std::uint32_t kTokenInvalid = 1301;
constexpr std::uint32_t kTokenExpired = 1302;

/// Lets in who shows a token that one of the issuer's keys has signed. Why another is refused is
/// said in full, for the log; the host tells the client nothing of it.
class Jwt final : public syncline::AuthProvider {
public:
    void configure(const Value& config) override {
        settings_.emplace(syncline::jwt::readSettings(config));
        keys_ = std::make_unique<KeyFile>(settings_->keysPath, settings_->reloadMs,
                                          std::move(settings_->secret), host());
    }

    void start() override { keys_->load(); }

    AuthAnswer authenticate(const Credentials& shown, Builder& principal) override {
        const std::string_view token = shown.anyToken();
        if (!syncline::jose::looksLikeToken(token)) return AuthAnswer::notMine;
        auto keys = keys_->keys();
        auto verified = syncline::jose::verify(token, *keys, settings_->rules, shown.nowMs);
        if (!verified && verified.error().kind == Refusal::Kind::unknownKey) {
            // The issuer may have begun to use a key that it published a moment ago.
            if (auto newer = keys_->newerKeys()) {
                keys = std::move(newer);
                verified = syncline::jose::verify(token, *keys, settings_->rules, shown.nowMs);
            }
        }
        if (!verified) return turnAway(verified.error());
        syncline::jwt::build(settings_->mapping, verified->claims, verified->expiresAtMs,
                             principal);
        return AuthAnswer::accept;
    }

private:
    AuthAnswer turnAway(const Refusal& refusal) const {
        if (refusal.kind == Refusal::Kind::foreign) {
            log().info("a token is left to other providers: " + refusal.reason);
            return AuthAnswer::notMine;
        }
        const bool expired = refusal.kind == Refusal::Kind::expired;
        throw syncline::Refusal(expired ? kTokenExpired : kTokenInvalid, refusal.reason);
    }

    std::optional<Settings> settings_;
    std::unique_ptr<KeyFile> keys_;
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.jwt", "1.0.0",
                syncline::authProvider<Jwt>("jwt")
                    .needs(SYNCLINE_CLOCK_TABLE)
                    .uses(SYNCLINE_LOG_TABLE)
                    .uses(SYNCLINE_METRICS_TABLE)
                    .describes("Lets in who shows a signed token of the configured issuer."))
