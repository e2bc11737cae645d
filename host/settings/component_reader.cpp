// SPDX-License-Identifier: Apache-2.0
#include "settings/component_reader.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "settings/component_config.h"
#include "settings/suggest.h"

namespace syncline::settings {

namespace {

std::string withArticle(const std::string& word) {
    return (word.starts_with('a') ? "an " : "a ") + word;
}

bool isComponentName(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return isSnakeCase(text);
    return isPluginPattern(text.substr(0, slash)) && text.find('*') == std::string_view::npos &&
           isSnakeCase(text.substr(slash + 1));
}

bool isNamed(const ComponentInfo& component, std::string_view named) {
    const auto slash = named.find('/');
    if (slash == std::string_view::npos) return component.name == named;
    return component.plugin == named.substr(0, slash) && component.name == named.substr(slash + 1);
}

std::vector<const ComponentInfo*> allNamed(std::string_view named, const Reader& reader) {
    std::vector<const ComponentInfo*> found;
    for (const auto& component : reader.catalog().components()) {
        if (isNamed(component, named)) found.push_back(&component);
    }
    return found;
}

std::vector<std::string> namesOf(std::string_view kind, const Reader& reader) {
    std::vector<std::string> names;
    for (const auto& component : reader.catalog().components()) {
        if (component.kind == kind) names.push_back(component.name);
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    return names;
}

void reportAmbiguous(const std::string& named, const Position& position,
                     const std::vector<const ComponentInfo*>& candidates, Reader& reader) {
    std::string hint = "write one of: ";
    for (std::size_t i = 0; i < candidates.size(); ++i) {
        hint += (i == 0 ? "" : ", ") + candidates[i]->plugin + "/" + candidates[i]->name;
    }
    reader.diagnostics().error(Code::ambiguousComponent, position,
                               "several plugins have a component '" + named + "'", hint);
}

}  // namespace

std::string kindWord(std::string_view kind) {
    if (kind == kind::messageHandler) return "stage";
    if (kind == kind::authProvider) return "auth provider";
    if (kind == kind::storageBackend) return "storage backend";
    if (kind == kind::conflictStrategy) return "conflict strategy";
    return std::string(kind);
}

const ComponentInfo* findComponent(const std::string& named, const Position& position,
                                   std::string_view kind, Reader& reader) {
    if (!isComponentName(named)) {
        reader.diagnostics().error(Code::badComponentName, position,
                                   "'" + named + "' is no name of a component",
                                   "write name or plugin-id/name, in lower case");
        return nullptr;
    }
    const auto all = allNamed(named, reader);
    std::vector<const ComponentInfo*> fitting;
    std::copy_if(all.begin(), all.end(), std::back_inserter(fitting),
                 [&](const ComponentInfo* component) { return component->kind == kind; });
    if (fitting.size() == 1) return fitting.front();
    if (fitting.size() > 1) {
        reportAmbiguous(named, position, fitting, reader);
    } else if (!all.empty()) {
        reader.diagnostics().error(Code::otherKind, position,
                                   "'" + named + "' is " +
                                       withArticle(kindWord(all.front()->kind)) + ", not " +
                                       withArticle(kindWord(kind)),
                                   suggestion("", namesOf(kind, reader)));
    } else {
        reader.diagnostics().error(
            Code::unknownComponent, position,
            "no loaded plugin has " + withArticle(kindWord(kind)) + " '" + named + "'",
            suggestion(named, namesOf(kind, reader)));
    }
    return nullptr;
}

std::optional<ComponentUse> readComponent(const Node& map, std::string_view kind, Reader& reader) {
    const auto* use = map.find("use");
    if (use == nullptr) return std::nullopt;
    const auto named = reader.text(use->value, "use");
    if (!named) return std::nullopt;
    const auto* info = findComponent(*named, use->value.position, kind, reader);
    if (info == nullptr) return std::nullopt;
    return configure(*info, map.find("with"), use->value.position, reader);
}

KeyDoc useDoc() {
    return {"use",
            "component",
            "",
            "",
            "The component: its name, or plugin-id/name.",
            R"({"type":"string"})",
            true};
}

KeyDoc withDoc() {
    return {"with",
            "map",
            "",
            "",
            "Its configuration, checked against its own schema.",
            R"({"type":["object","null"]})",
            false};
}

}  // namespace syncline::settings
