// SPDX-License-Identifier: Apache-2.0
#include <syncline/plugin.hpp>

namespace {

using syncline::Answer;
using syncline::Builder;
using syncline::Call;
using syncline::Message;
using syncline::Outcome;
using syncline::Value;

/// Sends data to the others who are live in a channel. Nobody keeps it.
class Publish final : public syncline::MessageHandler {
public:
    Outcome onMessage(const Message& message, Call& call) override {
        if (message.channel().empty()) return call.refuse(1102, "channel: a string is needed");
        const Value data = message["data"];
        if (!data.exists()) return call.refuse(1102, "data: a value is needed");
        syncline::Document body = host().document();
        body.object([&](Builder& members) { members.set("data", data); });
        return call.broadcast().toChannel(message.channel(), "message", body.result(), 0);
    }

    Outcome onResult(const Answer& answer, const Message& message, Call& call) override {
        if (!answer.ok) return call.refuse();
        call.reply("published", [&](Builder& body) { body.set("channel", message.channel()); });
        return Outcome::stop;
    }
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.publish", "1.0.0",
                syncline::handler<Publish>("publish")
                    .needs(SYNCLINE_BROADCAST_TABLE)
                    .describes("Sends data to the others in a channel; nobody keeps it."))
