// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <syncline/plugin.hpp>

namespace {

/// What the server has stands: the op is a conflict, and its sender is shown the server's value.
class ServerWins final : public syncline::ConflictStrategy {
public:
    void decide(const syncline::Conflict& conflict, syncline::Verdicts& verdicts) override {
        for (std::size_t i = 0; i < conflict.pathCount(); ++i) verdicts.conflict(i);
    }
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.server_wins", "1.0.0",
                syncline::conflictStrategy<ServerWins>("server_wins")
                    .describes("What the server has stands, and the op is a conflict."))
