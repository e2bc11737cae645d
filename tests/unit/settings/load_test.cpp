// SPDX-License-Identifier: Apache-2.0
#include "settings/load.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "json/write.h"
#include "support/temporary_folder.h"
#include "unit/settings/fake_catalog.h"

namespace syncline::settings {
namespace {

constexpr const char* everything = R"(version: 1
server: { shards: 4, drain_timeout: 5s, watchdog: 2s }
drain: { notice: 2s, calls: 3s, per_second: 50, retry_after: 4s, spread: 6s }
listeners:
  public:
    bind: "127.0.0.1:0"
    origins: [ "https://a.example" ]
    cookie: __Host-t
    auth: [ badges, visitors ]
  admin: { bind: "127.0.0.1:0" }
plugins: { search: [ more ], allow: [ com.acme.* ], load: [ one.so, { path: one.so, sha256: "ABCDEF0000000000000000000000000000000000000000000000000000000000" } ] }
auth:
  badges: { use: badge, with: { keys: [ { id: a } ] } }
  visitors: { use: com.acme.core/guest }
storage: { main: { use: drawer }, other: { use: shelf } }
broker: { main: { use: local_bus } }
conflict:
  - { channel: "a*", key: "k", path: /x, use: merge_all, with: { otherwise: last_wins } }
  - use: last_wins
channels:
  - { match: "a*", storage: main, history: { ops: 5, bytes: 1KiB, age: 1h }, presence: true, slow_consumer: conflate }
  - { match: "*", storage: other }
pipelines:
  default: [ throttle, { use: gate, timeout: 250ms } ]
  echo: [ { use: throttle, with: { per_connection: 5/s } }, echo ]
  event.committed: [ write ]
limits: { depth: 12, outbox_bytes: 64KiB, record_bytes: 32KiB }
commit: { ops_max: 7 }
streams: { age: 2d }
heartbeat: { interval: 3s }
timeouts: { session: 4s }
log: { level: debug, format: json }
)";

class Loading : public testing::Test {
protected:
    LoadOutcome loaded(const std::string& text) {
        const auto file = folder_.write("syncline.yaml", text);
        return load(file, environment_, [this](const PluginsSettings& plugins) {
            plugins_ = plugins;
            return std::make_unique<FakeCatalog>();
        });
    }

