// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "settings/catalog.h"

namespace syncline::settings {

/// Components of every kind, with schemas that use every rule that a schema may have.
class FakeCatalog final : public Catalog {
public:
    FakeCatalog() {
        add(kind::authProvider, "guest", "").openToAnyone = true;
        add(kind::authProvider, "badge", badgeSchema);
        add(kind::storageBackend, "drawer", drawerSchema);
        add(kind::storageBackend, "shelf", "");
        add(kind::conflictStrategy, "last_wins", "");
        add(kind::conflictStrategy, "merge_all", mergeSchema);
        add(kind::conflictStrategy, "asker", askerSchema("last_wins"));
        add(kind::conflictStrategy, "ring_one", askerSchema("ring_two"));
        add(kind::conflictStrategy, "ring_two", askerSchema("ring_one"));
        add(kind::conflictStrategy, "deep_three", askerSchema("last_wins"));
        add(kind::conflictStrategy, "deep_two", askerSchema("deep_three"));
        add(kind::conflictStrategy, "deep_one", askerSchema("deep_two"));
        add(kind::broker, "local_bus", "");
        add(kind::messageHandler, "throttle", throttleSchema);
        add(kind::messageHandler, "gate", gateSchema);
        add(kind::messageHandler, "lookup", lookupSchema);
        add(kind::messageHandler, "echo", "");
        add(kind::messageHandler, "write", R"({"type":"object","additionalProperties":false})");
        add(kind::messageHandler, "cracked", R"({"type":"object","properties":5})");
        add(kind::messageHandler, "torn", R"({"type":)");
        add(kind::messageHandler, "twin", "").plugin = "com.acme.left";
        add(kind::messageHandler, "twin", "").plugin = "com.acme.right";
    }

    const std::vector<ComponentInfo>& components() const override { return components_; }
    std::vector<std::string> events() const override { return {"committed"}; }

private:
    static constexpr std::string_view badgeSchema = R"({
      "type": "object", "required": ["keys"], "additionalProperties": false,
      "properties": {
        "keys": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/key"}},
        "greeting": {"type": "string", "default": "hello"}},
      "definitions": {"key": {
        "type": "object", "required": ["id"], "additionalProperties": false,
        "properties": {
          "id": {"type": "string", "pattern": "^[a-z]+$", "maxLength": 8},
          "hash": {"type": "string", "x-syncline-secret": true, "minLength": 4},
          "level": {"type": "integer", "minimum": 1, "maximum": 9},
          "roles": {"type": "array", "uniqueItems": true,
                    "items": {"enum": ["reader", "writer", "owner"]}}}}}})";
    static constexpr std::string_view drawerSchema = R"({
      "type": "object", "additionalProperties": false,
      "properties": {
        "path": {"type": "string", "x-syncline-path": true, "default": "drawer.db"},
        "durability": {"enum": ["full", "relaxed"], "default": "full"},
        "cache": {"type": "string", "x-syncline-type": "size", "default": "8MiB"},
        "flush": {"type": "string", "x-syncline-type": "duration"},
        "retries": {"type": "integer", "minimum": 0, "maximum": 5, "default": 3},
        "ratio": {"type": "number", "exclusiveMinimum": 0}}})";
    static constexpr std::string_view mergeSchema = R"({
      "type": "object", "required": ["otherwise"], "additionalProperties": false,
      "properties": {"otherwise": {"type": "string", "enum": ["last_wins", "first_wins"]},
                     "sealed": {"const": true}}})";
    /// Of a strategy that asks another, unless it is told to ask a third.
    static std::string askerSchema(const std::string& other) {
        return R"({"type": "object", "additionalProperties": false, "properties": {"otherwise": {
            "type": "string", "x-syncline-component": "conflict_strategy", "default": ")" +
               other + R"("}}})";
    }
    static constexpr std::string_view throttleSchema = R"({
      "type": "object", "additionalProperties": false,
      "properties": {
        "per_connection": {"type": "string", "x-syncline-type": "rate", "default": "100/s"},
        "token": {"type": "string", "minLength": 3, "pattern": "^[a-z0-9]+$"},
        "burst": {"oneOf": [{"type": "integer", "minimum": 1}, {"type": "boolean"}]}}})";
    static constexpr std::string_view gateSchema = R"({
      "type": "object", "additionalProperties": false,
      "properties": {
        "rules": {"oneOf": [
          {"type": "array", "items": {"$ref": "#/definitions/rule"}},
          {"type": "string", "x-syncline-file": "yaml"}]}},
      "definitions": {"rule": {
        "type": "object", "required": ["allow"], "additionalProperties": false,
        "properties": {"allow": {"type": "array", "items": {"type": "string"}},
                       "channel": {"type": "string"}}}}})";
    static constexpr std::string_view lookupSchema = R"({
      "type": "object", "additionalProperties": false,
      "properties": {
        "table": {"type": "string", "x-syncline-file": "json",
                  "x-syncline-content": {"type": "object",
                    "additionalProperties": {"$ref": "#/definitions/row"}}},
        "banner": {"type": "string", "x-syncline-file": "text"},
        "resolver": {"type": "string", "x-syncline-component": "conflict_strategy"},
        "columns": {"$ref": "#/definitions/columns", "default": ["a"]}},
      "definitions": {"row": {"type": "integer"},
                      "columns": {"type": "array", "items": {"type": "string"}}}})";

    ComponentInfo& add(std::string_view componentKind, std::string name, std::string_view schema) {
        ComponentInfo info;
        info.plugin = "com.acme.core";
        info.name = std::move(name);
        info.kind = componentKind;
        info.schema = schema;
        return components_.emplace_back(std::move(info));
    }

    std::vector<ComponentInfo> components_;
};

}  // namespace syncline::settings
