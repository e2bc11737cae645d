// SPDX-License-Identifier: Apache-2.0
#include "observe/log.h"

#include <simdjson.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_color_sinks.h>

#include <iterator>
#include <string_view>
#include <utility>

#include "observe/log_context.h"

namespace syncline::observe {

namespace {

/// Appends `text`, escaped for where it stands. Bytes that are no UTF-8 stand as if they were
/// Latin-1: readable, and the line stays JSON.
void appendEscaped(std::string_view text, LogFormat format, spdlog::memory_buf_t& line) {
    const bool isUtf8 = simdjson::validate_utf8(text.data(), text.size());
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !isUtf8)) {
            fmt::format_to(std::back_inserter(line), "\\u{:04x}", byte);
            continue;
        }
        if (format == LogFormat::json && (character == '"' || character == '\\')) {
            line.push_back('\\');
        }
        line.push_back(character);
    }
}

/// The flag `%&`: what the line is about, as far as the thread knows.
class AboutWhat final : public spdlog::custom_flag_formatter {
public:
    explicit AboutWhat(LogFormat format) : format_(format) {}

    void format(const spdlog::details::log_msg& /*message*/, const std::tm& /*time*/,
                spdlog::memory_buf_t& line) override {
        const LogSubject* subject = LogScope::current();
        if (subject == nullptr) return;
        LogContext context;
        subject->describe(context);
        append("connection", context.connection, line);
        append("session", context.session, line);
        append("message_id", context.message, line);
        append("traceparent", context.traceparent, line);
    }

    std::unique_ptr<spdlog::custom_flag_formatter> clone() const override {
        return std::make_unique<AboutWhat>(format_);
    }

private:
    void append(std::string_view name, std::string_view value, spdlog::memory_buf_t& line) const {
        if (value.empty()) return;
        const bool json = format_ == LogFormat::json;
        line.push_back(json ? ',' : ' ');
        if (json) line.push_back('"');
        line.append(name.data(), name.data() + name.size());
        if (json) line.push_back('"');
        line.push_back(json ? ':' : '=');
        if (json) line.push_back('"');
        appendEscaped(value.substr(0, kValueBytesMax), format_, line);
        if (json) line.push_back('"');
    }

    /// A client chooses the id of its message.
    static constexpr std::size_t kValueBytesMax = 128;

    LogFormat format_;
};

/// The flag `%*`: the message, escaped for where it stands.
class EscapedMessage final : public spdlog::custom_flag_formatter {
public:
    explicit EscapedMessage(LogFormat format) : format_(format) {}

    void format(const spdlog::details::log_msg& message, const std::tm& /*time*/,
                spdlog::memory_buf_t& line) override {
        appendEscaped({message.payload.data(), message.payload.size()}, format_, line);
    }

    std::unique_ptr<spdlog::custom_flag_formatter> clone() const override {
        return std::make_unique<EscapedMessage>(format_);
    }

private:
    LogFormat format_;
};

constexpr const char* patternOf(LogFormat format) {
    return format == LogFormat::text
               ? "%Y-%m-%dT%H:%M:%S.%eZ %^%l%$ %*%&"
               : R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","logger":"%n","message":"%*"%&})";
}

}  // namespace

std::shared_ptr<spdlog::logger> makeLogger(const LogSettings& settings) {
    spdlog::sink_ptr sink = settings.sink;
    if (!sink) sink = std::make_shared<spdlog::sinks::stderr_color_sink_mt>();
    auto logger = std::make_shared<spdlog::logger>(settings.name, std::move(sink));
    auto formatter = std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc);
    formatter->add_flag<EscapedMessage>('*', settings.format);
    formatter->add_flag<AboutWhat>('&', settings.format);
    formatter->set_pattern(patternOf(settings.format));
    logger->set_formatter(std::move(formatter));
    logger->set_level(settings.level);
    logger->flush_on(spdlog::level::warn);
    return logger;
}

}  // namespace syncline::observe
