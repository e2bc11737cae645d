// SPDX-License-Identifier: Apache-2.0
#include <rapidjson/document.h>
#include <rapidjson/prettywriter.h>
#include <rapidjson/stringbuffer.h>

#include <string>
#include <string_view>
#include <utility>

#include "json/parse.h"
#include "json/write.h"
#include "settings/reference.h"
#include "settings/scalar.h"
#include "settings/sections.h"

namespace syncline::settings {

namespace {

using json::Value;

Value parsed(std::string_view text) {
    auto value = json::parse(text);
    return value ? std::move(*value) : Value::object();
}

bool isOfType(const Value& schema, std::string_view type) {
    const auto* found = schema.find("type");
    return found != nullptr && found->isString() && found->asString() == type;
}

Value schemaOf(const KeyDoc& key) {
    auto schema = parsed(key.schema);
    schema.set("description", key.sentence);
    if (key.fallback.empty()) return schema;
    if (isOfType(schema, "integer")) {
        if (const auto number = parseInteger(key.fallback)) schema.set("default", *number);
    } else if (isOfType(schema, "boolean")) {
        schema.set("default", Value(key.fallback == "true"));
    } else if (isOfType(schema, "string") || schema.contains("enum")) {
        schema.set("default", key.fallback == "\"\"" ? "" : key.fallback);
    }
    return schema;
}

std::string definitionOf(const ComponentInfo& info) {
    return info.plugin + "." + info.name;
}

/// Makes references that start from a schema's root start from `prefix`, where it now lies.
void moveReferences(Value& value, const std::string& prefix) {
    for (auto& member : value.members()) {
        const bool reference = member.key() == "$ref" && member.value.isString();
        if (reference && member.value.asString().starts_with('#')) {
            member.value = Value(prefix + std::string(member.value.asString().substr(1)));
        } else {
            moveReferences(member.value, prefix);
        }
    }
    if (!value.isArray()) return;
    for (auto& element : value.elements()) moveReferences(element, prefix);
}

/// What may stand behind `with:` of a component.
Value withOf(const ComponentInfo& info) {
    auto own = parsed(info.schema.empty() ? R"({"type":["object","null"],"maxProperties":0})"
                                          : info.schema);
    own.erase("$schema");
    own.erase("$id");
    moveReferences(own, "#/definitions/" + definitionOf(info));
    return own;
}

/// "if use is this component, then with is what its schema says".
Value conditionOf(const ComponentInfo& info) {
    auto names = Value::array();
    names.push(info.name);
    names.push(info.plugin + "/" + info.name);
    auto use = Value::object();
    use.set("enum", std::move(names));
    auto properties = Value::object();
    properties.set("use", std::move(use));
    auto condition = Value::object();
    condition.set("properties", std::move(properties));
    auto reference = Value::object();
    reference.set("$ref", "#/definitions/" + definitionOf(info));
    auto with = Value::object();
    with.set("with", std::move(reference));
    auto then = Value::object();
    then.set("properties", std::move(with));
    auto rule = Value::object();
    rule.set("if", std::move(condition));
    rule.set("then", std::move(then));
    return rule;
}

Value objectOf(const SectionDoc& section, const Catalog& catalog) {
    auto schema = Value::object();
    schema.set("type", "object");
    schema.set("additionalProperties", Value(false));
    auto properties = Value::object();
    auto required = Value::array();
    for (const auto& key : section.keys) {
        properties.set(key.name, schemaOf(key));
        if (key.required) required.push(key.name);
    }
    schema.set("properties", std::move(properties));
    if (!required.empty()) schema.set("required", std::move(required));
    auto conditions = Value::array();
    for (const auto& info : catalog.components()) {
        if (info.kind == section.componentKind) conditions.push(conditionOf(info));
    }
    if (!conditions.empty()) schema.set("allOf", std::move(conditions));
    return schema;
}

Value mapOf(Value values) {
    auto names = Value::object();
    names.set("type", "object");
    names.set("additionalProperties", std::move(values));
    return names;
}

Value listOf(Value items) {
    auto list = Value::object();
    list.set("type", "array");
    list.set("items", std::move(items));
    return list;
}

/// A stage is a map, or the name of its component alone.
Value nameOr(Value object) {
    auto name = Value::object();
    name.set("type", "string");
    auto forms = Value::array();
    forms.push(std::move(name));
    forms.push(std::move(object));
    auto either = Value::object();
    either.set("oneOf", std::move(forms));
    return either;
}

Value sectionSchema(const SectionDoc& section, const Catalog& catalog) {
    auto object = objectOf(section, catalog);
    switch (section.layout) {
        case Layout::map:
            break;
        case Layout::named:
            object = mapOf(std::move(object));
            break;
        case Layout::list:
            object = listOf(std::move(object));
            break;
        case Layout::namedLists:
            object = mapOf(listOf(nameOr(std::move(object))));
            break;
    }
    object.set("description", section.sentence);
    return object;
}

/// The properties of the map that a section's layout holds.
Value& propertiesOf(Value& section) {
    auto* inner = section.find("additionalProperties");
    if (inner == nullptr || !inner->isObject()) inner = section.find("items");
    return *inner->find("properties");
}

std::string pretty(const Value& value) {
    rapidjson::Document document;
    document.Parse(json::toText(value).c_str());
    rapidjson::StringBuffer buffer;
    rapidjson::PrettyWriter<rapidjson::StringBuffer> writer(buffer);
    writer.SetIndent(' ', 2);
    writer.SetFormatOptions(rapidjson::kFormatSingleLineArray);
    document.Accept(writer);
    return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

}  // namespace

std::string editorSchema(const Catalog& catalog) {
    auto root = Value::object();
    root.set("$schema", "http://json-schema.org/draft-07/schema#");
    root.set("title", "Syncline configuration");
    root.set("type", "object");
    root.set("additionalProperties", Value(false));
    auto required = Value::array();
    auto properties = Value::object();
    for (const auto& key : rootTable().docs()) {
        properties.set(key.name, schemaOf(key));
        if (key.required) required.push(key.name);
    }
    for (const auto& section : sectionDocs()) {
        const auto dot = section.name.find('.');
        auto schema = sectionSchema(section, catalog);
        if (dot == std::string::npos) {
            properties.set(section.name, std::move(schema));
        } else {
            auto& outer = *properties.find(section.name.substr(0, dot));
            propertiesOf(outer).set(section.name.substr(dot + 1), std::move(schema));
        }
    }
    root.set("required", std::move(required));
    root.set("properties", std::move(properties));
    auto definitions = Value::object();
    for (const auto& info : catalog.components()) definitions.set(definitionOf(info), withOf(info));
    root.set("definitions", std::move(definitions));
    return pretty(root);
}

}  // namespace syncline::settings
