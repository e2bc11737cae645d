// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <syncline/plugin.hpp>
#include <utility>
#include <vector>

#include "line_queue.h"
#include "log_file.h"

namespace {

using syncline::Builder;
using syncline::Call;
using syncline::Message;
using syncline::Outcome;
using syncline::Value;
using syncline::event_log::LineQueue;
using syncline::event_log::LogFile;
using syncline::event_log::Rotation;

/// The log hears of losses this often at most, so that a full disk does not fill it.
constexpr std::int64_t kTellEveryMs = 10'000;

/// "64MiB", whose form the host has checked.
std::uint64_t bytesOf(std::string_view text) {
    std::uint64_t bytes = 0;
    while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
        bytes = bytes * 10 + static_cast<std::uint64_t>(text.front() - '0');
        text.remove_prefix(1);
    }
    if (text == "KiB") return bytes << 10U;
    if (text == "MiB") return bytes << 20U;
    return text == "GiB" ? bytes << 30U : bytes;
}

/// Writes what passes as JSON lines to a file or to the server's log, and holds nothing up: a queue
/// of bounded size lies between, and what finds no room in it is dropped, counted and reported.
class EventLog final : public syncline::MessageHandler {
public:
    ~EventLog() override { queue_.reset(); }

    void configure(const Value& config) override {
        path_ = config["path"].string();
        rotation_.bytes = sizeIn(config, "rotate_bytes", "64MiB", 1 << 10);
        rotation_.filesMax = static_cast<std::uint32_t>(config["files_max"].integer(5));
        queueBytesMax_ = sizeIn(config, "queue_bytes_max", "4MiB", 1 << 10);
        lineBytesMax_ = sizeIn(config, "line_bytes_max", "16KiB", 1 << 8);
        withBody_ = config["body"].boolean(true);
        for (const Value name : config["omit"]) omitted_.emplace_back(name.string());
    }

    void start() override {
        written_ = metrics().counter("event_log_lines", "Lines that were given to the writer");
        dropped_ = metrics().counter("event_log_dropped", "Lines that were lost");
        if (!path_.empty()) file_ = LogFile::open(path_, rotation_);
        queue_ = std::make_unique<LineQueue>(
            queueBytesMax_, [this](const auto& lines) { return write(lines); },
            [this](std::uint64_t lines) { reportLost(lines); });
    }

    Outcome onMessage(const Message& message, Call& /*call*/) override {
        if (queue_->push(lineOf(message))) written_.add();
        return Outcome::proceed;
    }

    void drain() override {
        queue_->close();
        if (untold_ > 0) log().warn(std::to_string(untold_) + " more lines were lost");
    }

private:
    static std::uint64_t sizeIn(const Value& config, const char* name, const char* fallback,
                                std::uint64_t least) {
        const std::uint64_t bytes = bytesOf(config[name].string(fallback));
        if (bytes < least) {
            throw syncline::ConfigError(std::string("/") + name,
                                        "at least " + std::to_string(least) + "B is due");
        }
        return bytes;
    }

    std::string lineOf(const Message& message) const {
        syncline::Document document = this->document();
        const Value body = message.body();
        std::string line = textOf(document, message, [&](Builder& event) {
            if (!withBody_) return;
            event.object("message", [&](Builder& copy) { copyBody(body, copy); });
        });
        if (line.size() <= lineBytesMax_) return line;
        // The same line without what made it long, and a mark that it is so.
        document.clear();
        return textOf(document, message,
                      [&](Builder& event) { event.set("messageBytes", body.serialize().size()); });
    }

    template <class Rest>
    std::string textOf(syncline::Document& document, const Message& message,
                       const Rest& rest) const {
        document.object([&](Builder& event) {
            event.set("time", clock().wallMs()).set("type", message.type());
            setIfAny(event, "channel", message.channel());
            setIfAny(event, "user", message.user());
            setIfAny(event, "address", message.address());
            setIfAny(event, "transport", message.transport());
            if (const std::uint64_t connection = message.connection(); connection != 0) {
                event.set("connection", std::to_string(connection));
            }
            rest(event);
        });
        return document.result().serialize();
    }

    static void setIfAny(Builder& event, std::string_view name, std::string_view text) {
        if (!text.empty()) event.set(name, text);
    }

    void copyBody(const Value& body, Builder& copy) const {
        for (const auto [name, value] : body.members()) {
            const bool secret = std::find(omitted_.begin(), omitted_.end(), name) != omitted_.end();
            if (!secret) copy.set(name, value);
        }
    }

    /// On the queue's thread, as all below.
    std::size_t write(const std::deque<std::string>& lines) {
        if (!file_) {
            for (const std::string& line : lines) log().info(line);
            return lines.size();
        }
        if (unmarked_ > 0 && file_->append({markOf(unmarked_)}).problem.empty()) unmarked_ = 0;
        const LogFile::Appended appended = file_->append(lines);
        if (appended.problem != problem_) tell(appended.problem);
        problem_ = appended.problem;
        return appended.lines;
    }

    void tell(const std::string& problem) {
        if (problem.empty()) {
            health().well();
            return log().info(path_ + " is written to again");
        }
        health().unwell(problem);
        log().error(problem + "; what comes now is lost until that works again");
    }

    void reportLost(std::uint64_t lines) {
        dropped_.add(lines);
        unmarked_ += lines;
        untold_ += lines;
        const std::int64_t now = clock().steadyMs();
        if (toldAtMs_ != 0 && now - toldAtMs_ < kTellEveryMs) return;
        toldAtMs_ = now;
        log().warn(std::to_string(std::exchange(untold_, 0)) + " lines were lost");
    }

    /// The line that stands where others are missing.
    std::string markOf(std::uint64_t lines) const {
        return "{\"time\":" + std::to_string(clock().wallMs()) +
               ",\"dropped\":" + std::to_string(lines) + "}";
    }

    std::string path_;
    Rotation rotation_;
    std::size_t queueBytesMax_ = 0;
    std::size_t lineBytesMax_ = 0;
    bool withBody_ = true;
    std::vector<std::string> omitted_;

    syncline::Counter written_;
    syncline::Counter dropped_;
    std::shared_ptr<LogFile> file_;
    std::string problem_;         ///< of the last write
    std::uint64_t unmarked_ = 0;  ///< lines that are lost, which the file does not say yet
    std::uint64_t untold_ = 0;    ///< the same of the log
    std::int64_t toldAtMs_ = 0;
    std::unique_ptr<LineQueue> queue_;
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.event_log", "1.0.0",
                syncline::handler<EventLog>("event_log")
                    .filter()
                    .needs("draft.call/1.1")
                    .needs(SYNCLINE_CLOCK_TABLE)
                    .uses(SYNCLINE_LOG_TABLE)
                    .uses(SYNCLINE_METRICS_TABLE)
                    .uses(SYNCLINE_HEALTH_TABLE)
                    .describes("Writes what passes as JSON lines to a file or to the log."))
