// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <string>
#include <syncline/plugin.hpp>

namespace {

using syncline::Call;
using syncline::Message;
using syncline::Outcome;
using syncline::Value;

/// Answers with a channel's records: all, or those of the keys that it names.
class Get final : public syncline::MessageHandler {
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
        return call.channel().snapshot(message.channel(), keys);
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

SYNCLINE_PLUGIN("dev.syncline.get", "1.0.0",
                syncline::handler<Get>("get")
                    .readsSnapshot()
                    .needs(SYNCLINE_CHANNEL_TABLE)
                    .describes("Answers with a channel's records."))
