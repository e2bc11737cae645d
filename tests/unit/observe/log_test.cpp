// SPDX-License-Identifier: Apache-2.0
#include "observe/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>
#include <string>

#include "observe/log_context.h"

namespace syncline::observe {
namespace {

using testing::ContainsRegex;
using testing::EndsWith;
using testing::HasSubstr;

struct Log {
    explicit Log(LogFormat format, spdlog::level::level_enum level = spdlog::level::info) {
        LogSettings settings;
        settings.format = format;
        settings.level = level;
        settings.name = "unit";
        settings.sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(out);
        logger = makeLogger(settings);
    }

    std::string text() const { return out.str(); }

    std::ostringstream out;
    std::shared_ptr<spdlog::logger> logger;
};

TEST(Log, TextLinesHaveTheTimeInUtcTheLevelAndTheMessage) {
    Log log(LogFormat::text);
    log.logger->warn("listening on {}", 8080);
    EXPECT_THAT(log.text(), ContainsRegex("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:"
                                          "[0-9]{2}\\.[0-9]{3}Z warning listening on 8080\n$"));
}

TEST(Log, JsonLinesAreObjectsWithTheMessageEscaped) {
    Log log(LogFormat::json);
    log.logger->error("a \"quoted\" back\\slash\n\ttab \x01 ümlaut");
    EXPECT_THAT(log.text(), ContainsRegex("^\\{\"time\":\"[0-9T:.-]+Z\",\"level\":\"error\","));
    EXPECT_THAT(log.text(),
                EndsWith(R"("logger":"unit","message":"a \"quoted\" back\\slash\u000a\u0009tab )"
                         "\\u0001 ümlaut\"}\n"));
}

TEST(Log, AMessageIsOneLineWhateverAClientPutIntoIt) {
    Log log(LogFormat::text);
    log.logger->info("user={}", "eve\n2024-01-01T00:00:00.000Z error all is lost\x1b[2J\x7f");
    const std::string text = log.text();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
    EXPECT_THAT(text, HasSubstr("eve\\u000a2024"));
    EXPECT_THAT(text, EndsWith("\\u001b[2J\\u007f\n"));
}

TEST(Log, BytesThatAreNoUtf8LeaveTheLineReadable) {
    Log log(LogFormat::json);
    log.logger->info("{}", "caf\xe9 \xff");
    EXPECT_THAT(log.text(), EndsWith("\"message\":\"caf\\u00e9 \\u00ff\"}\n"));
}

TEST(Log, OmitsWhatIsBelowItsLevel) {
    Log log(LogFormat::text, spdlog::level::warn);
    log.logger->info("chatter");
    EXPECT_EQ(log.text(), "");
    log.logger->warn("trouble");
    EXPECT_THAT(log.text(), HasSubstr("trouble"));
}

TEST(Log, IsInNoRegistry) {
    const Log log(LogFormat::text);
    EXPECT_EQ(spdlog::get("unit"), nullptr);
}

TEST(Log, WritesToStandardErrorWhenNotToldOtherwise) {
    testing::internal::CaptureStderr();
    makeLogger(LogSettings{})->warn("hello out there");
    EXPECT_THAT(testing::internal::GetCapturedStderr(), HasSubstr("warning hello out there\n"));
}

LogContext aContext() {
    return {"1.17", "5e55", "m \"1\"\n", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"};
}

TEST(Log, ALineSaysWhatItsThreadIsAt) {
    Log text(LogFormat::text);
    Log json(LogFormat::json);
    const KnownSubject subject(aContext());
    {
        const LogScope scope(subject);
        text.logger->info("seen");
        json.logger->info("seen");
    }
    EXPECT_THAT(text.text(),
                EndsWith(" info seen connection=1.17 session=5e55 message_id=m \"1\"\\u000a "
                         "traceparent=00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\n"));
    EXPECT_THAT(
        json.text(),
        EndsWith(R"("message":"seen","connection":"1.17","session":"5e55",)"
                 R"("message_id":"m \"1\"\u000a",)"
                 R"("traceparent":"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"})"
                 "\n"));
}

TEST(Log, WhatIsNotKnownIsLeftOutAndScopesNest) {
    Log log(LogFormat::json);
    const KnownSubject outer(LogContext{"0.1", {}, {}, {}});
    const KnownSubject inner(LogContext{"0.2", {}, {}, {}});
    {
        const LogScope first(outer);
        {
            const LogScope second(inner);
            log.logger->info("inner");
        }
        log.logger->info("outer");
    }
    log.logger->info("none");
    EXPECT_THAT(log.text(), HasSubstr(R"("message":"inner","connection":"0.2"})"));
    EXPECT_THAT(log.text(), HasSubstr(R"("message":"outer","connection":"0.1"})"));
    EXPECT_THAT(log.text(), HasSubstr(R"("message":"none"})"));
}

TEST(Log, WhatAClientChoseIsCutOff) {
    Log log(LogFormat::text);
    const KnownSubject subject(LogContext{{}, {}, std::string(1'000, 'x'), {}});
    const LogScope scope(subject);
    log.logger->info("seen");
    EXPECT_THAT(log.text(), EndsWith("message_id=" + std::string(128, 'x') + "\n"));
}

}  // namespace
}  // namespace syncline::observe
