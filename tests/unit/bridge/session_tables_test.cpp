// SPDX-License-Identifier: Apache-2.0
// The tables that reach a session, with a real one behind them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>

#include "broadcast/topic_index.h"
#include "channel/directory.h"
#include "channel/directory_settings.h"
#include "session/auth_chain.h"
#include "session/session.h"
#include "session/session_settings.h"
#include "unit/bridge/world.h"

namespace syncline::bridge::tests {
namespace {

using session::AuthAnswer;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class FakeTransport final : public session::Transport {
public:
    bool send(std::string_view message) override {
        sent.emplace_back(message);
        if (onSend) onSend();
        return true;
    }
    bool sendFrames(const core::SharedBytes&) override { return true; }
    std::size_t roomBytes() const override { return 1'000'000; }
    void ping() override {}
    void pauseReading() override {}
    void resumeReading() override {}
    void close(session::CloseCode, std::string_view) override { closed = true; }
    std::string_view name() const override { return "test"; }
    std::string_view address() const override { return "192.0.2.1"; }
    std::string_view authorization() const override { return "Bearer x"; }
    std::string_view cookie() const override { return ""; }

    std::vector<std::string> sent;
    std::function<void()> onSend;
    bool closed = false;
};

/// Answers when the test says so.
class FakeProvider final : public session::AuthProvider {
public:
    const std::string& name() const override { return name_; }
    void authenticate(core::Shard&, const session::Credentials& credentials,
                      core::UniqueFunction<void(AuthAnswer)> answer) override {
        asked.push_back(credentials.client + " " + credentials.token + " " +
                        credentials.authorization);
        answer_ = std::move(answer);
    }
    void accept(std::string_view user) {
        AuthAnswer answer;
        answer.kind = AuthAnswer::Kind::accept;
        answer.principal.user = user;
        answer.principal.document = json::Value::object();
        answer.principal.document.set("user", user);
        answer_(std::move(answer));
    }
    void refuse(bool expired) {
        AuthAnswer answer;
        answer.kind = AuthAnswer::Kind::refuse;
        answer.expired = expired;
        answer_(std::move(answer));
    }

    std::vector<std::string> asked;

private:
    const std::string name_ = "fake";
    core::UniqueFunction<void(AuthAnswer)> answer_;
};

ComponentTraits opener() {
    ComponentTraits traits{"plugin", "scripted", "opener"};
    traits.opensSession = true;
    return traits;
}

ComponentTraits worker() {
    ComponentTraits traits{"plugin", "scripted", "worker"};
    traits.carriesOps = true;
    traits.subscribes = true;
    traits.readsSnapshot = true;
    return traits;
}

/// A session on a shard, in front of a channel layer that knows no channel, with a type "open" that
/// opens sessions and a type "work" that does what the test says.
class SessionTablesTest : public testing::Test, public session::ShardContexts {
protected:
    SessionTablesTest() {
        openerScript.onMessage = [this](void*, syncline_call call, syncline_error* error) {
            return kAuthTable.verify(openerScript.host, call, toText("client"), toText("token"), 7,
                                     error) == SYNCLINE_OK
                       ? SYNCLINE_PENDING
                       : SYNCLINE_REFUSED;
        };
        openerScript.onResult = [this](syncline_call call, std::uint32_t tag,
                                       syncline_status status, const syncline_value* result,
                                       syncline_error* error) {
            return onVerified(call, tag, status, result, error);
        };
        pipeline::Pipeline open = pipelineOf("open", openerStage);
        open.opensSession = true;
        pipelines.add(std::move(open));
        pipeline::Pipeline work = pipelineOf("work", workerStage);
        work.carriesOps = true;
        work.subscribes = true;
        pipelines.add(std::move(work));
        peer = std::make_unique<session::Session>(context, transport, auth);
    }
    ~SessionTablesTest() override { peer.reset(); }