    tests::TemporaryFolder folder_;
    FixedEnvironment environment_;
    PluginsSettings plugins_;
};

TEST_F(Loading, RefusesOutcomesThatLiveShorterThanOpsMayQueue) {
    const LoadOutcome outcome = loaded(
        "version: 1\nlisteners: { public: { bind: \"127.0.0.1:8080\" } }\n"
        "streams:\n  age: 7d\n  queue_age: 192h\n");
    ASSERT_FALSE(outcome.settings);
    const std::string told = outcome.diagnostics.render();
    EXPECT_NE(told.find("syncline.yaml:5:14: error[C216]: 'streams.queue_age' (8d) exceeds "
                        "'streams.age' (7d)"),
              std::string::npos)
        << told;
}

TEST_F(Loading, ReadsTheWholeGrammar) {
    std::filesystem::create_directory(folder_.path() / "more");
    folder_.write("one.so", "");
    const auto outcome = loaded(everything);
    ASSERT_TRUE(outcome.settings) << outcome.diagnostics.render();
    EXPECT_TRUE(outcome.diagnostics.all().empty()) << outcome.diagnostics.render();
    const auto& settings = *outcome.settings;
    EXPECT_EQ(settings.server.shards, 4);
    EXPECT_EQ(settings.server.drainTimeoutMs, 5'000);
    EXPECT_EQ(settings.drain.noticeMs, 2'000);
    EXPECT_EQ(settings.drain.callsMs, 3'000);
    EXPECT_EQ(settings.drain.perSecond, 50);
    EXPECT_EQ(settings.drain.retryAfterMs, 4'000);
    EXPECT_EQ(settings.drain.spreadMs, 6'000);
    ASSERT_EQ(settings.listeners.size(), 2u);
    EXPECT_EQ(settings.listeners[0].name, "public");
    EXPECT_EQ(settings.listeners[0].cookie, "__Host-t");
    EXPECT_EQ(settings.listeners[0].bind, (Address{"127.0.0.1", 0}));
    EXPECT_EQ(settings.listeners[0].auth, (std::vector<std::string>{"badges", "visitors"}));
    EXPECT_EQ(settings.auth.at(1).component.plugin, "com.acme.core");
    EXPECT_EQ(settings.storage.at(0).component.config.find("retries")->asNumber(), 3);
    EXPECT_EQ(settings.broker->name, "main");
    EXPECT_EQ(settings.conflict.at(0).path, "/x");
    EXPECT_EQ(settings.conflict.at(0).key, "k");
    EXPECT_EQ(settings.conflict.at(1).channel, "*");
    EXPECT_EQ(settings.channels.at(0).history.opsMax, 5);
    EXPECT_EQ(settings.channels.at(0).history.ageMs, 3'600'000);
    EXPECT_TRUE(settings.channels.at(0).presence);
    EXPECT_EQ(settings.channels.at(0).slowConsumer, SlowConsumer::conflate);
    EXPECT_EQ(settings.pipelines.at("default").at(1).timeoutMs, 250);
    EXPECT_EQ(settings.pipelines.at("echo").at(1).component.name, "echo");
    EXPECT_EQ(settings.limits.depthMax, 12);
    EXPECT_EQ(settings.limits.outboxBytesMax, 65'536);
    EXPECT_EQ(settings.commit.opsMax, 7);
    EXPECT_EQ(settings.streams.ageMs, 172'800'000);
    EXPECT_EQ(settings.streams.queueAgeMs, 172'800'000) << "never more than `age`";
    EXPECT_EQ(settings.heartbeat.intervalMs, 3'000);
    EXPECT_EQ(settings.timeouts.helloMs, 4'000);
    EXPECT_EQ(settings.log.level, LogLevel::debug);
    EXPECT_EQ(settings.log.format, LogFormat::json);
}

TEST_F(Loading, TellsTheCatalogWherePluginsComeFrom) {
    std::filesystem::create_directory(folder_.path() / "more");
    folder_.write("one.so", "");
    loaded(everything);
    const auto folder = folder_.path().string();
    EXPECT_EQ(plugins_.search, (std::vector<std::string>{folder + "/more"}));
    EXPECT_EQ(plugins_.allow, (std::vector<std::string>{"com.acme.*"}));
    ASSERT_EQ(plugins_.load.size(), 2u);
    EXPECT_EQ(plugins_.load[0].path, folder + "/one.so");
    EXPECT_EQ(plugins_.load[1].sha256.substr(0, 7), "abcdef0");
}

TEST_F(Loading, GivesASmallFileTheDefaults) {
    const auto outcome = loaded(
        "version: 1\nlisteners: { main: { bind: \"127.0.0.1:0\" } }\nchannels: [ { match: \"*\" } "
        "]\n"
        "storage: { main: { use: shelf } }\nconflict: [ { use: last_wins } ]\n");
    ASSERT_TRUE(outcome.settings) << outcome.diagnostics.render();
    EXPECT_EQ(outcome.settings->server.shards, 0);
    EXPECT_EQ(outcome.settings->limits.connectionsMax, LimitSettings{}.connectionsMax);
    EXPECT_EQ(outcome.settings->channels.at(0).storage, "main");
    EXPECT_EQ(plugins_.allow, PluginsSettings{}.allow);
}

TEST_F(Loading, TakesEmptySectionsForAbsentOnes) {
    const auto outcome = loaded(
        "version: 1\nlisteners: { main: { bind: \"127.0.0.1:0\" } }\nlimits:\nserver:\nauth:\n"
        "plugins:\npipelines:\nconflict:\nbroker:\nstorage:\nchannels:\n");
    EXPECT_TRUE(outcome.settings) << outcome.diagnostics.render();
}

TEST_F(Loading, ReportsTheMistakesOfBothStagesAtOnceInTheOrderOfTheFile) {
    const auto outcome = loaded(
        "version: 2\nlisteners: { main: { bind: nowhere } }\nplugins: { allow: [ \"A\" ] }\n"
        "limits: { depht: 3 }\n");
    std::string codes;
    for (const auto& diagnostic : outcome.diagnostics.all()) codes += diagnostic.code + " ";
    EXPECT_EQ(codes, "C217 C120 C115 C122 C104 ");
    EXPECT_FALSE(outcome.settings);
}

TEST_F(Loading, RefusesWhatIsNoFile) {
    const auto codeOf = [&](const std::filesystem::path& path) {
        const auto outcome = load(path, environment_, [](const PluginsSettings&) {
            return std::make_unique<FakeCatalog>();
        });
        EXPECT_FALSE(outcome.settings);
        return outcome.diagnostics.all().at(0).code;
    };
    EXPECT_EQ(codeOf(folder_.path() / "missing.yaml"), "C001");
    EXPECT_EQ(codeOf(folder_.path()), "C002");
    EXPECT_EQ(codeOf("/dev/null"), "C002");
    folder_.write("big.yaml", std::string(configBytesMax + 1, '#'));
    EXPECT_EQ(codeOf(folder_.path() / "big.yaml"), "C003");
}

TEST_F(Loading, WithoutACatalogTellsOfTheFirstStageAlone) {
    const auto file = folder_.write("syncline.yaml", "version: 2\nplugins: { allow: [ \"A\" ] }\n");
    const auto outcome = load(file, environment_, [](const PluginsSettings&) { return nullptr; });
    ASSERT_EQ(outcome.diagnostics.all().size(), 1u);
    EXPECT_EQ(outcome.diagnostics.all()[0].code, "C122");
}

TEST_F(Loading, AWarningDoesNotStopTheServer) {
    const auto outcome = loaded(
        "version: 1\nlisteners: { main: { bind: \"*:80\", auth: [ a ], insecure: true } }\n"
        "auth: { a: { use: guest } }\nchannels: [ { match: \"*\" } ]\n"
        "storage: { main: { use: shelf } }\nconflict: [ { use: last_wins } ]\n");
    EXPECT_TRUE(outcome.settings);
    ASSERT_EQ(outcome.diagnostics.all().size(), 1u);
    EXPECT_EQ(outcome.diagnostics.all()[0].severity, Severity::warning);
}

TEST_F(Loading, AFilterIsNoMessageType) {
    class FilterCatalog final : public Catalog {
    public:
        FilterCatalog() {
            components_ = FakeCatalog().components();
            for (auto& info : components_) info.filter = info.name == "gate";
        }
        const std::vector<ComponentInfo>& components() const override { return components_; }

    private:
        std::vector<ComponentInfo> components_;
    };
    const auto file = folder_.write("syncline.yaml",
                                    "version: 1\nlisteners: { main: { bind: \"127.0.0.1:0\" } }\n"
                                    "pipelines: { gate: [ throttle ], echo: [ gate ] }\n");
    const auto outcome = load(file, environment_, [](const PluginsSettings&) {
        return std::make_unique<FilterCatalog>();
    });
    ASSERT_EQ(outcome.diagnostics.all().size(), 2u) << outcome.diagnostics.render();
    EXPECT_EQ(outcome.diagnostics.all()[1].code, "C211");
}

}  // namespace
}  // namespace syncline::settings
