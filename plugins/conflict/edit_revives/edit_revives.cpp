// SPDX-License-Identifier: Apache-2.0
#include <merging/paths.h>

#include <cstddef>
#include <syncline/plugin.hpp>

namespace {

/// An edit brings back what was deleted meanwhile; about two edits `otherwise` is asked.
class EditRevives final : public syncline::ConflictStrategy {
public:
    void decide(const syncline::Conflict& conflict, syncline::Verdicts& verdicts) override {
        for (std::size_t i = 0; i < conflict.pathCount(); ++i) {
            const syncline::Path path = conflict.path(i);
            if (path.current == path.incoming)
                verdicts.take(i);
            else if (!path.incoming.exists())
                verdicts.keep(i);
            else if (wasDeleted(conflict, path))
                verdicts.revive(i);
            else
                verdicts.otherwise(i);
        }
    }

private:
    static bool wasDeleted(const syncline::Conflict& conflict, const syncline::Path& path) {
        if (path.current.exists()) return false;
        if (!conflict.current().exists() || !conflict.baseKnown() || path.base.exists())
            return true;
        return syncline::merging::isGone(conflict.base(), conflict.current(), path.path);
    }
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.edit_revives", "1.0.0",
                syncline::conflictStrategy<EditRevives>("edit_revives")
                    .describes("An edit brings back what was deleted meanwhile."))