    static pipeline::Pipeline pipelineOf(const char* type, HandlerStage& stage) {
        pipeline::Pipeline made;
        made.type = type;
        made.steps.push_back(stepOf(stage));
        return made;
    }

    session::ShardContext& of(std::size_t) override { return context; }

    syncline_outcome onVerified(syncline_call call, std::uint32_t tag, syncline_status status,
                                const syncline_value* result, syncline_error* error) {
        EXPECT_EQ(tag, 7U);
        if (status != SYNCLINE_OK) {
            EXPECT_EQ(result, nullptr);
            return SYNCLINE_REFUSED;
        }
        const syncline_host* host = openerScript.host;
        const syncline_value* told =
            kSessionTable.open(host, call, toText("client"), result, error);
        if (told == nullptr) return SYNCLINE_REFUSED;
        kCallTable.reply(host, call, toText("opened"), told);
        return SYNCLINE_STOP;
    }

    void accept(std::string_view user) {
        provider.accept(user);
        world.shard.settle();
    }

    /// Opens the session for "ann".
    void open() {
        peer->onMessage(R"({"type":"open","id":1})");
        accept("ann");
        transport.sent.clear();
    }

    /// Has the worker do `body` for one message, in an open session.
    void work(std::function<syncline_outcome(syncline_call, syncline_error*)> body,
              std::string_view message = R"({"type":"work","id":2,"channel":"c","n":1})") {
        workerScript.onMessage = [body = std::move(body)](void*, syncline_call call,
                                                          syncline_error* error) {
            return body(call, error);
        };
        peer->onMessage(message);
        world.shard.settle();
    }

