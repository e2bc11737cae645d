// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <string>
#include <syncline/plugin.hpp>

namespace {

using syncline::Answer;
using syncline::Builder;
using syncline::Call;
using syncline::Message;
using syncline::Outcome;
using syncline::Value;

/// Tells the others who are live in a channel that what they derived from it is stale.
class Invalidate final : public syncline::MessageHandler {
public:
    void configure(const Value& config) override {
        keysMax_ = static_cast<std::size_t>(config["keys_max"].integer(1'000));
    }

    Outcome onMessage(const Message& message, Call& call) override {
        if (message.channel().empty()) return call.refuse(1102, "channel: a string is needed");
        const Value keys = message["keys"];
        if (keys.exists() && !isArrayOfStrings(keys)) {
            return call.refuse(1102, "keys: an array of strings is needed");
        }
        if (keys.size() > keysMax_) {
            return call.refuse(1203, "keys: at most " + std::to_string(keysMax_) + " at once");
        }
        syncline::Document body = host().document();
        body.object([&](Builder& members) {
            if (keys.exists()) members.set("keys", keys);
        });
        return call.broadcast().toChannel(message.channel(), "invalidated", body.result(), 0);
    }

    Outcome onResult(const Answer& answer, const Message& message, Call& call) override {
        if (!answer.ok) return call.refuse();
        call.reply("invalidated", [&](Builder& body) { body.set("channel", message.channel()); });
        return Outcome::stop;
    }

private:
    static bool isArrayOfStrings(const Value& value) {
        if (!value.isArray()) return false;
        for (const Value element : value) {
            if (!element.isString()) return false;
        }
        return true;
    }

    std::size_t keysMax_ = 1'000;
};

}  // namespace

SYNCLINE_PLUGIN(
    "dev.syncline.invalidate", "1.0.0",
    syncline::handler<Invalidate>("invalidate")
        .needs(SYNCLINE_BROADCAST_TABLE)
        .describes("Tells the others in a channel that what they derived from it is stale."))
