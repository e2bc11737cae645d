// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <syncline/plugin.hpp>

namespace {

/// Ends the session's subscription to a channel.
class Unsubscribe final : public syncline::MessageHandler {
public:
    syncline::Outcome onMessage(const syncline::Message& message, syncline::Call& call) override {
        const std::string_view channel = message.channel();
        if (channel.empty()) return call.refuse(1102, "channel: a string is needed");
        call.channel().unsubscribe(channel);
        call.reply("unsubscribed",
                   [&](syncline::Builder& reply) { reply.set("channel", channel); });
        return syncline::Outcome::stop;
    }
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.unsubscribe", "1.0.0",
                syncline::handler<Unsubscribe>("unsubscribe")
                    .needs(SYNCLINE_CHANNEL_TABLE)
                    .describes("Ends the session's subscription to a channel."))
