// SPDX-License-Identifier: Apache-2.0
#include "app/plugin_report.h"

#include <algorithm>
#include <iomanip>
#include <vector>

#include "json/parse.h"
#include "json/write.h"

namespace syncline::app {

namespace {

json::Value flagsOf(const loading::ComponentFlags& flags) {
    json::Value names = json::Value::array();
    const std::pair<bool, const char*> all[] = {
        {flags.opensSession, "opens_session"},
        {flags.carriesOps, "carries_ops"},
        {flags.carriesBatches, "carries_batches"},
        {flags.resolvesConflicts, "resolves_conflicts"},
        {flags.subscribes, "subscribes"},
        {flags.readsSnapshot, "reads_snapshot"},
        {flags.readsHistory, "reads_history"},
        {flags.blocking, "blocking"},
        {flags.asksAlways, "asks_always"},
        {flags.openToAnyone, "open_to_anyone"},
        {flags.filter, "filter"},
    };
    for (const auto& [set, name] : all) {
        if (set) names.push(name);
    }
    return names;
}

json::Value tablesOf(const std::vector<loading::TableNeed>& needs) {
    json::Value ids = json::Value::array();
    for (const loading::TableNeed& need : needs) ids.push(need.id);
    return ids;
}

json::Value componentOf(const loading::ComponentManifest& component) {
    json::Value value = json::Value::object();
    value.set("kind", loading::toString(component.kind));
    value.set("name", component.name);
    value.set("description", component.description);
    value.set("flags", flagsOf(component.flags));
    value.set("needs", tablesOf(component.needs));
    value.set("uses", tablesOf(component.uses));
    auto schema = json::parse(component.schema);
    if (schema) value.set("schema", std::move(*schema));
    return value;
}

}  // namespace

void printComponents(std::ostream& out, const PluginSet& plugins) {
    std::size_t nameWidth = 0;
    std::size_t kindWidth = 0;
    for (const settings::ComponentInfo& info : plugins.components()) {
        nameWidth = std::max(nameWidth, info.name.size());
        kindWidth = std::max(kindWidth, info.kind.size());
    }
    out << std::left;
    for (const settings::ComponentInfo& info : plugins.components()) {
        out << std::setw(static_cast<int>(kindWidth) + 2) << info.kind
            << std::setw(static_cast<int>(nameWidth) + 2) << info.name << info.plugin;
        if (!info.documentation.empty()) out << "  " << info.documentation;
        out << '\n';
    }
}

void printPlugin(std::ostream& out, const loading::FoundPlugin& plugin) {
    json::Value components = json::Value::array();
    for (const auto& component : plugin.manifest.components) {
        components.push(componentOf(component));
    }
    json::Value body = json::Value::object();
    body.set("id", plugin.manifest.id);
    body.set("version", plugin.manifest.version);
    body.set("abi", loading::toString(plugin.manifest.abi));
    body.set("sha256", plugin.sha256);
    body.set("components", std::move(components));
    out << json::toText(body) << '\n';
}

}  // namespace syncline::app
