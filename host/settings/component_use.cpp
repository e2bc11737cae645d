// SPDX-License-Identifier: Apache-2.0
#include "settings/component_use.h"

#include <utility>

#include "json/pointer.h"
#include "json/write.h"

namespace syncline::settings {

namespace {

constexpr std::string_view mask = "***";

void replaceAll(std::string& text, std::string_view what, std::string_view with) {
    if (what.empty()) return;
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
        text.replace(at, what.size(), with);
        at += with.size();
    }
}

}  // namespace

ConfigPositions::Spot ConfigPositions::find(std::string_view pointer) const {
    while (true) {
        const auto found = spots_.find(std::string(pointer));
        if (found != spots_.end()) return found->second;
        const auto slash = pointer.rfind('/');
        if (slash == std::string_view::npos) return {};
        pointer = pointer.substr(0, slash);
    }
}

std::string maskedConfig(const ComponentUse& use) {
    auto shown = use.config.clone();
    for (const auto& secret : use.positions.secrets()) {
        const auto pointer = json::Pointer::parse(secret);
        if (!pointer) continue;
        if (auto* value = pointer->resolve(shown)) *value = json::Value(mask);
    }
    return json::toText(shown);
}

Diagnostic locate(const ComponentUse& use, std::string_view pointer, std::string message) {
    for (const auto& secret : use.positions.secrets()) {
        const auto path = json::Pointer::parse(secret);
        const auto* value = path ? path->resolve(use.config) : nullptr;
        if (value != nullptr && value->isString()) replaceAll(message, value->asString(), mask);
    }
    auto spot = use.positions.find(pointer);
    if (!spot.value.source) spot.value = use.position;
    Diagnostics one;
    one.error(Code::refusedByPlugin, spot.value, use.name + ": " + std::move(message));
    return one.all().front();
}

}  // namespace syncline::settings
