// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <syncline/plugin.hpp>

namespace {

using syncline::Call;
using syncline::Message;
using syncline::Outcome;
using syncline::Value;

bool isWhole(const Value& value, double least) {
    constexpr double kLargest = 9'007'199'254'740'991;
    if (!value.isNumber()) return false;
    const double number = value.number();
    return number >= least && number <= kLargest &&
           number == static_cast<double>(static_cast<std::int64_t>(number));
}

/// Answers with a part of a channel's log.
class History final : public syncline::MessageHandler {
public:
    void configure(const Value& config) override {
        limitMax_ = static_cast<std::uint64_t>(config["limit_max"].integer(1'000));
        limit_ = static_cast<std::uint64_t>(config["limit"].integer(100));
    }

    Outcome onMessage(const Message& message, Call& call) override {
        if (message.channel().empty()) return call.refuse(1102, "channel: a string is needed");
        const Value from = message["from"];
        if (!isWhole(from, 1)) return call.refuse(1102, "from: a whole number from 1 is needed");
        const Value limit = message["limit"];
        if (limit.exists() && !isWhole(limit, 1)) {
            return call.refuse(1102, "limit: a whole number from 1 is needed");
        }
        const Value values = message["values"];
        if (values.exists() && !values.isBoolean()) {
            return call.refuse(1102, "values: true or false is needed");
        }
        const auto asked = limit.exists() ? static_cast<std::uint64_t>(limit.number()) : limit_;
        const std::uint64_t most = std::min(asked, limitMax_);
        const auto first = static_cast<std::uint64_t>(from.number());
        if (!values.boolean()) return call.channel().history(message.channel(), first, most);
        syncline::Document request = document();
        request.object([&](syncline::Builder& span) {
            span.set("from", first).set("limit", most).set("values", true);
        });
        return call.channel().historyOf(message.channel(), request.result());
    }

private:
    std::uint64_t limitMax_ = 1'000;
    std::uint64_t limit_ = 100;
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.history", "1.0.0",
                syncline::handler<History>("history")
                    .readsHistory()
                    .needs("draft.channel/1.2")
                    .describes("Answers with a part of a channel's log."))
