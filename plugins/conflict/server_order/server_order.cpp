// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <syncline/plugin.hpp>

namespace {

/// The last to arrive wins, per path.
class ServerOrder final : public syncline::ConflictStrategy {
public:
    void decide(const syncline::Conflict& conflict, syncline::Verdicts& verdicts) override {
        for (std::size_t i = 0; i < conflict.pathCount(); ++i) verdicts.take(i);
    }
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.server_order", "1.0.0",
                syncline::conflictStrategy<ServerOrder>("server_order")
                    .describes("The last op to arrive wins, per path."))
