// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <string>
#include <syncline/plugin.hpp>

#include "wait_for_file.h"

namespace {

using namespace syncline;

/// Holds its thread until a file is there. Whether it declares that is up to the manifest.
class Blocks final : public MessageHandler {
public:
    void configure(const Value& config) override {
        until_ = config["until"].string();
        seconds_ = config["seconds"].number(30);
    }

    void drain() override { stop_ = true; }

    Outcome onMessage(const Message&, Call& call) override {
        test::waitForFile(until_, seconds_, stop_);
        call.reply("unblocked");
        return Outcome::stop;
    }

private:
    std::string until_;
    double seconds_ = 0;
    std::atomic<bool> stop_ = false;
};

}  // namespace

SYNCLINE_PLUGIN("test.blocking", "1.0.0", handler<Blocks>("blocks_as_declared").blocking(),
                handler<Blocks>("blocks_undeclared"))
