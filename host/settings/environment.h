// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>
#include <string>

namespace syncline::settings {

/// The environment variables that a configuration may name. Passed in, so that a test brings its
/// own. [setup]
class Environment {
public:
    virtual ~Environment() = default;
    virtual std::optional<std::string> find(const std::string& name) const = 0;
};

/// The variables of this process.
class ProcessEnvironment final : public Environment {
public:
    std::optional<std::string> find(const std::string& name) const override;
};

/// Variables from a map.
class FixedEnvironment final : public Environment {
public:
    explicit FixedEnvironment(std::map<std::string, std::string> variables = {})
        : variables_(std::move(variables)) {}

    std::optional<std::string> find(const std::string& name) const override;

private:
    std::map<std::string, std::string> variables_;
};

}  // namespace syncline::settings
