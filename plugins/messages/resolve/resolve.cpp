// SPDX-License-Identifier: Apache-2.0
#include <syncline/plugin.hpp>

namespace {

/// Decides about a conflict that was kept; the host answers as it answers an op.
class Resolve final : public syncline::MessageHandler {
public:
    syncline::Outcome onMessage(const syncline::Message& message, syncline::Call& call) override {
        if (message.channel().empty()) return call.refuse(1102, "channel: a string is needed");
        return call.channel().resolve(message.body());
    }
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.resolve", "1.0.0",
                syncline::handler<Resolve>("resolve")
                    .resolvesConflicts()
                    .needs("draft.channel/1.2")
                    .describes("Decides about a conflict that was kept."))
