// SPDX-License-Identifier: Apache-2.0
#include "touched.h"

#include <string_view>

namespace syncline::acl {

namespace {

std::string escaped(std::string_view name) {
    std::string text;
    for (const char c : name) {
        if (c == '~') {
            text += "~0";
        } else if (c == '/') {
            text += "~1";
        } else {
            text += c;
        }
    }
    return text;
}

/// Gathers places until there are too many, or one that is none.
class Gathering {
public:
    explicit Gathering(std::size_t pathsMax) : pathsMax_(pathsMax) {}

    void add(std::string path) {
        const bool pointer = path.empty() || path.front() == '/';
        if (!pointer || paths_.size() >= pathsMax_) {
            whole_ = true;
        } else {
            paths_.push_back(std::move(path));
        }
    }

    void addNamed(const Value& path) {
        path.isString() ? add(std::string(path.string())) : add("?");
    }

    /// What a merge patch sets or removes: the places at which it does not lead deeper.
    void addLeaves(const Value& patch, const std::string& at) {
        if (whole_) return;
        if (!patch.isObject()) return add(at);
        // An empty object makes a place into an object if it was none.
        if (patch.empty()) return add(at);
        for (const auto [name, value] : patch.members()) addLeaves(value, at + "/" + escaped(name));
    }

    void addSteps(const Value& patch) {
        if (!patch.isArray()) add("?");
        for (const Value step : patch) {
            const std::string_view what = step["op"].string();
            if (what == "test") continue;
            addNamed(step["path"]);
            if (what == "move") addNamed(step["from"]);
            if (whole_) return;
        }
    }

    std::vector<std::string> take() {
        if (whole_) return {""};
        return std::move(paths_);
    }

private:
    const std::size_t pathsMax_;
    std::vector<std::string> paths_;
    bool whole_ = false;
};

}  // namespace

std::vector<std::string> touchedPaths(const Value& op, std::size_t pathsMax) {
    Gathering gathering(pathsMax);
    const std::string_view kind = op["kind"].string();
    if (kind == "merge") {
        gathering.addLeaves(op["value"], "");
    } else if (kind == "patch") {
        gathering.addSteps(op["patch"]);
    } else if (kind == "increment" || kind == "add" || kind == "remove" || kind == "insert" ||
               kind == "move" || kind == "erase") {
        gathering.addNamed(op["path"]);
    } else if (kind != "void") {
        gathering.add("");
    }
    return gathering.take();
}

}  // namespace syncline::acl
