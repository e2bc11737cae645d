// SPDX-License-Identifier: Apache-2.0
// Auth providers, each wrong in one thing that the suite has to find, and the right one.
#include <cstdint>
#include <string>
#include <string_view>
#include <syncline/plugin.hpp>

namespace syncline::wrong {
namespace {

constexpr std::string_view kPrefix = "note-";
constexpr std::uint32_t kTokenInvalid = 1301;
constexpr std::uint32_t kTokenExpired = 1302;

/// Knows one token, `note-` and a secret, which is good until a day.
class RightProvider : public AuthProvider {
public:
    void configure(const Value& config) override {
        secret_ = config["secret"].string();
        if (secret_.empty()) throw ConfigError("/secret", "an empty secret protects nothing");
        goodUntilMs_ = config["good_until"].integer();
    }

    AuthAnswer authenticate(const Credentials& shown, Builder& principal) override {
        if (shown.token.substr(0, kPrefix.size()) != kPrefix) return stranger();
        if (!isGood(shown.token)) throw Refusal(kTokenInvalid, reason(shown.token));
        if (nowMs(shown) > goodUntilMs_) throw Refusal(kTokenExpired, "the token has expired");
        build(principal);
        return AuthAnswer::accept;
    }

protected:
    // What the wrong ones do in another way.
    virtual AuthAnswer stranger() { return AuthAnswer::notMine; }
    virtual bool isGood(std::string_view token) { return token.substr(kPrefix.size()) == secret_; }
    virtual std::string reason(std::string_view) { return "this is not the token"; }
    virtual std::int64_t nowMs(const Credentials& shown) { return shown.nowMs; }
    virtual void build(Builder& principal) {
        principal.object([&](Builder& who) {
            who.set("user", "writer").set("expiresAt", goodUntilMs_);
            who.array("roles", [](Builder& roles) { roles.add("note"); });
        });
    }
    std::int64_t goodUntilMs_ = 0;

private:
    std::string secret_;
};

/// Looks at the beginning alone.
class AcceptsAnySecret final : public RightProvider {
    bool isGood(std::string_view) override { return true; }
};

/// Shows in the log, and to the peer, what was shown to it.
class TellsTheToken final : public RightProvider {
    std::string reason(std::string_view token) override {
        return "the token " + std::string(token) + " is wrong";
    }
};

/// Lets in, and does not say whom.
class NamesNobody final : public RightProvider {
    void build(Builder&) override {}
};

/// Knows the last good token again by where it lay, in memory that was only lent.
class KeepsAView final : public RightProvider {
    AuthAnswer authenticate(const Credentials& shown, Builder& principal) override {
        const bool known = lastGood_.data() == shown.token.data() && !lastGood_.empty();
        if (known && lastGood_.size() == shown.token.size()) {
            build(principal);
            return AuthAnswer::accept;
        }
        const AuthAnswer answer = RightProvider::authenticate(shown, principal);
        if (answer == AuthAnswer::accept) lastGood_ = shown.token;
        return answer;
    }
    std::string_view lastGood_;
};

/// Takes everything for its own: nobody behind it in the list is ever asked.
class RefusesStrangers final : public RightProvider {
    AuthAnswer stranger() override { throw Refusal(kTokenInvalid, "this is no token of mine"); }
};

/// Asks a clock of its own for the time at which the host decided.
class HasItsOwnTime final : public RightProvider {
    std::int64_t nowMs(const Credentials&) override { return clock().wallMs(); }
};

}  // namespace
}  // namespace syncline::wrong

using namespace syncline;
using namespace syncline::wrong;

SYNCLINE_PLUGIN("dev.syncline.wrong.auth", "1.0.0", authProvider<RightProvider>("right"),
                authProvider<AcceptsAnySecret>("accepts_any_secret"),
                authProvider<TellsTheToken>("tells_the_token"),
                authProvider<NamesNobody>("names_nobody"), authProvider<KeepsAView>("keeps_a_view"),
                authProvider<RefusesStrangers>("refuses_strangers"),
                authProvider<HasItsOwnTime>("has_its_own_time").needs(SYNCLINE_CLOCK_TABLE))
