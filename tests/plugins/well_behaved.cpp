// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <memory>
#include <string>
#include <syncline/plugin.hpp>

namespace {

using namespace syncline;

/// Answers with what it sees of a message, of its configuration and of its shard.
class Describe final : public MessageHandler {
public:
    void configure(const Value& config) override {
        label_ = config["label"].string("described");
        if (config["limit"].number() > 100) throw ConfigError("/limit", "at most 100");
        handled_ = metrics().counter("handled", "messages that were described");
    }

    std::unique_ptr<ShardState> openShard(std::uint32_t index) override {
        auto shard = std::make_unique<Shard>();
        shard->index = index;
        return shard;
    }

    Outcome onMessage(const Message& message, Call& call) override {
        auto& shard = call.shard<Shard>();
        ++shard.count;
        handled_.add();
        call.reply(label_, [&](Builder& reply) {
            reply.set("user", message.user()).set("transport", message.transport());
            reply.set("count", shard.count).set("shard", shard.index).set("body", message.body());
        });
        return Outcome::stop;
    }

private:
    struct Shard : ShardState {
        std::uint32_t index = 0;
        std::uint64_t count = 0;
    };

    std::string label_;
    Counter handled_;
};

/// A filter: lets everything pass but messages that say so themselves, with the code that they say.
class RefuseIfAsked final : public MessageHandler {
public:
    Outcome onMessage(const Message& message, Call& call) override {
        const Value reason = message["refuse"];
        if (!reason) return Outcome::proceed;
        return call.refuse(static_cast<std::uint32_t>(message["code"].integer(1212)),
                           reason.string());
    }
};

}  // namespace

SYNCLINE_PLUGIN("test.well_behaved", "1.2.3",
                handler<Describe>("describe")
                    .uses(SYNCLINE_METRICS_TABLE)
                    .describes("answers with what it sees of a message, a \"mirror\""),
                handler<RefuseIfAsked>("refuse_if_asked").filter())
