// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spdlog/logger.h>
#include <spdlog/sinks/ostream_sink.h>
#include <syncline/abi.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "bridge/entered.h"
#include "bridge/handler_stage.h"
#include "bridge/host_tables.h"
#include "bridge/instance.h"
#include "bridge/plugin_error.h"
#include "bridge/runtime.h"
#include "json/parse.h"
#include "json/write.h"
#include "pipeline/caller.h"
#include "pipeline/runner.h"
#include "support/fake_shard.h"

namespace syncline::bridge::tests {

using syncline::tests::FakeClock;
using syncline::tests::FakeShard;

inline json::Value parsed(std::string_view text) {
    return std::move(*json::parse(text));
}

/// What a test plugin does where it does more than nothing. Every function of the contract finds
/// its body here.
struct Script {
    std::function<syncline_status(syncline_error*)> create;
    std::function<syncline_status(const syncline_value*, syncline_error*)> validate;
    std::function<syncline_status(syncline_error*)> start;
    std::function<syncline_status(std::uint32_t, void**, syncline_error*)> shardOpen;
    std::function<void(void*)> shardClose;
    std::function<void()> drain;
    std::function<syncline_outcome(void*, syncline_call, syncline_error*)> onMessage;
    std::function<syncline_outcome(syncline_call, std::uint32_t, syncline_status,
                                   const syncline_value*, syncline_error*)>
        onResult;
    std::function<syncline_auth_answer(const syncline_credentials*, syncline_builder*,
                                       syncline_error*)>
        authenticate;
    std::function<syncline_status(const syncline_conflict*, const syncline_verdicts*,
                                  syncline_error*)>
        decide;

    const syncline_host* host = nullptr;  ///< known from create on
    std::vector<std::string> life;        ///< what was called, in order
};

/// Where create() finds the script of the component that is being made.
inline thread_local Script* nextScript = nullptr;

/// A component in plain functions, as a plugin would export it.
template <class Functions>
syncline_component componentOf(syncline_kind kind, const Functions& functions) {
    syncline_component component = {};
    component.size = sizeof component;
    component.kind = kind;
    component.name = "scripted";
    component.create = [](const syncline_host* host, void** self, syncline_error* error) {
        nextScript->host = host;
        nextScript->life.emplace_back("create");
        *self = nextScript;
        return nextScript->create ? nextScript->create(error) : SYNCLINE_OK;
    };
    component.validate = [](void* self, const syncline_value* config, syncline_error* error) {
        auto& script = *static_cast<Script*>(self);
        script.life.emplace_back("validate");
        return script.validate ? script.validate(config, error) : SYNCLINE_OK;
    };
    component.start = [](void* self, syncline_error* error) {
        auto& script = *static_cast<Script*>(self);
        script.life.emplace_back("start");
        return script.start ? script.start(error) : SYNCLINE_OK;
    };
    component.shard_open = [](void* self, std::uint32_t index, void** shard,
                              syncline_error* error) {
        auto& script = *static_cast<Script*>(self);
        script.life.push_back("shard_open " + std::to_string(index));
        return script.shardOpen ? script.shardOpen(index, shard, error) : SYNCLINE_OK;
    };
    component.shard_close = [](void* self, void* shard) {
        auto& script = *static_cast<Script*>(self);
        script.life.emplace_back("shard_close");
        if (script.shardClose) script.shardClose(shard);
    };
    component.drain = [](void* self) {
        auto& script = *static_cast<Script*>(self);
        script.life.emplace_back("drain");
        if (script.drain) script.drain();
    };
    component.destroy = [](void* self) {
        static_cast<Script*>(self)->life.emplace_back("destroy");
    };
    component.functions = &functions;
    return component;
}

inline const syncline_message_handler kHandler = {
    sizeof(syncline_message_handler),
    [](void* self, void* shard, syncline_call call, syncline_error* error) {
        return static_cast<Script*>(self)->onMessage(shard, call, error);
    },
    [](void* self, void*, syncline_call call, std::uint32_t tag, syncline_status status,
       const syncline_value* result, syncline_error* error) {
        return static_cast<Script*>(self)->onResult(call, tag, status, result, error);
    }};
inline const syncline_component kHandlerComponent = componentOf(SYNCLINE_MESSAGE_HANDLER, kHandler);

inline const syncline_auth_provider kProvider = {
    sizeof(syncline_auth_provider), [](void* self, void*, const syncline_credentials* shown,
                                       syncline_builder* principal, syncline_error* error) {
        return static_cast<Script*>(self)->authenticate(shown, principal, error);
    }};
inline const syncline_component kProviderComponent = componentOf(SYNCLINE_AUTH_PROVIDER, kProvider);

inline const syncline_conflict_strategy kStrategy = {
    sizeof(syncline_conflict_strategy),
    [](void* self, const syncline_conflict* conflict, const syncline_verdicts* verdicts,
       syncline_error* error) {
        return static_cast<Script*>(self)->decide(conflict, verdicts, error);
    }};
inline const syncline_component kStrategyComponent =
    componentOf(SYNCLINE_CONFLICT_STRATEGY, kStrategy);

/// The shard of the thread that makes it, driven by hand; unlike FakeShard it may be posted to from
/// any thread, as pools do.
class PostedShard final : public core::Shard {
public:
    explicit PostedShard(FakeClock& clock) : inner_(clock) {}

