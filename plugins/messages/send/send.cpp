// SPDX-License-Identifier: Apache-2.0
#include <string_view>
#include <syncline/plugin.hpp>

namespace {

using syncline::Answer;
using syncline::Builder;
using syncline::Call;
using syncline::Message;
using syncline::Outcome;
using syncline::Value;

/// Sends data to every connection of a user. Nobody keeps it.
class Send final : public syncline::MessageHandler {
public:
    Outcome onMessage(const Message& message, Call& call) override {
        const Value user = message["user"];
        const Value data = message["data"];
        if (!user.isString()) return call.refuse(1102, "user: a string is needed");
        if (!data.exists()) return call.refuse(1102, "data: a value is needed");
        syncline::Document body = host().document();
        body.object([&](Builder& members) { members.set("data", data); });
        return call.broadcast().toUser(user.string(), "message", body.result(), 0);
    }

    Outcome onResult(const Answer& answer, const Message&, Call& call) override {
        if (!answer.ok) return call.refuse();
        call.reply("sent", answer.value);
        return Outcome::stop;
    }
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.send", "1.0.0",
                syncline::handler<Send>("send")
                    .needs(SYNCLINE_BROADCAST_TABLE)
                    .describes("Sends data to every connection of a user; nobody keeps it."))
