// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <syncline/plugin.hpp>

namespace {

/// The op wins, also over a delete: then the record is what the op makes of its base.
class ClientWins final : public syncline::ConflictStrategy {
public:
    void decide(const syncline::Conflict& conflict, syncline::Verdicts& verdicts) override {
        const bool isDeleted = !conflict.current().exists();
        for (std::size_t i = 0; i < conflict.pathCount(); ++i) {
            if (isDeleted && conflict.path(i).incoming.exists())
                verdicts.revive(i);
            else
                verdicts.take(i);
        }
    }
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.client_wins", "1.0.0",
                syncline::conflictStrategy<ClientWins>("client_wins")
                    .describes("The incoming op wins; what it overwrites stays in the history."))
