// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bridge/handler_stage.h"
#include "bridge/instance.h"
#include "bridge/runtime.h"
#include "json/parse.h"
#include "json/write.h"
#include "pipeline/caller.h"
#include "pipeline/runner.h"
#include "support/fake_shard.h"
#include "support/plugin_file.h"

namespace syncline::tests {

inline json::Value parsedJson(std::string_view text) {
    auto value = json::parse(text);
    if (!value) throw std::runtime_error(std::string(text) + ": " + value.error().reason);
    return std::move(*value);
}

/// Who sends messages through a stage: as the test says.
class StageCaller final : public pipeline::Caller {
public:
    const pipeline::Principal* principal() const override { return who ? &*who : nullptr; }
    std::string_view transport() const override { return "test"; }
    std::string_view address() const override { return from; }
    std::uint64_t connection() const override { return number; }
    void answer(const pipeline::Call&, std::string_view, const json::Value*) override {}
    void refuse(pipeline::Call&, const core::Error& error) override { refusal = error; }
    void departed(const pipeline::Call&) override {}
    void ended(const pipeline::Call&) override {}

    /// From the text of {user, roles?, claims?}; empty: no session.
    void is(std::string_view principal) {
        who.reset();
        if (principal.empty()) return;
        who.emplace();
        who->document = parsedJson(principal);
        who->user = who->document.find("user")->asString();
    }

    std::optional<pipeline::Principal> who;
    std::string from = "192.0.2.1";
    std::uint64_t number = 1;
    core::Error refusal;
};

/// One built stage in the real bridge, on one or more shards that the test plays, before a clock
/// that it turns: what the server does with a stage, without the server.
class StageWorld {
public:
    /// `config` is complete: defaults are filled in by the settings, which are not here. The stage
    /// reads the time from `time`, or from `clock` if there is none.
    StageWorld(const char* file, std::string_view config, std::size_t shards = 1,
               const core::Clock* time = nullptr)
        : runtime(shards, time == nullptr ? clock : *time, random_,
                  std::make_shared<spdlog::logger>(
                      "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log))),
          instance(runtime, componentIn(file), {"plugin", "stage", "stage"}) {
        for (std::size_t i = 0; i < shards; ++i) {
            shards_.push_back(std::make_unique<Shard>(clock, i));
            runtime.seat(i, shards_[i]->shard, &shards_[i]->runner);
        }
        if (auto made = instance.create(); !made) throw std::runtime_error(made.error().reason);
        const json::Value value = parsedJson(config);
        if (auto valid = instance.validate(value); !valid) {
            fault = valid.error().pointer + ": " + valid.error().reason;
            return;
        }
        if (auto started = instance.start(); !started) {
            fault = started.error().reason;
            return;
        }
        for (std::size_t i = 0; i < shards; ++i) open(i);
        stage.emplace(instance);
        on(0);
    }
    ~StageWorld() {
        for (std::size_t i = 0; i < opened_; ++i) {
            runtime.claimThread(i);
            instance.closeShard(i);
        }
    }

    /// The shard on which messages are sent from now on.
    void on(std::size_t shard) {
        current_ = shard;
        runtime.claimThread(shard);
    }

    /// "continue", or "refused 1401: …", then " after 5 ms" and " {detail}" if there are any.
    std::string send(std::string_view message) {
        if (pass(clientMessage(parsedJson(message)))) return "continue";
        const core::Error& error = caller.refusal;
        std::string told =
            "refused " + std::to_string(static_cast<int>(error.code)) + ": " + error.reason;
        if (error.retryAfterMs > 0) told += " after " + std::to_string(error.retryAfterMs) + " ms";
        if (!error.detail.empty()) told += " " + error.detail;
        return told;
    }

    /// Runs the message through the stage, and answers whether it came out behind it.
    bool pass(wire::ClientMessage message) {
        if (pipeline_.steps.empty()) {
            pipeline_.steps = {{&*stage, "stage", 1'000, 0}, {&end_, "end", 1'000, 1}};
        }
        end_.reached = false;
        caller.refusal = {};
        const auto started = shards_[current_]->runner.start(pipeline_, std::move(message), caller);
        return started && end_.reached;
    }

    /// The same without the stage, to compare.
    bool passNothing(wire::ClientMessage message) {
        if (nothing_.steps.empty()) nothing_.steps = {{&end_, "end", 1'000, 1}};
        end_.reached = false;
        const auto started = shards_[current_]->runner.start(nothing_, std::move(message), caller);
        return started && end_.reached;
    }

    static wire::ClientMessage clientMessage(const json::Value& body) {
        wire::ClientMessage message;
        message.type = memberOf(body, "type");
        message.channel = memberOf(body, "channel");
        message.body = body.clone();
        return message;
    }

    StageCaller caller;
    FakeClock clock;
    std::ostringstream log;
    bridge::Runtime runtime;
    bridge::Instance instance;
    std::optional<bridge::HandlerStage> stage;
    std::string fault;  ///< why it did not start

private:
    struct Shard {
        Shard(FakeClock& clock, std::size_t index) : shard(clock, index), runner(shard, 8, 2) {}
        FakeShard shard;
        pipeline::Runner runner;
    };

    /// Stands behind the stage and says that the message got there.
    class End final : public pipeline::Stage {
    public:
        const std::string& name() const override { return name_; }
        bool blocking() const override { return false; }
        pipeline::Outcome run(pipeline::Call&, core::Error&) override {
            reached = true;
            return pipeline::Outcome::stop;
        }
        bool reached = false;

    private:
        const std::string name_ = "end";
    };

    static std::string memberOf(const json::Value& body, std::string_view name) {
        const json::Value* found = body.find(name);
        return found == nullptr || !found->isString() ? "" : std::string(found->asString());
    }

    void open(std::size_t shard) {
        runtime.claimThread(shard);
        if (auto done = instance.openShard(shard); !done) {
            throw std::runtime_error(done.error().reason);
        }
        ++opened_;
    }

    core::SystemRandom random_;
    std::vector<std::unique_ptr<Shard>> shards_;
    std::size_t opened_ = 0;
    std::size_t current_ = 0;
    pipeline::Pipeline pipeline_;
    pipeline::Pipeline nothing_;
    End end_;
};

}  // namespace syncline::tests
