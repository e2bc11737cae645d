// SPDX-License-Identifier: Apache-2.0
#include "observe/log.h"

#include <simdjson.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <iterator>
#include <string_view>
#include <utility>

namespace syncline::observe {

namespace {

/// The flag `%*`: the message, escaped for where it stands.
class EscapedMessage final : public spdlog::custom_flag_formatter {
public:
    explicit EscapedMessage(LogFormat format) : format_(format) {}

    void format(const spdlog::details::log_msg& message, const std::tm& /*time*/,
                spdlog::memory_buf_t& line) override {
        const std::string_view text(message.payload.data(), message.payload.size());
        // Bytes that are no UTF-8 stand as if they were Latin-1: readable, and the line stays JSON.
        const bool isUtf8 = simdjson::validate_utf8(text.data(), text.size());
        for (const char character : text) {
            const auto byte = static_cast<unsigned char>(character);
            if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !isUtf8)) {
                fmt::format_to(std::back_inserter(line), "\\u{:04x}", byte);
            } else {
                if (format_ == LogFormat::json && (character == '"' || character == '\\')) {
                    line.push_back('\\');
                }
                line.push_back(character);
            }
        }
    }

    std::unique_ptr<spdlog::custom_flag_formatter> clone() const override {
        return std::make_unique<EscapedMessage>(format_);
    }

private:
    LogFormat format_;
};

constexpr const char* patternOf(LogFormat format) {
    return format == LogFormat::text
               ? "%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %*"
               : R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","logger":"%n","message":"%*"})";
}

}  // namespace

std::shared_ptr<spdlog::logger> makeLogger(const LogSettings& settings) {
    spdlog::sink_ptr sink = settings.sink;
    if (!sink) sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
    auto logger = std::make_shared<spdlog::logger>(settings.name, std::move(sink));
    auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
    formatter->add_flag<EscapedMessage>('*', settings.format);
    formatter->set_pattern(patternOf(settings.format));
    logger->set_formatter(std::move(formatter));
    logger->set_level(settings.level);
    logger->flush_on(spdlog::level::warn);
    return logger;
}

}  // namespace syncline::observe
