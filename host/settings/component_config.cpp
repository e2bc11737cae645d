// SPDX-License-Identifier: Apache-2.0
#include "settings/component_config.h"

#include <utility>

#include "json/parse.h"
#include "json/pointer.h"
#include "settings/component_reader.h"
#include "settings/config_builder.h"
#include "settings/schema_check.h"
#include "settings/schema_issues.h"

namespace syncline::settings {

namespace {

bool isEmpty(const Member* with) {
    return with == nullptr || with->value.isNull() ||
           (with->value.isMap() && with->value.members.empty());
}

void reportBroken(const ComponentInfo& info, const Position& position, const std::string& why,
                  Reader& reader) {
    reader.diagnostics().error(
        Code::brokenSchema, position,
        "the schema of '" + info.name + "' in plugin " + info.plugin + " is broken: " + why,
        "this is a mistake of the plugin");
}

/// The configuration as the schema speaks of it: names of files instead of their contents.
json::Value withFileNames(const json::Value& config, const ConfigBuilder& builder) {
    auto checked = config.clone();
    for (const auto& [pointer, name] : builder.fileNames()) {
        const auto path = json::Pointer::parse(pointer);
        if (auto* value = path ? path->resolve(checked) : nullptr) *value = json::Value(name);
    }
    return checked;
}

/// The content of an included file against the schema that stands beside its name.
void checkContents(const json::Value& config, const SchemaGuide& guide,
                   const ConfigBuilder& builder, IssueReport& report) {
    const auto checked = withFileNames(config, builder);
    for (const auto& [pointer, name] : builder.fileNames()) {
        const auto* schema = guide.forPointer(pointer, checked);
        const auto* content = schema == nullptr ? nullptr : schema->find("x-syncline-content");
        const auto path = json::Pointer::parse(pointer);
        const auto* value = path ? path->resolve(config) : nullptr;
        if (content == nullptr || value == nullptr) continue;
        auto whole = content->clone();
        if (whole.isObject()) {
            for (const auto& member : guide.root().members()) {
                const bool shared = member.key() == "definitions" || member.key() == "$defs";
                if (shared) whole.set(member.key(), member.value.clone());
            }
        }
        report.add(whole, *value, pointer);
    }
}

}  // namespace

ComponentUse configure(const ComponentInfo& info, const Member* with, const Position& usePosition,
                       Reader& reader) {
    ComponentUse use{info.kind, info.plugin, info.name, json::Value::object(), {}, usePosition};
    const auto label = kindWord(info.kind) + " '" + info.name + "'";
    ConfigPositions::Spot spot{usePosition, usePosition};
    if (with != nullptr) spot = {with->keyPosition, with->value.position};
    use.positions.set("", spot);
    if (with != nullptr && !reader.isMap(with->value, "'with' of " + label)) return use;
    if (info.schema.empty()) {
        if (!isEmpty(with)) {
            reader.diagnostics().error(Code::takesNoConfig, with->keyPosition,
                                       label + " takes no configuration", "remove 'with'");
        }
        return use;
    }
    const auto schema = json::parse(info.schema);
    if (!schema || !schema->isObject()) {
        reportBroken(info, usePosition, schema ? "it is no object" : schema.error().reason, reader);
        return use;
    }
    const SchemaGuide guide(*schema);
    if (const auto reference = guide.brokenReference(); !reference.empty()) {
        reportBroken(info, usePosition, "the reference " + reference + " leads nowhere", reader);
        return use;
    }
    ConfigBuilder builder(guide, label, use.positions, reader);
    Node empty;
    empty.kind = Node::Kind::map;
    empty.position = spot.value;
    const bool absent = with == nullptr || with->value.isNull();
    use.config = builder.build(absent ? empty : with->value, spot);
    IssueReport report(label, guide, use, builder.broken(), reader.diagnostics());
    const auto broken = report.add(*schema, withFileNames(use.config, builder), "");
    if (!broken.empty()) reportBroken(info, usePosition, broken, reader);
    checkContents(use.config, guide, builder, report);
    return use;
}

}  // namespace syncline::settings
