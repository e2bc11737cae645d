// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/runner.h"
#include "session/session.h"
#include "unit/channel/world.h"

namespace syncline::session::tests {

using syncline::tests::member;
using syncline::tests::parsed;
using syncline::tests::unframed;

/// A connection that writes down what goes out. Its outbox takes `roomLeft` bytes.
class FakeTransport : public Transport {
public:
    bool send(std::string_view message) override {
        if (message.size() > roomLeft) return false;
        roomLeft -= message.size();
        sent.emplace_back(message);
        return true;
    }
    bool sendFrames(const core::SharedBytes& frames) override {
        if (frames->size() > roomLeft) return false;
        roomLeft -= frames->size();
        for (std::string& text : unframed(*frames)) sent.push_back(std::move(text));
        return true;
    }
    std::size_t roomBytes() const override { return roomLeft; }
    bool hold(std::size_t bytes) override {
        if (held + bytes > heldMax) return false;
        held += bytes;
        return true;
    }
    void release(std::size_t bytes) override { held -= bytes; }
    void ping() override { ++pings; }
    void pauseReading() override { paused = true; }
    void resumeReading() override { paused = false; }
    void close(CloseCode code, std::string_view) override { closedWith = static_cast<int>(code); }
    void goAway(const core::Error& draining) override { sentAway = draining; }
    std::string_view name() const override { return "test"; }
    std::string_view address() const override { return "192.0.2.1"; }
    std::string_view authorization() const override { return ""; }
    std::string_view cookie() const override { return ""; }

    /// What was sent since the last call.
    std::vector<std::string> take() { return std::exchange(sent, {}); }

    std::vector<std::string> sent;
    std::size_t roomLeft = 1U << 20;
    std::size_t held = 0;
    std::size_t heldMax = 1U << 30;  ///< the server's total
    int pings = 0;
    bool paused = false;
    int closedWith = 0;
    std::optional<core::Error> sentAway;
};

/// A handler that is a function of the session and the call.
class FunctionStage final : public pipeline::Stage {
public:
    using Body = std::function<pipeline::Outcome(Session&, pipeline::Call&, core::Error&)>;

    explicit FunctionStage(Body body) : body_(std::move(body)) {}

    const std::string& name() const override { return name_; }
    bool blocking() const override { return false; }
    pipeline::Outcome run(pipeline::Call& call, core::Error& error) override {
        return body_(static_cast<Session&>(*call.caller), call, error);
    }

private:
    const std::string name_ = "function";
    Body body_;
};

/// A provider that accepts everybody as the user in their token.
class TokenIsUser final : public AuthProvider {
public:
    const std::string& name() const override { return name_; }
    void authenticate(core::Shard&, const Credentials& credentials,
                      core::UniqueFunction<void(AuthAnswer)> answer) override {
        AuthAnswer found;
        found.kind = AuthAnswer::Kind::accept;
        found.principal.document = json::Value::object();
        found.principal.document.set("user", credentials.token);
        answer(std::move(found));
    }

private:
    const std::string name_ = "token";
};

/// The session layer of one shard, over the real channel layer, with handlers in plain functions:
/// `enter` opens the session, `follow` and `leave` subscribe and unsubscribe, `change` submits,
/// `read` takes a snapshot, `renew` goes on as another principal, `echo` answers, `gate` is a stage
/// in front of `gated` that waits. `several` are batches whose ops are of the type `part`, with
/// such a stage; `sealed` are batches that are refused.
class Desk : private ShardContexts {
public:
    /// `prepare` may change the settings of the channel layer.
    explicit Desk(const std::function<void(syncline::tests::World&)>& prepare = {}) {
        if (prepare) prepare(world);
        addTypes();
        runner = std::make_unique<pipeline::Runner>(world.shard(), 1'000, 16);
        context.reset(new ShardContext{world.shard(),
                                       *runner,
                                       pipelines,
                                       world.directory(),
                                       *world.topics[0],
                                       clients,
                                       *this,
                                       world.random,
                                       settings,
                                       world.settings.log,
                                       {},
                                       0,
                                       &users,
                                       &userSignals});
    }

    struct Visit {
        FakeTransport transport;
        std::unique_ptr<Session> session;

        void say(const std::string& message) { session->onMessage(message); }
    };

    std::unique_ptr<Visit> visit() {
        auto made = std::make_unique<Visit>();
        made->session = std::make_unique<Session>(*context, made->transport, chain);
        return made;
    }

    /// A session that is open; what it was told so far is taken.
    std::unique_ptr<Visit> enter(const std::string& user) {
        auto made = visit();
        made->say(R"({"type":"enter","id":1,"user":")" + user + "\"}");
        world.settle();
        made->transport.take();
        return made;
    }

    void passMs(std::int64_t ms) {
        world.clock.advanceMs(ms);
        world.settle();
    }

    syncline::tests::World world;
    SessionSettings settings;
    ClientRegistry clients;
    broadcast::TopicIndex users;
    broadcast::UserSignals userSignals{{{&world.shard(), &users}}};
    pipeline::PipelineTable pipelines;
    std::unique_ptr<pipeline::Runner> runner;
    std::unique_ptr<ShardContext> context;
    TokenIsUser provider;
    AuthChain chain{{&provider}};
    std::vector<pipeline::CallId> gated;  ///< calls that wait at the gate

private:
    ShardContext& of(std::size_t) override { return *context; }

