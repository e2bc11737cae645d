// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <string>
#include <syncline/plugin.hpp>
#include <vector>

#include "merge.h"

namespace {

using syncline::Conflict;
using syncline::Document;
using syncline::Path;
using syncline::Value;
using syncline::Verdicts;
using syncline::three_way::KeyedArray;
using syncline::three_way::Merge;
using syncline::three_way::Merged;
using syncline::three_way::Place;
using syncline::three_way::Settled;
using syncline::three_way::Sides;

/// Merges what the op and the server each made of the same base: what only one of them changed is
/// taken from it. About each place that both changed to different values, the strategy that the
/// configuration names under `otherwise` is asked.
class ThreeWay final : public syncline::ConflictStrategy {
public:
    void configure(const Value& config) override {
        for (const auto [path, idKey] : config["arrays"].members()) {
            arrays_.push_back({std::string(path), std::string(idKey.string())});
        }
    }

    void decide(const Conflict& conflict, Verdicts& verdicts) override {
        const Merge merge(arrays_);
        for (std::size_t i = 0; i < conflict.pathCount(); ++i) {
            const Path path = conflict.path(i);
            if (path.current == path.incoming) {
                verdicts.take(i);
            } else if (!conflict.baseKnown()) {
                // Each path that is asked about carries the stamp of another stream: nothing says
                // that within it the two changes are apart.
                verdicts.otherwise(i);
            } else {
                decideBased(merge, path, i, verdicts);
            }
        }
    }

private:
    void decideBased(const Merge& merge, const Path& path, std::size_t index,
                     Verdicts& verdicts) const {
        const Sides sides = {path.base, path.current, path.incoming};
        const Place place = {std::string(path.path), std::string(path.path)};
        switch (merge.compare(sides, place)) {
            case Merged::current:
                return verdicts.keep(index);
            case Merged::incoming:
                return verdicts.take(index);
            case Merged::conflict:
                return verdicts.otherwise(index);
            case Merged::within:
                break;
        }
        syncline_verdict stop = SYNCLINE_CONFLICT;
        const auto settle = [&](const Sides& within, const Place& where) -> Settled {
            const auto answer = verdicts.otherwise(
                index, {where.called, within.base, within.current, within.incoming, path.stampSeq});
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
        Document merged = document();
        if (!merge.write(sides, place, settle, merged)) return verdicts.stop(index, stop);
        verdicts.put(index, merged.result());
    }

    std::vector<KeyedArray> arrays_;
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.three_way", "1.0.0",
                syncline::conflictStrategy<ThreeWay>("three_way")
                    .describes("Merges disjoint changes; the rest goes to `otherwise`."))
