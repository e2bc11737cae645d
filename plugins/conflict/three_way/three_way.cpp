// SPDX-License-Identifier: Apache-2.0
#include <merging/merge.h>
#include <merging/settling.h>

#include <cstddef>
#include <string>
#include <syncline/plugin.hpp>
#include <vector>

namespace {

using syncline::Conflict;
using syncline::Document;
using syncline::Path;
using syncline::Value;
using syncline::Verdicts;
using syncline::merging::KeyedArray;
using syncline::merging::Merge;
using syncline::merging::Merged;
using syncline::merging::Place;
using syncline::merging::Sides;
using syncline::merging::writeSettled;

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
        Document merged = document();
        if (writeSettled(merge, path, index, verdicts, merged))
            verdicts.put(index, merged.result());
    }

    std::vector<KeyedArray> arrays_;
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.three_way", "1.0.0",
                syncline::conflictStrategy<ThreeWay>("three_way")
                    .describes("Merges disjoint changes; the rest goes to `otherwise`."))