    pipeline::Pipeline& addType(const std::string& type, FunctionStage::Body body) {
        stages_.push_back(std::make_unique<FunctionStage>(std::move(body)));
        pipeline::Pipeline pipeline;
        pipeline.type = type;
        pipeline.steps.push_back({stages_.back().get(), type, 1'000, 0});
        made_.push_back(std::move(pipeline));
        return made_.back();
    }

    static pipeline::Outcome settled(core::Result<void> begun, core::Error& error) {
        if (begun) return pipeline::Outcome::pending;
        error = begun.error();
        return pipeline::Outcome::refused;
    }

    void addTypes() {
        using pipeline::Outcome;
        made_.reserve(16);
        addType("enter", [](Session& session, pipeline::Call& call, core::Error& error) {
            const json::Value* user = call.message.body.find("user");
            json::Value principal = json::Value::object();
            principal.set("user", user->asString());
            auto told =
                session.open(std::string(user->asString()) + "-client-0123456789012345", principal);
            if (!told) {
                error = told.error();
                return Outcome::refused;
            }
            session.answer(call, "entered", &*told);
            if (const json::Value* resume = call.message.body.find("resume")) {
                static_cast<void>(session.resume(*resume));
            }
            return Outcome::stop;
        }).opensSession = true;
        addType("follow", [](Session& session, pipeline::Call& call, core::Error& error) {
            return settled(session.subscribe(call.id, call.message.body), error);
        }).subscribes = true;
        addType("leave", [](Session& session, pipeline::Call& call, core::Error& error) {
            auto left = session.unsubscribe(call.message.channel);
            if (left) session.answer(call, "left", nullptr);
            if (!left) error = left.error();
            return left ? Outcome::stop : Outcome::refused;
        });
        addType("change", [](Session& session, pipeline::Call& call, core::Error& error) {
            return settled(session.submit(call.id, call.message.body), error);
        }).carriesOps = true;
        addType("read", [](Session& session, pipeline::Call& call, core::Error& error) {
            return settled(session.snapshot(call.id, call.message.channel, nullptr), error);
        });
        addType("signal", [this](Session& session, pipeline::Call& call, core::Error& error) {
            const json::Value* user = call.message.body.find("user");
            const json::Value* body = call.message.body.find("body");
            auto answer = [this, id = call.id](core::Result<json::Value> result) {
                pipeline::Call* asked = runner->find(id);
                if (asked == nullptr) return;
                if (!result) {
                    runner->refuse(id, result.error());
                    return;
                }
                asked->caller->answer(*asked, "signalled", &*result);
                runner->complete(id, Outcome::stop);
            };
            return settled(user == nullptr
                               ? session.signalChannel(call.message.channel, "told", body, answer)
                               : session.signalUser(user->asString(), "told", body, answer),
                           error);
        });
        addType("attend", [](Session& session, pipeline::Call& call, core::Error& error) {
            return settled(session.presence(call.id, call.message.body), error);
        });
        addType("echo", [](Session& session, pipeline::Call& call, core::Error&) {
            session.answer(call, "echoed", nullptr);
            return Outcome::stop;
        });
        addType("renew", [](Session& session, pipeline::Call& call, core::Error& error) {
            auto refreshed = session.refresh(*call.message.body.find("principal"));
            if (refreshed) session.answer(call, "renewed", &refreshed->told);
            if (!refreshed) error = refreshed.error();
            return refreshed ? Outcome::stop : Outcome::refused;
        });
        pipeline::Pipeline& gatedType =
            addType("gated", [this](Session&, pipeline::Call& call, core::Error&) {
                gated.push_back(call.id);
                return Outcome::pending;
            });
        stages_.push_back(std::make_unique<FunctionStage>(
            [](Session& session, pipeline::Call& call, core::Error&) {
                session.answer(call, "passed", nullptr);
                return Outcome::stop;
            }));
        gatedType.steps.push_back({stages_.back().get(), "passed", 1'000, 0});
        pipeline::Pipeline& refusing =
            addType("refusing", [](Session&, pipeline::Call&, core::Error& error) {
                error = core::Error::of(core::Code::forbidden, "not you");
                return Outcome::refused;
            });
        refusing.carriesOps = true;
        addBatches();
        for (pipeline::Pipeline& pipeline : made_) pipelines.add(std::move(pipeline));
    }

    void addBatches() {
        using pipeline::Outcome;
        pipeline::Pipeline& parts =
            addType("part", [this](Session&, pipeline::Call& call, core::Error&) {
                gated.push_back(call.id);
                return Outcome::pending;
            });
        stages_.push_back(std::make_unique<FunctionStage>(
            [](Session& session, pipeline::Call& call, core::Error& error) {
                return settled(session.submit(call.id, call.message.body), error);
            }));
        parts.steps.push_back({stages_.back().get(), "part", 1'000, 0});
        parts.carriesOps = true;
        pipeline::Pipeline& several = addType("several", [](Session& session, pipeline::Call& call,
                                                            core::Error& error) {
            const json::Value& body = call.message.body;
            return settled(
                session.submitBatch(call.id, body.clone(), "part", body.contains("atomic")), error);
        });
        several.carriesOps = several.carriesBatches = true;
        pipeline::Pipeline& sealed =
            addType("sealed", [](Session&, pipeline::Call&, core::Error& error) {
                error = core::Error::of(core::Code::forbidden, "not you");
                return Outcome::refused;
            });
        sealed.carriesOps = sealed.carriesBatches = true;
    }

    std::vector<std::unique_ptr<FunctionStage>> stages_;
    std::vector<pipeline::Pipeline> made_;
};

}  // namespace syncline::session::tests
