// SPDX-License-Identifier: Apache-2.0
#include <syncline/plugin.hpp>

class Echo final : public syncline::MessageHandler {
public:
    syncline::Outcome onMessage(const syncline::Message& message, syncline::Call& call) override {
        call.reply("echo", message.body());
        return syncline::Outcome::stop;
    }
};
SYNCLINE_PLUGIN("com.acme.echo", "1.0.0", syncline::handler<Echo>("echo"))
