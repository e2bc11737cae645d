// SPDX-License-Identifier: Apache-2.0
#include "bridge/builder.h"

#include <cmath>
#include <utility>

#include "json/parse.h"
#include "json/utf8.h"

namespace syncline::bridge {

void Builder::clear() {
    open_.clear();
    root_.reset();
    failed_ = false;
}

void Builder::fail() {
    clear();
    failed_ = true;
}

bool Builder::acceptsValue() const {
    if (failed_ || root_) return false;
    return open_.empty() || open_.back().container.isArray() || open_.back().key.has_value();
}

void Builder::add(json::Value value) {
    if (!acceptsValue()) return fail();
    if (open_.empty()) {
        root_ = std::move(value);
        return;
    }
    Level& level = open_.back();
    if (level.container.isArray()) {
        level.container.push(std::move(value));
    } else {
        level.container.set(level.key->asString(), std::move(value));
        level.key.reset();
    }
}

void Builder::number(double value) {
    if (!std::isfinite(value)) return fail();
    add(value);
}

void Builder::string(std::string_view text) {
    if (!json::isUtf8(text)) return fail();
    add(text);
}

void Builder::text(std::string_view json) {
    auto parsed = json::parse(json, {.depthMax = kDepthMax});
    if (!parsed) return fail();
    add(std::move(*parsed));
}

void Builder::begin(json::Value container) {
    if (!acceptsValue() || open_.size() == kDepthMax) return fail();
    open_.push_back({std::move(container), std::nullopt});
}

void Builder::key(std::string_view name) {
    const bool wanted = !failed_ && !open_.empty() && open_.back().container.isObject() &&
                        !open_.back().key.has_value();
    if (!wanted || !json::isUtf8(name) || open_.back().container.contains(name)) return fail();
    open_.back().key.emplace(name);
}

void Builder::end() {
    if (failed_ || open_.empty() || open_.back().key.has_value()) return fail();
    json::Value finished = std::move(open_.back().container);
    open_.pop_back();
    add(std::move(finished));
}

const json::Value* Builder::result() const {
    return !failed_ && root_ ? &*root_ : nullptr;
}

json::Value Builder::take() {
    json::Value value = std::move(*root_);
    clear();
    return value;
}

}  // namespace syncline::bridge
