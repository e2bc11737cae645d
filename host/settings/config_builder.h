// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>

#include "json/value.h"
#include "settings/component_use.h"
#include "settings/node.h"
#include "settings/reader.h"
#include "settings/schema_guide.h"

namespace syncline::settings {

/// Makes a component's configuration of its nodes, led by its schema, and remembers where each
/// value stands. Lives for one component.
class ConfigBuilder {
public:
    ConfigBuilder(const SchemaGuide& guide, std::string label, ConfigPositions& positions,
                  Reader& reader)
        : guide_(guide), label_(std::move(label)), positions_(positions), reader_(reader) {}

    json::Value build(const Node& node, const ConfigPositions::Spot& spot);

    /// Pointers whose value is already reported: what the schema says of them adds nothing.
    const std::set<std::string>& broken() const { return broken_; }

    /// Texts that were replaced by the content of the file they name, where the schema speaks of
    /// the text: they are put back for the check.
    const std::map<std::string, std::string>& fileNames() const { return fileNames_; }

private:
    json::Value value(const Node& node, const json::Value* schema, const std::string& pointer,
                      const ConfigPositions::Spot& spot);
    json::Value map(const Node& node, const json::Value* schema, const std::string& pointer);
    json::Value list(const Node& node, const json::Value* schema, const std::string& pointer);
    json::Value scalar(const Node& node, const json::Value* schema, const std::string& pointer);
    json::Value plain(const Node& node, const std::string& pointer);
    json::Value secretFile(const Node& node, const std::string& pointer);
    json::Value included(const Node& node, const json::Value* chosen, const json::Value* whole,
                         const std::string& pointer);
    std::optional<Node> readIncluded(const Node& node, std::string_view format);
    void fillDefaults(json::Value& object, const json::Value* schema);
    void checkType(const Node& node, const json::Value* schema, const std::string& pointer);
    void report(Code code, const Position& position, const std::string& pointer,
                std::string message, std::string hint = {});

    static constexpr std::size_t includesMax = 4;

    const SchemaGuide& guide_;
    std::string label_;
    ConfigPositions& positions_;
    Reader& reader_;
    std::set<std::string> broken_;
    std::map<std::string, std::string> fileNames_;
    std::size_t includes_ = 0;  ///< files that include files, on the way to this value
};

}  // namespace syncline::settings
