// SPDX-License-Identifier: Apache-2.0
#include "settings/otherwise_chains.h"

#include <algorithm>
#include <string>
#include <vector>

#include "settings/default_config.h"

namespace syncline::settings {

namespace {

constexpr std::size_t kStrategiesMax = 4;

const ComponentInfo* findStrategy(const Reader& reader, std::string_view name) {
    for (const ComponentInfo& info : reader.catalog().components())
        if (info.kind == kind::conflictStrategy &&
            (info.name == name || info.plugin + "/" + info.name == name))
            return &info;
    return nullptr;
}

std::string nextOf(const json::Value& config) {
    const json::Value* next = config.find("otherwise");
    return next != nullptr && next->isString() ? std::string(next->asString()) : std::string();
}

std::string inARow(const std::vector<std::string>& chain) {
    std::string text;
    for (const std::string& name : chain) text += (text.empty() ? "'" : " -> '") + name + "'";
    return text;
}

/// What is wrong with the row of strategies behind one rule; empty: nothing.
struct Mistake {
    std::string message;
    std::string help;
};

Mistake follow(const ComponentUse& use, const Reader& reader) {
    std::vector<std::string> chain = {use.name};
    for (std::string name = nextOf(use.config); !name.empty();) {
        const ComponentInfo* info = findStrategy(reader, name);
        // What is written wrong was reported where it was read.
        if (info == nullptr) return {};
        const bool isAgain = std::find(chain.begin() + 1, chain.end(), info->name) != chain.end();
        chain.push_back(info->name);
        if (isAgain) return {"the strategies ask each other in a circle: " + inARow(chain), ""};
        if (chain.size() > kStrategiesMax)
            return {"more than " + std::to_string(kStrategiesMax) +
                        " strategies ask one another: " + inARow(chain),
                    "name one that decides by itself"};
        const auto configured = defaultConfig(*info);
        if (!configured)
            return {"'" + info->name + "' needs a configuration, which it cannot get here",
                    "name a strategy that does without"};
        name = nextOf(configured->config);
    }
    return {};
}

}  // namespace

void checkOtherwiseChains(const Settings& settings, Reader& reader) {
    for (const ConflictRule& rule : settings.conflict) {
        const Mistake mistake = follow(rule.strategy, reader);
        if (mistake.message.empty()) continue;
        const bool isWritten = rule.strategy.positions.has("/otherwise");
        reader.diagnostics().error(
            Code::otherwiseLoops,
            isWritten ? rule.strategy.positions.find("/otherwise").value : rule.strategy.position,
            mistake.message, mistake.help);
    }
}

}  // namespace syncline::settings
