// SPDX-License-Identifier: Apache-2.0
#include "channel/place.h"

#include <utility>
#include <vector>

namespace syncline::channel {

namespace {

// One step down, to what is there or to an object that is made there; nullptr: no way.
json::Value* stepDown(json::Value& from, const std::string& token) {
    if (from.isObject()) {
        if (json::Value* member = from.find(token)) return member;
        return &from.set(token, json::Value::object());
    }
    if (!from.isArray()) return nullptr;
    const std::optional<std::size_t> index = json::Pointer::arrayIndex(token);
    return index && *index < from.size() ? &from[*index] : nullptr;
}

// Whether stepDown would find or make every step, and the last one has a place.
bool hasWay(const json::Value& root, const std::vector<std::string>& tokens) {
    const json::Value* at = &root;
    for (const std::string& token : tokens) {
        if (at->isObject()) {
            at = at->find(token);
            if (at == nullptr) return true;
        } else if (at->isArray()) {
            const std::optional<std::size_t> index = json::Pointer::arrayIndex(token);
            if (!index || *index >= at->size()) return false;
            at = &(*at)[*index];
        } else {
            return false;
        }
    }
    return true;
}

}  // namespace

bool place(json::Value& root, const json::Pointer& path, std::optional<json::Value> value) {
    if (path.isRoot()) {
        if (!value) return false;
        root = std::move(*value);
        return true;
    }
    const std::vector<std::string> tokens = path.tokens();
    if (!hasWay(root, tokens)) return false;
    json::Value* at = &root;
    for (std::size_t i = 0; i + 1 < tokens.size(); ++i) at = stepDown(*at, tokens[i]);
    const std::string& last = tokens.back();
    if (at->isObject()) {
        if (value)
            at->set(last, std::move(*value));
        else
            at->erase(last);
        return true;
    }
    const std::size_t index = *json::Pointer::arrayIndex(last);
    if (value)
        (*at)[index] = std::move(*value);
    else
        at->erase(index);
    return true;
}

bool canPlace(const json::Value& root, const json::Pointer& path) {
    return hasWay(root, path.tokens());
}

namespace {

template <class Ends>
std::string_view cutWhere(const json::Value* root, std::string_view path, const Ends& ends) {
    const json::Value* at = root;
    std::size_t from = 0;
    std::string unescaped;
    while (at != nullptr && from < path.size()) {
        if (ends(*at)) return path.substr(0, from);
        const std::size_t end = std::min(path.find('/', from + 1), path.size());
        std::string_view token = path.substr(from + 1, end - from - 1);
        if (token.find('~') != std::string_view::npos) {
            unescaped = json::Pointer::parse(path.substr(from, end - from))->lastToken();
            token = unescaped;
        }
        at = at->find(token);
        from = end;
    }
    return path;
}

}  // namespace

std::string_view cutAtArray(const json::Value* root, std::string_view path) {
    return cutWhere(root, path, [](const json::Value& value) { return value.isArray(); });
}

std::string_view cutAtReplaced(const json::Value* root, std::string_view path) {
    return cutWhere(root, path, [](const json::Value& value) { return !value.isObject(); });
}

}  // namespace syncline::channel
