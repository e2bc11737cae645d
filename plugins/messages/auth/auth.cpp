// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <syncline/plugin.hpp>

namespace {

using syncline::Answer;
using syncline::Call;
using syncline::Message;
using syncline::Outcome;
using syncline::Value;

constexpr std::uint32_t kBadField = 1102;

constexpr std::uint32_t kVerified = 1;  // the tag of the one question that it asks

/// Has a newer token verified and goes on as its principal. That it is the same user's, the host
/// sees to.
class Auth final : public syncline::MessageHandler {
public:
    Outcome onMessage(const Message& message, Call& call) override {
        const Value token = message["token"];
        if (token.string().empty()) return call.refuse(kBadField, "token: a string is needed");
        return call.auth().verify({}, token.string(), kVerified);
    }

    Outcome onResult(const Answer& answer, const Message&, Call& call) override {
        if (!answer.ok) return call.refuse();
        call.reply("authed", call.session().refresh(answer.value));
        return Outcome::stop;
    }
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.auth", "1.0.0",
                syncline::handler<Auth>("auth")
                    .needs(SYNCLINE_AUTH_TABLE)
                    .needs(SYNCLINE_SESSION_TABLE ".1")
                    .describes("Goes on with a newer token of the same user."))
