// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <syncline/plugin.hpp>

namespace {

using syncline::Call;
using syncline::Message;
using syncline::Outcome;
using syncline::Value;

/// Sequences several ops at once: one after the other, or as one that stands or falls as a whole.
class Batch final : public syncline::MessageHandler {
public:
    void configure(const Value& config) override {
        type_ = config["type"].exists() ? std::string(config["type"].string()) : "op";
    }

    Outcome onMessage(const Message& message, Call& call) override {
        if (message.channel().empty()) return call.refuse(1102, "channel: a string is needed");
        const Value atomic = message["atomic"];
        if (atomic.exists() && !atomic.isBoolean()) {
            return call.refuse(1102, "atomic: true or false is needed");
        }
        return call.channel().submit(message.body(), type_, atomic.boolean());
    }

private:
    std::string type_ = "op";
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.batch", "1.0.0",
                syncline::handler<Batch>("batch")
                    .carriesBatches()
                    .needs("draft.channel/1.1")
                    .describes("Sequences several ops at once, all or none of them if it is told."))
