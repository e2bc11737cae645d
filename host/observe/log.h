// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spdlog/logger.h>

#include <memory>
#include <string>

namespace syncline::observe {

enum class LogFormat {
    text,  ///< for people: `2024-01-31T12:00:00.000Z warning message`
    json,  ///< for machines: one JSON object a line with time, level, logger, message
};

struct LogSettings {
    spdlog::level::level_enum level = spdlog::level::info;
    LogFormat format = LogFormat::text;
    std::string name = "syncline";
    spdlog::sink_ptr sink = nullptr;  ///< where lines go; standard error when there is none
};

/// The logger of the process, safe to use on any thread. It is in no registry: whoever logs was
/// handed it. Shared, because plugins and threads may log until the very end.
///
/// Behind the message stands what the thread is at, see LogScope: connection, session, message_id
/// and traceparent, as far as they are known.
///
/// A message is one line whatever a client put into it: control characters are escaped.
std::shared_ptr<spdlog::logger> makeLogger(const LogSettings& settings);

}  // namespace syncline::observe
