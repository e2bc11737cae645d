// SPDX-License-Identifier: Apache-2.0
#include <syncline/plugin.hpp>

namespace {

/// Sequences one op; the host answers with its verdict once that is durable.
class Op final : public syncline::MessageHandler {
public:
    syncline::Outcome onMessage(const syncline::Message& message, syncline::Call& call) override {
        if (message.channel().empty()) return call.refuse(1102, "channel: a string is needed");
        return call.channel().submit(message.body());
    }
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.op", "1.0.0",
                syncline::handler<Op>("op")
                    .carriesOps()
                    .needs(SYNCLINE_CHANNEL_TABLE)
                    .describes("Sequences one op on one record of a channel."))
