// SPDX-License-Identifier: Apache-2.0
#include <syncline/plugin.hpp>

namespace {

/// Answers with the server's time.
class Ping final : public syncline::MessageHandler {
public:
    syncline::Outcome onMessage(const syncline::Message&, syncline::Call& call) override {
        call.reply("pong", [&](syncline::Builder& pong) { pong.set("time", clock().wallMs()); });
        return syncline::Outcome::stop;
    }
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.ping", "1.0.0",
                syncline::handler<Ping>("ping")
                    .needs(SYNCLINE_CLOCK_TABLE)
                    .describes("Answers with the server's time."))
