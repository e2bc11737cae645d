// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <syncline/plugin.hpp>

namespace {

using syncline::Builder;
using syncline::ConfigError;
using syncline::Value;

/// `7d` in milliseconds: the host has checked the form, so that only the range can be wrong here.
std::int64_t durationMs(std::string_view text) {
    struct Unit {
        std::string_view name;
        std::int64_t factor;
    };
    constexpr std::array units = {Unit{"ms", 1}, Unit{"s", 1'000}, Unit{"m", 60'000},
                                  Unit{"h", 3'600'000}, Unit{"d", 86'400'000}};
    constexpr std::int64_t most = std::int64_t{3'650} * 86'400'000;
    std::int64_t number = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    const std::string_view suffix(end, static_cast<std::size_t>(text.data() + text.size() - end));
    for (const Unit& unit : units) {
        if (problem != std::errc() || suffix != unit.name) continue;
        if (number > 0 && number <= most / unit.factor) return number * unit.factor;
    }
    throw ConfigError("/expire/after", "'" + std::string(text) + "' is outside of 1ms to 3650d");
}

/// What the server has stands, and the conflict is kept as a record of its channel, for somebody to
/// resolve.
class Manual final : public syncline::ConflictStrategy {
public:
    void configure(const Value& config) override {
        const Value expire = config["expire"];
        if (!expire.isObject()) return;
        expireMs_ = durationMs(expire["after"].string());
        then_ = expire["then"].string("theirs");
    }

    void decide(const syncline::Conflict& conflict, syncline::Verdicts& verdicts) override {
        for (std::size_t i = 0; i < conflict.pathCount(); ++i) {
            verdicts.conflict(i, [&](Builder& kept) {
                kept.object([&](Builder& how) {
                    if (expireMs_ == 0) return;
                    how.set("expireMs", expireMs_);
                    how.set("then", then_);
                });
            });
        }
    }

private:
    std::int64_t expireMs_ = 0;
    std::string then_;
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.manual", "1.0.0",
                syncline::conflictStrategy<Manual>("manual").describes(
                    "Keeps the conflict as a record, for somebody to resolve."))
