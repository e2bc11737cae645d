// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <string>
#include <syncline/plugin.hpp>

namespace {

using syncline::Call;
using syncline::Message;
using syncline::Outcome;
using syncline::Value;

/// Answers with a channel's records: all, those of the keys that it names, or those whose keys
/// begin as it says.
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
        const Value prefix = message["prefix"];
        if (prefix.exists() && !prefix.isString()) {
            return call.refuse(1102, "prefix: a string is needed");
        }
        if (prefix.exists() && keys.exists()) {
            return call.refuse(1102, "prefix: there are keys already");
        }
        const Value digest = message["digest"];
        if (digest.exists() && !digest.isBoolean()) {
            return call.refuse(1102, "digest: true or false is needed");
        }
        if (!prefix.exists() && !digest.boolean()) {
            return call.channel().snapshot(message.channel(), keys);
        }
        return call.channel().snapshotOf(message.channel(), message.body());
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
                    .needs("draft.channel/1.2")
                    .describes("Answers with a channel's records."))
