// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <string>
#include <syncline/plugin.hpp>

namespace {

using syncline::Call;
using syncline::Message;
using syncline::Outcome;
using syncline::Value;

/// Tells a client what became of its own numbers.
class Status final : public syncline::MessageHandler {
public:
    void configure(const Value& config) override {
        numbersMax_ = static_cast<std::size_t>(config["numbers_max"].integer(1'000));
    }

    Outcome onMessage(const Message& message, Call& call) override {
        if (message.channel().empty()) return call.refuse(1102, "channel: a string is needed");
        const Value numbers = message["n"];
        if (!numbers.isArray()) return call.refuse(1102, "n: an array of numbers is needed");
        if (numbers.size() > numbersMax_) {
            return call.refuse(1203, "n: at most " + std::to_string(numbersMax_) + " at once");
        }
        return call.channel().outcomes(message.channel(), numbers);
    }

private:
    std::size_t numbersMax_ = 1'000;
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.status", "1.0.0",
                syncline::handler<Status>("status")
                    .needs("draft.channel/1.1")
                    .describes("Tells a client what became of its own ops."))