    World world;
    broadcast::TopicIndex topics;
    broadcast::TopicIndex users;
    broadcast::UserSignals userSignals{{{&world.shard, &users}}};
    session::SessionSettings settings;
    session::ClientRegistry clients;
    pipeline::PipelineTable pipelines;
    std::unique_ptr<channel::Directory> directory = makeDirectory();
    session::ShardContext context{
        world.shard,  world.runner, pipelines,           *directory, topics, clients, *this,
        world.random, settings,     world.runtime.log(), {},         0,      &users,  &userSignals};
    FakeProvider provider;
    session::AuthChain auth{{&provider}};
    FakeTransport transport;
    Script openerScript;
    Script workerScript;
    Made openerMade{world, openerScript, kHandlerComponent, opener()};
    HandlerStage openerStage{openerMade.started()};
    Made workerMade{world, workerScript, kHandlerComponent, worker()};
    HandlerStage workerStage{workerMade.started()};
    std::unique_ptr<session::Session> peer;

private:
    std::unique_ptr<channel::Directory> makeDirectory() {
        channel::DirectorySettings known;
        known.shards = {{&world.shard, &topics}};
        known.clock = &world.clock;
        known.random = &world.random;
        known.log = world.runtime.log();
        return std::make_unique<channel::Directory>(std::move(known));
    }
};

TEST_F(SessionTablesTest, VerifyAndOpenASession) {
    peer->onMessage(R"({"type":"open","id":1})");
    EXPECT_THAT(provider.asked, ElementsAre("client token Bearer x"));
    EXPECT_THAT(transport.sent, IsEmpty());
    accept("ann");
    ASSERT_EQ(transport.sent.size(), 1U);
    EXPECT_THAT(transport.sent[0], HasSubstr(R"("type":"opened")"));
    EXPECT_THAT(transport.sent[0], HasSubstr(R"("user":"ann")"));
    EXPECT_THAT(transport.sent[0], HasSubstr(R"("re":1)"));
    EXPECT_EQ(peer->user(), "ann");
    EXPECT_EQ(world.runner.underWay(), 0U);
    EXPECT_EQ(openerMade.instance.conduct().misbehaviours(), 0U);
}

TEST_F(SessionTablesTest, TellTheHandlerWhyTheCredentialsAreNotGood) {
    for (const bool expired : {false, true}) {
        transport.sent.clear();
        peer->onMessage(R"({"type":"open","id":1})");
        provider.refuse(expired);
        world.shard.settle();
        ASSERT_EQ(transport.sent.size(), 1U);
        EXPECT_THAT(transport.sent[0], HasSubstr(expired ? R"("code":1302)" : R"("code":1301)"));
    }
}

TEST_F(SessionTablesTest, DropAnAnswerThatComesAfterTheDeadline) {
    peer->onMessage(R"({"type":"open","id":1})");
    world.clock.advanceMs(300);
    world.shard.settle();
    EXPECT_THAT(transport.sent.at(0), HasSubstr(R"("code":1002)"));
    accept("ann");
    EXPECT_EQ(transport.sent.size(), 1U);
}

TEST_F(SessionTablesTest, KeepWhatWasLentWhileTheSessionCloses) {
    const json::Value cursors = json::Value::array();
    transport.onSend = [&] { peer->close(session::CloseCode::slowConsumer, "full"); };
    bool read = false;
    openerScript.onResult = [&](syncline_call call, std::uint32_t, syncline_status,
                                const syncline_value* result, syncline_error* error) {
        const syncline_host* host = openerScript.host;
        const syncline_value* told = kSessionTable.open(host, call, toText("c"), result, error);
        kCallTable.reply(host, call, toText("opened"), told);
        read = toView(kValueTable.string(kValueTable.member(told, toText("user")))) == "ann";
        EXPECT_EQ(kSessionTable.resume(host, call, toHandle(&cursors), error), SYNCLINE_FAILED);
        return SYNCLINE_STOP;
    };
    peer->onMessage(R"({"type":"open","id":1})");
    accept("ann");
    EXPECT_TRUE(transport.closed);
    EXPECT_TRUE(read);
}

TEST_F(SessionTablesTest, OpenOnceAlone) {
    open();
    peer->onMessage(R"({"type":"open","id":3})");
    EXPECT_THAT(transport.sent.at(0), HasSubstr(R"("code":1303)"));
}

TEST_F(SessionTablesTest, RefreshTheSessionOfTheSameUser) {
    open();
    const json::Value newer = parsed(R"({"user":"ann","roles":["editor"],"expiresAt":99})");
    const json::Value other = parsed(R"({"user":"ben"})");
    work([&](syncline_call call, syncline_error* error) {
        const syncline_host* host = workerScript.host;
        const syncline_value* before = kCallTable.principal(host, call);
        const syncline_value* user = kValueTable.member(before, toText("user"));
        EXPECT_EQ(kSessionTable.refresh(host, call, toHandle(&other), error), nullptr);
        EXPECT_EQ(error->code, 1304U);
        const syncline_value* told = kSessionTable.refresh(host, call, toHandle(&newer), error);
        EXPECT_EQ(json::toText(*toValue(told)), R"({"user":"ann","expiresAt":99})");
        EXPECT_EQ(toView(kValueTable.string(user)), "ann") << "what was seen stays";
        EXPECT_EQ(kSessionTable.refresh(host, call, nullptr, error), nullptr);
        return SYNCLINE_STOP;
    });
    EXPECT_EQ(json::toText(peer->principal()->document), json::toText(newer));
    EXPECT_EQ(workerMade.instance.conduct().misbehaviours(), 0U);
}

TEST_F(SessionTablesTest, ResumeChannelsThroughThePipelineThatSubscribes) {
    const json::Value cursors = parsed(R"([{"channel":"c","seq":3}])");
    std::vector<std::string> seen;
    workerScript.onMessage = [&](void*, syncline_call call, syncline_error*) {
        seen.push_back(json::toText(*toValue(kCallTable.message(workerScript.host, call))));
        return SYNCLINE_STOP;
    };
    openerScript.onResult = [&](syncline_call call, std::uint32_t, syncline_status,
                                const syncline_value* result, syncline_error* error) {
        const syncline_host* host = openerScript.host;
        EXPECT_NE(kSessionTable.open(host, call, toText("c"), result, error), nullptr);
        EXPECT_EQ(kSessionTable.resume(host, call, toHandle(&cursors), error), SYNCLINE_OK);
        EXPECT_THAT(seen, IsEmpty());
        return SYNCLINE_STOP;
    };
    peer->onMessage(R"({"type":"open","id":1})");
    accept("ann");
    EXPECT_THAT(seen,
                ElementsAre(R"({"type":"work","channel":"c","cursor":{"channel":"c","seq":3}})"));
}

TEST_F(SessionTablesTest, SubmitTheMessageAndAnswerItsSender) {
    open();
    work([&](syncline_call call, syncline_error* error) {
        const syncline_host* host = workerScript.host;
        const syncline_value* message = kCallTable.message(host, call);
        EXPECT_EQ(kChannelTable.submit(host, call, message, error), SYNCLINE_OK);
        // It has not been handed over yet: the handler may go on reading.
        EXPECT_EQ(kValueTable.number(kValueTable.member(message, toText("n"))), 1);
        return SYNCLINE_PENDING;
    });
    ASSERT_EQ(transport.sent.size(), 1U);
    EXPECT_THAT(transport.sent[0], HasSubstr(R"("code":1201)"));
    EXPECT_THAT(transport.sent[0], HasSubstr(R"("re":2)"));
    EXPECT_EQ(world.runner.underWay(), 0U);
}

TEST_F(SessionTablesTest, SignalAndTellTheHandlerWhatBecameOfIt) {
    open();
    const json::Value body = parsed(R"({"data":1})");
    const syncline_host* host = workerScript.host;
    std::vector<std::string> results;
    workerScript.onResult = [&](syncline_call, std::uint32_t tag, syncline_status status,
                                const syncline_value* result, syncline_error* error) {
        results.push_back(
            std::to_string(tag) + " " +
            (status == SYNCLINE_OK ? json::toText(*toValue(result)) : std::to_string(error->code)));
        return status == SYNCLINE_OK ? SYNCLINE_STOP : SYNCLINE_REFUSED;
    };
    work([&](syncline_call call, syncline_error* error) {
        EXPECT_EQ(kBroadcastTable.to_channel(host, call, toText("c"), toText("told"),
                                             toHandle(&body), 4, error),
                  SYNCLINE_OK);
        EXPECT_THAT(results, IsEmpty()) << "not inside the question";
        return SYNCLINE_PENDING;
    });
    work([&](syncline_call call, syncline_error* error) {
        EXPECT_EQ(
            kBroadcastTable.to_user(host, call, toText("ann"), toText("told"), nullptr, 5, error),
            SYNCLINE_OK);
        return SYNCLINE_PENDING;
    });
    // This channel layer knows no channel; and the fake transport takes every frame.
    EXPECT_THAT(results, ElementsAre("4 1201", R"(5 {"connections":1})"));
    EXPECT_EQ(world.runner.underWay(), 0U);
}

TEST_F(SessionTablesTest, RefuseASignalThatIsNone) {
    open();
    const json::Value array = json::Value::array();
    const syncline_host* host = workerScript.host;
    workerScript.onResult = [](syncline_call, std::uint32_t, syncline_status, const syncline_value*,
                               syncline_error*) { return SYNCLINE_STOP; };
    work([&](syncline_call call, syncline_error* error) {
        const auto send = [&](const char* channel, const char* type, const json::Value* body) {
            return kBroadcastTable.to_channel(host, call, toText(channel), toText(type),
                                              toHandle(body), 0, error);
        };
        EXPECT_EQ(send("c", "", nullptr), SYNCLINE_FAILED);
        EXPECT_EQ(send("c", "told", &array), SYNCLINE_FAILED);
        EXPECT_EQ(send("$c", "told", nullptr), SYNCLINE_FAILED);
        EXPECT_EQ(error->code, 1104U);
        EXPECT_EQ(
            kBroadcastTable.to_user(host, call, toText(""), toText("told"), nullptr, 0, error),
            SYNCLINE_FAILED);
        EXPECT_EQ(kChannelTable.presence(host, call, nullptr, error), SYNCLINE_FAILED);
        EXPECT_EQ(kChannelTable.presence(host, call, toHandle(&array), error), SYNCLINE_FAILED);
        EXPECT_EQ(error->code, 1202U) << "nobody is subscribed here";
        return SYNCLINE_STOP;
    });
    EXPECT_EQ(workerMade.instance.conduct().misbehaviours(), 0U);
}

TEST_F(SessionTablesTest, SubmitAnOpThatTheHandlerMade) {
    open();
    const json::Value op = parsed(R"({"key":"k","n":1,"kind":"delete"})");
    work([&](syncline_call call, syncline_error* error) {
        EXPECT_EQ(kChannelTable.submit(workerScript.host, call, toHandle(&op), error), SYNCLINE_OK);
        return SYNCLINE_PENDING;
    });
    EXPECT_THAT(transport.sent.at(0), HasSubstr(R"("code":1201)"));
    EXPECT_EQ(workerMade.instance.conduct().misbehaviours(), 0U);
}

TEST_F(SessionTablesTest, WaitForTheAnswerWhateverTheHandlerReturns) {
    open();
    for (const int outcome : {0, 1, 3, 99}) {
        transport.sent.clear();
        const auto before = workerMade.instance.conduct().misbehaviours();
        work([&](syncline_call call, syncline_error* error) {
            const syncline_host* host = workerScript.host;
            EXPECT_EQ(kChannelTable.submit(host, call, kCallTable.message(host, call), error),
                      SYNCLINE_OK);
            return outcome;
        });
        ASSERT_EQ(transport.sent.size(), 1U) << outcome;
        EXPECT_THAT(transport.sent[0], HasSubstr(R"("code":1201)"));
        EXPECT_EQ(workerMade.instance.conduct().misbehaviours(), before + 1);
    }
}

TEST_F(SessionTablesTest, TakeOneQuestionPerCall) {
    open();
    work([&](syncline_call call, syncline_error* error) {
        const syncline_host* host = workerScript.host;
        const syncline_value* message = kCallTable.message(host, call);
        EXPECT_EQ(kChannelTable.snapshot(host, call, toText("c"), nullptr, error), SYNCLINE_OK);
        EXPECT_EQ(kChannelTable.submit(host, call, message, error), SYNCLINE_FAILED);
        EXPECT_EQ(kChannelTable.subscribe(host, call, message, error), SYNCLINE_FAILED);
        return SYNCLINE_PENDING;
    });
    EXPECT_EQ(workerMade.instance.conduct().misbehaviours(), 2U);
    EXPECT_EQ(transport.sent.size(), 1U);
}

TEST_F(SessionTablesTest, PassOnWhyTheSessionRefused) {
    open();
    work(
        [&](syncline_call call, syncline_error* error) {
            EXPECT_EQ(kChannelTable.unsubscribe(workerScript.host, call, toText("c"), error),
                      SYNCLINE_FAILED);
            return SYNCLINE_REFUSED;
        },
        R"({"type":"work","id":2,"channel":"c"})");
    EXPECT_THAT(transport.sent.at(0), HasSubstr(R"("code":1202)"));
}

TEST_F(SessionTablesTest, RefuseMissingArguments) {
    open();
    work([&](syncline_call call, syncline_error* error) {
        const syncline_host* host = workerScript.host;
        EXPECT_EQ(kChannelTable.submit(host, call, nullptr, error), SYNCLINE_FAILED);
        EXPECT_EQ(kChannelTable.subscribe(host, call, nullptr, error), SYNCLINE_FAILED);
        return SYNCLINE_STOP;
    });
    EXPECT_EQ(world.runner.underWay(), 0U);
}

}  // namespace
}  // namespace syncline::bridge::tests
