// SPDX-License-Identifier: Apache-2.0
#include <syncline/plugin.hpp>

namespace {

using syncline::Call;
using syncline::Message;
using syncline::Outcome;

/// Says who is in a channel, and whether the sender is.
class Presence final : public syncline::MessageHandler {
public:
    Outcome onMessage(const Message& message, Call& call) override {
        if (message.channel().empty()) return call.refuse(1102, "channel: a string is needed");
        return call.channel().presence(message.body());
    }
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.presence", "1.0.0",
                syncline::handler<Presence>("presence")
                    .needs(SYNCLINE_CHANNEL_TABLE)
                    .describes("Says who is in a channel, and whether the sender is."))
