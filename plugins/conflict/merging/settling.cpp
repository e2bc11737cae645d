// SPDX-License-Identifier: Apache-2.0
#include "settling.h"

#include <string>

namespace syncline::merging {

bool writeSettled(const Merge& merge, const Path& path, std::size_t index, Verdicts& verdicts,
                  Builder& out) {
    const Sides sides = {path.base, path.current, path.incoming};
    const Place place = {std::string(path.path), std::string(path.path)};
    syncline_verdict stop = SYNCLINE_CONFLICT;
    const auto settle = [&](const Sides& within, const Place& where) -> Settled {
        const auto answer =
            verdicts.otherwise(index, {where.called, within.base, within.current, within.incoming,
                                       path.stampSeq, path.conflicts});
        switch (answer.verdict) {
            case SYNCLINE_KEEP:
                return {false, within.current};
            case SYNCLINE_TAKE:
                return {false, within.incoming};
            case SYNCLINE_PUT:
                return {false, answer.value};
            default:
                // A refusal anywhere is the whole op's.
                if (stop != SYNCLINE_REFUSE_OP) stop = answer.verdict;
                return {true, {}};
        }
    };
    if (merge.write(sides, place, settle, out)) return true;
    verdicts.stop(index, stop);
    return false;
}

}  // namespace syncline::merging
