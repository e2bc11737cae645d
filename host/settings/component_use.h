// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "json/value.h"
#include "settings/diagnostic.h"
#include "settings/source.h"

namespace syncline::settings {

/// Which value of a component's configuration stands where in which file: what turns the JSON
/// pointer of a plugin's complaint back into a line and a column.
class ConfigPositions {
public:
    struct Spot {
        Position key;  ///< of the key or dash; of the value where there is neither
        Position value;
    };

    void set(const std::string& pointer, Spot spot) { spots_.insert_or_assign(pointer, spot); }
    void markSecret(const std::string& pointer) { secrets_.insert(pointer); }

    /// The spot of that pointer, or of the nearest one above it that the file has: a value that
    /// came from a default stands where its parent does.
    Spot find(std::string_view pointer) const;

    bool has(std::string_view pointer) const { return spots_.contains(std::string(pointer)); }
    const std::set<std::string>& secrets() const { return secrets_; }

private:
    std::map<std::string, Spot> spots_;
    std::set<std::string> secrets_;
};

/// One `use:` of the configuration: which component, and its checked configuration with the
/// defaults of its schema filled in. Move-only.
struct ComponentUse {
    std::string kind;    ///< "message_handler", "auth_provider", …
    std::string plugin;  ///< id of the plugin that has it
    std::string name;    ///< of the component
    json::Value config;  ///< canonical; holds secrets in the clear: print maskedConfig() instead
    ConfigPositions positions;
    Position position;  ///< of the text behind `use:`
};

/// The configuration as JSON text with every secret as "***".
std::string maskedConfig(const ComponentUse& use);

/// What a plugin said about its configuration, at the place that its JSON pointer names. A secret
/// of that configuration that stands in the message is masked.
Diagnostic locate(const ComponentUse& use, std::string_view pointer, std::string message);

}  // namespace syncline::settings
