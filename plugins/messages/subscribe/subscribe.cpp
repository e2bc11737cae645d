// SPDX-License-Identifier: Apache-2.0
#include <syncline/plugin.hpp>

namespace {

/// Subscribes the session to a channel; the host answers with what the client lacks.
class Subscribe final : public syncline::MessageHandler {
public:
    syncline::Outcome onMessage(const syncline::Message& message, syncline::Call& call) override {
        if (message.channel().empty()) return call.refuse(1102, "channel: a string is needed");
        return call.channel().subscribe(message.body());
    }
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.subscribe", "1.0.0",
                syncline::handler<Subscribe>("subscribe")
                    .subscribes()
                    .needs(SYNCLINE_CHANNEL_TABLE)
                    .describes("Subscribes the session to a channel."))
