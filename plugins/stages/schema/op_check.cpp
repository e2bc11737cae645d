// SPDX-License-Identifier: Apache-2.0
#include "op_check.h"

#include <cmath>
#include <string>
#include <string_view>

#include "check.h"
#include "descent.h"
#include "pointer.h"

namespace syncline::schema {

namespace {

constexpr int kPathTokensMax = 1'000;

/// One op against one schema.
class OpCheck {
public:
    OpCheck(const CompiledSchema& schema, const Value& op, const Host& host)
        : schema_(schema), op_(op), host_(host) {}

    std::optional<Finding> run() const {
        const std::string_view kind = op_["kind"].string("set");
        if (kind == "set") return checkWhole(Place::rootOf(schema_), op_["value"], "/value");
        if (kind == "merge") return checkMerge(Place::rootOf(schema_), op_["value"], "/value");
        if (kind == "increment") return checkIncrement();
        if (kind == "patch") return checkPatch();
        if (kind == "add" || kind == "insert") return checkElement();
        return std::nullopt;
    }

private:
    std::optional<Finding> checkWhole(const Place& place, const Value& value,
                                      const std::string& pointer) const {
        if (!value) return std::nullopt;
        for (const Subschema* part : place.parts()) {
            if (auto finding = check(schema_, *part, value, host_)) {
                finding->pointer.insert(0, pointer);
                return finding;
            }
        }
        return std::nullopt;
    }

    std::optional<Finding> checkMerge(const Place& place, const Value& patch,
                                      const std::string& pointer) const {
        if (!patch.isObject()) return checkWhole(place, patch, pointer);
        if ((place.types() & kObjectType) == 0) {
            return Finding{pointer, "is no " + nameOf(place.types())};
        }
        for (const auto [name, value] : patch.members()) {
            const std::string at = pointer + "/" + escaped(name);
            const Place member = place.member(name);
            if (!member.allowed()) return Finding{at, "is not known"};
            if (value.isNull()) {
                if (place.mustHave(name)) return Finding{at, "must not be removed"};
                continue;
            }
            if (auto finding = checkMerge(member, value, at)) return finding;
        }
        return std::nullopt;
    }

    /// The place of a pointer, and of what holds it.
    struct Ends {
        Place parent;
        std::string last;  ///< token; empty for the record itself
        Place place;
        bool isRecord = true;
        bool wellFormed = false;
    };

    Ends endsOf(std::string_view pointer) const {
        const Place root = Place::rootOf(schema_);
        Ends ends{root, "", root};
        Tokens tokens(pointer);
        int depth = 0;
        for (std::string token; ends.place.allowed() && tokens.next(token);) {
            // No record is that deep; a text that claims so is not read to its end.
            if (++depth > kPathTokensMax) return ends;
            ends.parent = ends.place;
            ends.place = ends.parent.beneath(token);
            ends.last = token;
            ends.isRecord = false;
        }
        ends.wellFormed = tokens.finished();
        return ends;
    }

    std::optional<Finding> checkIncrement() const {
        const Value path = op_["path"];
        if (!path.isString()) return std::nullopt;
        const Ends ends = endsOf(path.string());
        if (!ends.place.allowed()) return Finding{"/path", "is not known"};
        const Types types = ends.place.types();
        if ((types & (kNumberType | kIntegerType)) == 0) {
            return Finding{"/path", "is the place of a " + nameOf(types) + ", not of a number"};
        }
        const double by = op_["by"].number();
        if ((types & kNumberType) == 0 && std::trunc(by) != by) {
            return Finding{"/by", "is no integer"};
        }
        return std::nullopt;
    }

    std::optional<Finding> checkElement() const {
        const Value path = op_["path"];
        if (!path.isString()) return std::nullopt;
        const Ends ends = endsOf(path.string());
        if (!ends.place.allowed()) return Finding{"/path", "is not known"};
        if ((ends.place.types() & kArrayType) == 0) {
            return Finding{"/path",
                           "is the place of a " + nameOf(ends.place.types()) + ", not of an array"};
        }
        return checkWhole(ends.place.element(), op_["value"], "/value");
    }

    std::optional<Finding> checkPatch() const {
        std::size_t index = 0;
        for (const Value step : op_["patch"]) {
            const std::string at = "/patch/" + std::to_string(index++);
            if (auto finding = checkStep(step, at)) return finding;
        }
        return std::nullopt;
    }

    std::optional<Finding> checkStep(const Value& step, const std::string& at) const {
        const std::string_view what = step["op"].string();
        if (what == "test" || !step["path"].isString()) return std::nullopt;
        if (what == "move") {
            if (auto finding = checkRemoval(step["from"].string(), at + "/from")) return finding;
        }
        const std::string_view path = step["path"].string();
        if (what == "remove") return checkRemoval(path, at + "/path");
        const Ends ends = endsOf(path);
        if (!ends.place.allowed()) return Finding{at + "/path", "is not known"};
        if (!ends.wellFormed || !step.contains("value")) return std::nullopt;
        return checkWhole(ends.place, step["value"], at + "/value");
    }

    std::optional<Finding> checkRemoval(std::string_view path, const std::string& at) const {
        const Ends ends = endsOf(path);
        if (!ends.place.allowed()) return Finding{at, "is not known"};
        const bool required = !ends.isRecord && ends.parent.mustHave(ends.last);
        return required ? std::optional(Finding{at, "must not be removed"}) : std::nullopt;
    }

    const CompiledSchema& schema_;
    const Value op_;
    const Host& host_;
};

}  // namespace

std::optional<Finding> checkOp(const CompiledSchema& schema, const Value& op, const Host& host) {
    return OpCheck(schema, op, host).run();
}

}  // namespace syncline::schema
