// SPDX-License-Identifier: Apache-2.0
#include <merging/paths.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <syncline/plugin.hpp>
#include <vector>

namespace {

using syncline::Conflict;
using syncline::Path;
using syncline::Value;
using syncline::Verdicts;
using syncline::merging::isAtOrBeneath;

/// A patch as RFC 6902 has it, held against what is there: all of it or nothing.
class Steps {
public:
    explicit Steps(const Conflict& conflict)
        : steps_(conflict.incoming()), current_(conflict.current()) {}

    std::string_view pathOf(std::size_t step) const { return steps_.at(step)["path"].string(); }
    bool isTest(std::size_t step) const { return steps_.at(step)["op"].string() == "test"; }

    /// Whether some step counts elements in the array at `path`, and no earlier one looked.
    bool countsUnseen(std::string_view path) const {
        for (std::size_t i = 0; i < steps_.size(); ++i) {
            if (isTest(i)) continue;
            const std::string_view places[] = {pathOf(i), steps_.at(i)["from"].string()};
            for (const std::string_view place : places)
                if (isIndexIn(place, path) && !isTested(path, place, i)) return true;
        }
        return false;
    }

    bool isArray(std::string_view path) const {
        return syncline::merging::at(current_, path).isArray();
    }

private:
    // "-" is behind whatever is there.
    static bool isIndexIn(std::string_view place, std::string_view array) {
        return place.size() > array.size() + 1 && isAtOrBeneath(place, array) &&
               place.substr(array.size()) != "/-";
    }

    // A test of the array or of what holds it, of the element, or of something in the element.
    bool isTested(std::string_view array, std::string_view place, std::size_t before) const {
        const std::size_t end = place.find('/', array.size() + 1);
        const std::string_view element = place.substr(0, end);
        for (std::size_t i = 0; i < before; ++i) {
            if (!isTest(i)) continue;
            const std::string_view tested = pathOf(i);
            if (isAtOrBeneath(array, tested) || isAtOrBeneath(tested, element)) return true;
        }
        return false;
    }

    Value steps_;
    Value current_;
};

/// Patches apply whole or not at all; indexes count only in what the author has seen or tests.
class JsonPatch final : public syncline::ConflictStrategy {
public:
    void decide(const Conflict& conflict, Verdicts& verdicts) override {
        const bool isPatch = conflict.kind() == "patch";
        for (std::size_t i = 0; i < conflict.pathCount(); ++i) {
            const Path path = conflict.path(i);
            if (isPatch)
                decidePatch(conflict, path, i, verdicts);
            else if (path.conflicts && path.current != path.incoming)
                verdicts.otherwise(i);
            else
                verdicts.take(i);
        }
    }

private:
    static void decidePatch(const Conflict& conflict, const Path& path, std::size_t index,
                            Verdicts& verdicts) {
        const Steps steps(conflict);
        const int misfit = conflict.misfitStep();
        if (misfit >= 0 && fails(steps, static_cast<std::size_t>(misfit), path))
            return verdicts.conflict(index);
        // Of an array that nobody else changed since, the author's indexes are those of now.
        const bool isSeen = conflict.hasBase() && !path.conflicts;
        if (!isSeen && steps.isArray(path.path) && steps.countsUnseen(path.path))
            return verdicts.conflict(index);
        verdicts.take(index);
    }

    // A test that fails, or a place that somebody else took away.
    static bool fails(const Steps& steps, std::size_t misfit, const Path& path) {
        const std::string_view place = steps.pathOf(misfit);
        if (!isAtOrBeneath(place, path.path)) return false;
        return steps.isTest(misfit) || path.conflicts;
    }
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.json_patch", "1.0.0",
                syncline::conflictStrategy<JsonPatch>("json_patch")
                    .asksAlways()
                    .describes("RFC 6902: a patch applies whole or not at all, and a failed test "
                               "is a conflict."))
