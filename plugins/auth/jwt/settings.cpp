// SPDX-License-Identifier: Apache-2.0
#include "settings.h"

#include <array>
#include <charconv>
#include <string_view>
#include <utility>

namespace syncline::jwt {

namespace {

struct Unit {
    std::string_view name;
    std::int64_t factor;
};
constexpr std::array kDurations = {Unit{"ms", 1}, Unit{"s", 1'000}, Unit{"m", 60'000},
                                   Unit{"h", 3'600'000}, Unit{"d", 86'400'000}};
constexpr std::array kSizes = {Unit{"B", 1}, Unit{"KiB", 1'024}, Unit{"MiB", 1'048'576}};

constexpr std::int64_t kDayMs = 86'400'000;

/// `30s`, `8KiB`: the host has checked the form, so that only the range can be wrong here.
template <std::size_t count>
std::int64_t amount(const Value& config, const char* name, const std::array<Unit, count>& units,
                    std::int64_t fallback, std::int64_t least, std::int64_t most,
                    const char* range) {
    if (!config.contains(name)) return fallback;
    const std::string_view text = config[name].string();
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view suffix(end, static_cast<std::size_t>(text.data() + text.size() - end));
    for (const Unit& unit : units) {
        if (problem != std::errc() || suffix != unit.name) continue;
        const bool inRange =
            number >= 0 && number <= most / unit.factor && number * unit.factor >= least;
        if (inRange) return number * unit.factor;
    }
    throw ConfigError("/" + std::string(name),
                      "'" + std::string(text) + "' is outside of " + range);
}

std::vector<jose::Algorithm> algorithmsOf(const Value& config) {
    std::vector<jose::Algorithm> taken;
    for (const Value name : config["algorithms"]) {
        if (const auto algorithm = jose::algorithmOf(name.string())) taken.push_back(*algorithm);
    }
    if (config.contains("algorithms")) return taken;
    // A secret in a file of public keys is a mistake until the configuration says that it is none.
    if (config.contains("secret")) taken.push_back(jose::Algorithm::hs256);
    if (config.contains("keys")) {
        taken.insert(taken.end(),
                     {jose::Algorithm::rs256, jose::Algorithm::es256, jose::Algorithm::es384,
                      jose::Algorithm::es512, jose::Algorithm::eddsa});
    }
    return taken;
}

jose::Rules rulesOf(const Value& config) {
    jose::Rules rules;
    rules.issuer = config["issuer"].string();
    const Value audience = config["audience"];
    if (audience.isString()) rules.audiences.emplace_back(audience.string());
    if (audience.isArray()) {
        for (const Value one : audience) rules.audiences.emplace_back(one.string());
    }
    rules.algorithms = algorithmsOf(config);
    rules.type = config["type"].string();
    rules.leewayMs = amount(config, "leeway", kDurations, 30'000, 0, 600'000, "0s to 10m");
    rules.lifetimeMsMax =
        amount(config, "lifetime_max", kDurations, 0, 1'000, 3'650 * kDayMs, "1s to 3650d");
    rules.bytesMax = static_cast<std::size_t>(
        amount(config, "token_bytes_max", kSizes, 8'192, 256, 65'536, "256B to 64KiB"));
    return rules;
}

/// A claim by its name, or where a JSON pointer leads.
ClaimPath pathOf(const Value& config, const char* fallback, const std::string& pointer) {
    const std::string text(config.string(fallback));
    auto path = ClaimPath::parse(text);
    if (!path) throw ConfigError(pointer, "'" + text + "' is no JSON pointer");
    return std::move(*path);
}

Mapping mappingOf(const Value& config) {
    Mapping mapping{pathOf(config["user"]["claim"], "sub", "/user/claim"),
                    std::string(config["user"]["prefix"].string()),
                    pathOf(config["roles"]["claim"], "roles", "/roles/claim"),
                    {},
                    {},
                    {}};
    if (const Value names = config["roles"]["names"]; names.isObject()) {
        mapping.roleNames.emplace();
        for (const auto [theirs, ours] : names.members()) {
            mapping.roleNames->emplace(theirs, ours.string());
        }
    }
    for (const Value role : config["roles"]["add"]) mapping.rolesAdded.emplace_back(role.string());
    for (const auto [name, claim] : config["claims"].members()) {
        const std::string ours(name);
        mapping.claims.emplace(ours, pathOf(claim, "", "/claims/" + ours));
    }
    return mapping;
}

}  // namespace

Settings readSettings(const Value& config) {
    Settings settings{rulesOf(config), mappingOf(config), {}, 5'000, {}};
    settings.keysPath = config["keys"].string();
    settings.reloadMs = amount(config, "reload", kDurations, 5'000, 100, kDayMs, "100ms to 1d");
    const Value secret = config["secret"];
    if (settings.keysPath.empty() && !secret) throw ConfigError("", "'keys' or 'secret' is needed");
    if (secret) {
        auto key = jose::Key::fromSecret(std::string(secret.string()),
                                         std::string(config["secret_id"].string()));
        if (!key) throw ConfigError("/secret", key.error());
        settings.secret = std::move(*key);
    } else if (config.contains("secret_id")) {
        throw ConfigError("/secret_id", "there is no 'secret' that it could name");
    }
    return settings;
}

}  // namespace syncline::jwt
