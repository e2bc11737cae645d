// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <syncline/plugin.hpp>
#include <vector>

namespace syncline::merging {

// RFC 6901 texts, as the paths of a conflict are.

inline bool isAtOrBeneath(std::string_view path, std::string_view top) {
    return path.substr(0, top.size()) == top &&
           (path.size() == top.size() || path[top.size()] == '/');
}

inline std::string unescaped(std::string_view token) {
    std::string name;
    for (std::size_t i = 0; i < token.size(); ++i) {
        const bool escapes = token[i] == '~' && i + 1 < token.size();
        name += !escapes ? token[i] : token[++i] == '0' ? '~' : '/';
    }
    return name;
}

inline std::vector<std::string> tokens(std::string_view path) {
    std::vector<std::string> names;
    while (!path.empty()) {
        path.remove_prefix(1);
        const std::size_t slash = path.find('/');
        names.push_back(unescaped(path.substr(0, slash)));
        path = slash == std::string_view::npos ? std::string_view() : path.substr(slash);
    }
    return names;
}

/// What is there, through objects alone; a missing value when nothing is.
inline Value at(Value root, std::string_view path) {
    for (const std::string& name : tokens(path)) root = root[name];
    return root;
}

/// Whether the path, or something around it, was there in `before` and is gone in `after`.
inline bool isGone(Value before, Value after, std::string_view path) {
    if (before.exists() && !after.exists()) return true;
    for (const std::string& name : tokens(path)) {
        before = before[name];
        after = after[name];
        if (before.exists() && !after.exists()) return true;
    }
    return false;
}

}  // namespace syncline::merging