    bool post(core::Task task) override {
        postAlways(std::move(task));
        return true;
    }
    void postAlways(core::Task task) override {
        const std::lock_guard lock(mutex_);
        posted_.push_back(std::move(task));
    }
    bool isCurrent() const override { return std::this_thread::get_id() == thread_; }
    std::size_t index() const override { return inner_.index(); }
    const core::Clock& clock() const override { return inner_.clock(); }
    std::int64_t nowMs() const override { return inner_.nowMs(); }
    core::TimerWheel& timers() override { return inner_.timers(); }
    void atTickEnd(core::Task hook) override { inner_.atTickEnd(std::move(hook)); }

    /// Ticks until nothing is left to do now.
    void settle() {
        for (bool ran = true; ran;) {
            std::vector<core::Task> tasks;
            {
                const std::lock_guard lock(mutex_);
                tasks.swap(posted_);
            }
            for (core::Task& task : tasks) task();
            ran = inner_.tick() || !tasks.empty();
        }
    }

private:
    FakeShard inner_;
    const std::thread::id thread_ = std::this_thread::get_id();
    std::mutex mutex_;
    std::vector<core::Task> posted_;
};

/// A server of one shard, as far as the bridge sees it.
struct World {
    World()
        : runtime(1, clock, random,
                  std::make_shared<spdlog::logger>(
                      "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(log))) {
        runtime.seat(0, shard, &runner);
        runtime.claimThread(0);
    }

    FakeClock clock;
    core::SystemRandom random;
    std::ostringstream log;
    PostedShard shard{clock};
    pipeline::Runner runner{shard, 8, 4};
    Runtime runtime;
};

/// A component instance of a script, as far along its life as most tests want it.
struct Made {
    Made(World& world, Script& script, const syncline_component& component,
         ComponentTraits traits = {"plugin", "scripted", "scripted"})
        : instance(world.runtime, component, std::move(traits)) {
        nextScript = &script;
    }

    Instance& started() {
        const json::Value config = json::Value::object();
        const bool alive = instance.create() && instance.validate(config) && instance.start();
        if (!alive) throw std::runtime_error("the scripted component did not start");
        return instance;
    }

    Instance instance;
};

/// A sender of messages that writes down what comes back.
class FakeCaller final : public pipeline::Caller {
public:
    const pipeline::Principal* principal() const override {
        return who.user.empty() ? nullptr : &who;
    }
    std::string_view transport() const override { return "test"; }
    std::string_view address() const override { return "192.0.2.1"; }
    std::uint64_t connection() const override { return 17; }
    void answer(const pipeline::Call&, std::string_view type, const json::Value* body) override {
        got.push_back(std::string(type) + (body == nullptr ? "" : " " + json::toText(*body)));
        if (onAnswer) onAnswer();
    }
    void refuse(pipeline::Call& call, const core::Error& error) override {
        refusedBody = json::toText(call.message.body);
        got.push_back("error " + std::to_string(static_cast<int>(error.code)) + " " + error.reason);
    }
    void departed(const pipeline::Call&) override {}
    void ended(const pipeline::Call&) override { got.emplace_back("end"); }

    pipeline::Principal who;
    std::vector<std::string> got;
    std::string refusedBody;
    std::function<void()> onAnswer;
};

inline pipeline::Step stepOf(pipeline::Stage& stage, std::uint32_t meter = 0) {
    pipeline::Step step;
    step.stage = &stage;
    step.timeoutMs = 250;
    step.meter = meter;
    return step;
}

/// The scripted handler as the one stage of a pipeline.
struct HandlerWorld : World {
    explicit HandlerWorld(ComponentTraits traits = {"plugin", "scripted", "scripted"})
        : made(*this, script, kHandlerComponent, std::move(traits)), stage(made.started()) {
        pipeline.type = "test";
        pipeline.steps.push_back(stepOf(stage));
    }
    ~HandlerWorld() { runner.cancel(caller); }

    /// Runs a message until it ends or waits, and answers its id.
    pipeline::CallId send(std::string_view body = R"({"type":"test","channel":"c"})") {
        wire::ClientMessage message;
        message.type = "test";
        message.channel = "c";
        message.body = parsed(body);
        return *runner.start(pipeline, std::move(message), caller);
    }

    const syncline_call_table& calls() const { return kCallTable; }
    const Conduct& conduct() { return made.instance.conduct(); }

    Script script;
    FakeCaller caller;
    Made made;
    HandlerStage stage;
    pipeline::Pipeline pipeline;
};

}  // namespace syncline::bridge::tests
