// SPDX-License-Identifier: Apache-2.0
#include "read_settings.h"

#include <array>
#include <charconv>
#include <string>
#include <string_view>
#include <syncline/plugin/error.hpp>
#include <utility>

namespace syncline::sqlite {
namespace {

struct Unit {
    std::string_view name;
    std::int64_t factor;
};
constexpr std::array sizeUnits = {Unit{"B", 1}, Unit{"KiB", 1 << 10}, Unit{"MiB", 1 << 20},
                                  Unit{"GiB", 1 << 30}};
constexpr std::array durationUnits = {Unit{"ms", 1}, Unit{"s", 1'000}, Unit{"m", 60'000}};

/// `64KiB`, `250ms`: the host has checked the form, so that only the range can be wrong here.
template <std::size_t count>
std::int64_t amount(const Value& config, const char* name, const std::array<Unit, count>& units,
                    std::int64_t fallback, std::int64_t least, std::int64_t most) {
    if (!config.contains(name)) return fallback;
    const std::string_view text = config[name].string();
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view suffix(end, static_cast<std::size_t>(text.data() + text.size() - end));
    const std::string pointer = "/" + std::string(name);
    for (const Unit& unit : units) {
        if (problem != std::errc() || suffix != unit.name) continue;
        const bool inRange =
            number >= 0 && number <= most / unit.factor && number * unit.factor >= least;
        if (!inRange) break;
        return number * unit.factor;
    }
    throw ConfigError(pointer, "'" + std::string(text) + "' is outside of " +
                                   std::to_string(least) + std::string(units[0].name) + " to " +
                                   std::to_string(most) + std::string(units[0].name));
}

std::size_t size(const Value& config, const char* name, std::size_t fallback,
                 std::int64_t leastBytes) {
    constexpr std::int64_t mostBytes = std::int64_t{64} << 30;
    return static_cast<std::size_t>(amount(
        config, name, sizeUnits, static_cast<std::int64_t>(fallback), leastBytes, mostBytes));
}

std::size_t count(const Value& config, const char* name, std::size_t fallback) {
    return static_cast<std::size_t>(config[name].integer(static_cast<std::int64_t>(fallback)));
}

Durability durabilityOf(std::string_view name) {
    if (name == "none") return Durability::none;
    return name == "relaxed" ? Durability::relaxed : Durability::full;
}

Check checkOf(std::string_view name) {
    if (name == "never") return Check::never;
    return name == "always" ? Check::always : Check::unclean;
}

}  // namespace

Settings readSettings(const Value& config) {
    Settings settings;
    settings.path = config["path"].string();
    if (settings.path.empty()) throw ConfigError("/path", "names no file");
    settings.durability = durabilityOf(config["durability"].string());
    settings.check = checkOf(config["check"].string());
    settings.unfoldedOpsMax = count(config, "unfolded_ops_max", settings.unfoldedOpsMax);
    settings.unfoldedBytesMax =
        size(config, "unfolded_bytes_max", settings.unfoldedBytesMax, 64 << 10);
    settings.foldOps = count(config, "fold_ops", settings.foldOps);
    settings.foldBytes = size(config, "fold_bytes", settings.foldBytes, 1);
    settings.walBytesMax = size(config, "wal_bytes_max", settings.walBytesMax, 1 << 20);
    settings.readersMax = count(config, "readers_max", settings.readersMax);
    settings.headsMax = count(config, "heads_max", settings.headsMax);
    settings.retryMs = std::chrono::milliseconds(
        amount(config, "retry", durationUnits, settings.retryMs.count(), 10, 60'000));
    return settings;
}

}  // namespace syncline::sqlite
