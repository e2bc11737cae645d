// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <array>
#include <stdexcept>
#include <string>
#include <syncline/plugin.hpp>
#include <vector>

#include "unit/plugin_api/instance.h"

namespace syncline {
namespace {

syncline_text text(std::string_view content) {
    return detail::toText(content);
}

// ---- auth providers

class TokenAuth final : public AuthProvider {
public:
    AuthAnswer authenticate(const Credentials& shown, Builder& principal) override {
        if (shown.token.empty()) return AuthAnswer::notMine;
        if (shown.token == "crash") throw std::runtime_error("crashed");
        if (shown.token != "good") throw Refusal(1301, "unknown token");
        principal.object([&](Builder& person) {
            person.set("user", shown.client).set("expiresAt", shown.nowMs + 1);
        });
        return AuthAnswer::accept;
    }
};

TEST(AuthKind, AnswersAcceptRefuseOrNotMine) {
    test::MockHost host;
    test::Instance instance(host, authProvider<TokenAuth>("tokens"));
    const auto& functions = instance.functions<syncline_auth_provider>();
    Document principal(host.handle(), host.builders(), host.values());
    syncline_credentials shown = {};
    shown.size = sizeof shown;
    shown.client = text("c1");
    shown.now_ms = 1000;
    const auto ask = [&](std::string_view token) {
        shown.token = text(token);
        return functions.authenticate(instance.self, nullptr, &shown, principal.handle(),
                                      &instance.error);
    };
    EXPECT_EQ(ask(""), SYNCLINE_NOT_MINE);
    EXPECT_EQ(ask("bad"), SYNCLINE_REFUSE);
    EXPECT_EQ(instance.error.code, 1301U);
    EXPECT_EQ(ask("crash"), SYNCLINE_REFUSE);
    EXPECT_STREQ(instance.error.reason, "crashed");
    EXPECT_EQ(ask("good"), SYNCLINE_ACCEPT);
    EXPECT_EQ(principal.result().serialize(), R"({"user":"c1","expiresAt":1001})");
}

// ---- conflict strategies

class EveryVerdict final : public ConflictStrategy {
public:
    void decide(const Conflict& conflict, Verdicts& verdicts) override {
        if (conflict.kind() == "delete") throw std::runtime_error("never");
        EXPECT_EQ(conflict.key(), "k");
        EXPECT_FALSE(conflict.base());
        EXPECT_EQ(conflict.current().number(), 1);
        EXPECT_EQ(conflict.path(1).path, "/b");
        EXPECT_EQ(conflict.path(1).stampSeq, 5U);
        verdicts.keep(0);
        verdicts.take(1);
        verdicts.put(0, conflict.path(0).incoming);
        verdicts.put(1, [](Builder& built) { built.add("built"); });
        verdicts.refuseOp(0);
        verdicts.conflict(1);
        verdicts.otherwise(0);
        Path place = conflict.path(1);
        place.path = "/b/c";
        const auto answer = verdicts.otherwise(1, place);
        EXPECT_EQ(answer.verdict, SYNCLINE_PUT);
        EXPECT_EQ(answer.value.number(), 12);
        verdicts.stop(1, SYNCLINE_REFUSE_OP);
        EXPECT_TRUE(conflict.path(1).conflicts);
        EXPECT_TRUE(conflict.hasBase());
        EXPECT_EQ(conflict.baseSeq(), 4U);
        EXPECT_EQ(conflict.version(), 6U);
        EXPECT_EQ(conflict.misfitStep(), -1);
        ASSERT_EQ(conflict.pathClockCount(), 1U);
        EXPECT_EQ(conflict.pathClock(0).path, "/b");
        EXPECT_EQ(conflict.pathClock(0).time.ms, 70);
        EXPECT_EQ(conflict.pathClock(0).author, -1);
        EXPECT_TRUE(conflict.pathClock(0).commutes);
        verdicts.refuseOp(0, "because");
        verdicts.refuseOp(0, "why", [](Builder& detail) {
            detail.object([](Builder& members) { members.set("from", "a"); });
        });
        verdicts.takeBehind(1, answer.value);
        verdicts.revive(0);
        verdicts.stamp({9, 3});
    }
};

struct Sink {
    test::MockHost* host;
    Document* building;
    std::string given;
};

Sink& sink(const syncline_verdicts* verdicts) {
    return *static_cast<Sink*>(verdicts->context);
}

TEST(ConflictKind, SeesThePathsAndGivesVerdicts) {
    test::MockHost host;
    test::Instance instance(host, conflictStrategy<EveryVerdict>("every"));
    Document building(host.handle(), host.builders(), host.values());
    Sink given = {&host, &building, {}};
    const syncline_verdicts verdicts = {
        sizeof(syncline_verdicts),
        &given,
        [](auto* to, std::size_t path, syncline_verdict verdict, const syncline_value* value) {
            sink(to).given += std::to_string(path) + ":" + std::to_string(verdict);
            if (value) sink(to).given += Value(sink(to).host->values(), value).serialize();
            sink(to).given += " ";
        },
        [](auto* to) {
            sink(to).building->clear();
            return sink(to).building->handle();
        },
        [](auto* to) { return sink(to).building->result().handle(); },
        [](auto* to, std::size_t path) { sink(to).given += std::to_string(path) + ":other "; },
        [](auto* to, std::size_t path, auto* place, auto** value) {
            sink(to).given +=
                std::to_string(path) + std::string(place->path.data, place->path.size);
            *value = sink(to).host->value("12");
            return syncline_verdict{SYNCLINE_PUT};
        },
        [](auto* to, std::size_t path, syncline_text reason, const syncline_value* detail) {
            sink(to).given += std::to_string(path) + std::string(reason.data, reason.size);
            if (detail) sink(to).given += Value(sink(to).host->values(), detail).serialize();
            sink(to).given += " ";
        },
        [](auto* to, std::size_t path, const syncline_value* element) {
            sink(to).given += std::to_string(path) + ":behind" +
                              Value(sink(to).host->values(), element).serialize() + " ";
        },
        [](auto* to, std::size_t path) { sink(to).given += std::to_string(path) + ":revive "; },
        [](auto* to, std::int64_t ms, std::uint32_t counter) {
            sink(to).given += std::to_string(ms) + "." + std::to_string(counter) + " ";
        }};

    // Longer structs of a newer host: the wrapper steps by their size.
    struct LongerPath {
        syncline_path path;
        std::uint64_t added;
    };
    std::array<LongerPath, 2> paths = {};
    for (LongerPath& path : paths) path.path.size = sizeof(LongerPath);
    paths[0].path.incoming = host.value("7");
    paths[1].path.path = text("/b");
    paths[1].path.stamp_seq = 5;
    paths[1].path.conflicts = 1;
    const syncline_clock clock = {sizeof(syncline_clock), text("/b"), 70, 1, -1, 1};
    syncline_conflict conflict = {};
    conflict.size = sizeof conflict;
    conflict.key = text("k");
    conflict.kind = text("merge");
    conflict.current = host.value("1");
    conflict.paths = &paths[0].path;
    conflict.path_count = paths.size();
    conflict.has_base = 1;
    conflict.base_seq = 4;
    conflict.version = 6;
    conflict.misfit_step = -1;
    conflict.clocks = &clock;
    conflict.clock_count = 1;

    const auto& functions = instance.functions<syncline_conflict_strategy>();
    EXPECT_EQ(functions.decide(instance.self, &conflict, &verdicts, &instance.error), SYNCLINE_OK);
    EXPECT_EQ(given.given,
              "0:1 1:2 0:37 1:3\"built\" 0:4 1:5 0:other 1/b/c1:4 "
              "0because 0why{\"from\":\"a\"} 1:behind12 0:revive 9.3 ");
    conflict.kind = text("delete");
    EXPECT_EQ(functions.decide(instance.self, &conflict, &verdicts, &instance.error),
              SYNCLINE_FAILED);
}

// ---- brokers

std::string heard;

class Loud final : public Broker {
public:
    void announce(std::string_view channel, std::string_view epoch, std::uint64_t seq,
                  ShardState*) override {
        if (seq == 0) throw std::runtime_error("nothing to announce");
        heard += std::string(channel) + std::string(epoch) + std::to_string(seq);
    }
    void interest(std::string_view channel, bool wanted, ShardState*) override {
        heard += (wanted ? "+" : "-") + std::string(channel);
    }
};

TEST(BrokerKind, PassesHintsAndLogsWhatIsThrown) {
    test::MockHost host;
    test::Instance instance(host, broker<Loud>("loud"));
    const auto& functions = instance.functions<syncline_broker>();
    functions.interest(instance.self, nullptr, text("c"), 1);
    functions.announce(instance.self, nullptr, text("c"), text("e"), 4);
    functions.interest(instance.self, nullptr, text("c"), 0);
    functions.announce(instance.self, nullptr, text("c"), text("e"), 0);
    EXPECT_EQ(heard, "+cce4-c");
    EXPECT_EQ(host.lines, std::vector<std::string>{"4 announce threw: nothing to announce"});
}

// ---- storage backends

std::string stored;

class Notebook final : public StorageBackend {
public:
    void commit(Appends appends) override {
        for (std::size_t i = 0; i < appends.size(); ++i) {
            Append append = appends[i];
            if (append.channel() == "unknown") throw CommitUnknown("the disk went away");
            if (append.channel() == "failed") throw std::runtime_error("disk full");
            append.setCommitted(append.expectedIndex() == 0);
            for (std::size_t n = 0; n < append.entryCount(); ++n) {
                stored += std::string(append.channel()) + std::string(append.entry(n).body);
            }
        }
    }
    void load(std::string_view channel, const Reader& reader) override {
        reader.checkpoint({channel, "e1", 3, 2, "head"});
        reader.record({"key", "body"});
        reader.stream({"stream", "state"});
        while (reader.entry({4, 3, 99, "entry"})) {
        }
    }
    void readLog(std::string_view, std::uint64_t first, std::uint64_t last,
                 const Reader& reader) override {
        reader.entry({first, last, 0, "log"});
    }
    void checkpoint(const Checkpoint& checkpoint) override {
        stored += std::string(checkpoint.head()) + std::string(checkpoint.record(1).name) +
                  std::string(checkpoint.stream(0).body);
    }
    void trim(std::string_view channel, std::uint64_t below) override {
        stored += std::string(channel) + std::to_string(below);
    }
    void list(const Reader& reader) override { reader.channel("c1"); }
    void drop(std::string_view channel) override { stored += "drop " + std::string(channel); }
    bool wasClean() override { throw std::runtime_error("cannot tell"); }
};

class StorageKind : public ::testing::Test {
protected:
    void SetUp() override { stored.clear(); }

    const syncline_storage_backend& functions() const {
        return instance_.functions<syncline_storage_backend>();
    }
    void* self() { return instance_.self; }
    syncline_error* error() { return &instance_.error; }

    /// Writes down what is poured; takes two entries.
    syncline_reader reader() {
        poured_.clear();
        entriesWanted_ = 2;
        return {
            sizeof(syncline_reader),
            this,
            [](auto* to, auto* head) {
                return note(to, std::string(detail::toView(head->epoch)) +
                                    std::to_string(head->index) + std::to_string(head->seq) +
                                    std::string(detail::toView(head->head)));
            },
            [](auto* to, auto* item) { return note(to, std::string(detail::toView(item->name))); },
            [](auto* to, auto* item) { return note(to, std::string(detail::toView(item->body))); },
            [](auto* to, auto* entry) {
                note(to, std::to_string(entry->index) + std::string(detail::toView(entry->body)));
                return --of(to).entriesWanted_ > 0 ? 1 : 0;
            },
            [](auto* to, syncline_text name) {
                return note(to, std::string(detail::toView(name)));
            }};
    }

    static StorageKind& of(const syncline_reader* reader) {
        return *static_cast<StorageKind*>(reader->context);
    }
    static std::int32_t note(const syncline_reader* to, const std::string& what) {
        of(to).poured_ += what + " ";
        return 1;
    }

    test::MockHost host_;
    test::Instance instance_{host_, storageBackend<Notebook>("notebook")};
    std::string poured_;
    int entriesWanted_ = 0;
};

TEST_F(StorageKind, CommitsEachAppendOnItsOwn) {
    const syncline_entry entry = {sizeof(syncline_entry), 1, 1, 5, text("one")};
    std::array<syncline_append, 2> appends = {};
    for (syncline_append& append : appends) {
        append = {sizeof(syncline_append), text("c"), text("e"), 0, &entry, 1, 0};
    }
    appends[1].expected_index = 9;
    EXPECT_EQ(functions().commit(self(), appends.data(), appends.size(), error()), SYNCLINE_OK);
    EXPECT_EQ(appends[0].committed, 1U);
    EXPECT_EQ(appends[1].committed, 0U);
    EXPECT_EQ(stored, "conecone");
    appends[0].channel = text("failed");
    EXPECT_EQ(functions().commit(self(), appends.data(), 1, error()), SYNCLINE_FAILED);
    EXPECT_STREQ(error()->reason, "disk full");
    appends[0].channel = text("unknown");
    EXPECT_EQ(functions().commit(self(), appends.data(), 1, error()), SYNCLINE_UNKNOWN);
    EXPECT_STREQ(error()->reason, "the disk went away");
}

TEST_F(StorageKind, PoursUntilTheHostHasEnough) {
    const syncline_reader sink = reader();
    EXPECT_EQ(functions().load(self(), text("c"), &sink, error()), SYNCLINE_OK);
    EXPECT_EQ(poured_, "e132head key state 4entry 4entry ");
    const syncline_reader again = reader();
    EXPECT_EQ(functions().read_log(self(), text("c"), 5, 6, &again, error()), SYNCLINE_OK);
    EXPECT_EQ(functions().list(self(), &again, error()), SYNCLINE_OK);
    EXPECT_EQ(poured_, "5log c1 ");
}

TEST_F(StorageKind, TakesCheckpointsTrimsAndDrops) {
    const std::array<syncline_stored_item, 2> items = {
        {{sizeof(syncline_stored_item), text("k1"), text("b1")},
         {sizeof(syncline_stored_item), text("k2"), text("b2")}}};
    syncline_checkpoint checkpoint = {};
    checkpoint.size = sizeof checkpoint;
    checkpoint.head = text("head");
    checkpoint.records = items.data();
    checkpoint.record_count = 2;
    checkpoint.streams = items.data();
    checkpoint.stream_count = 1;
    EXPECT_EQ(functions().checkpoint(self(), &checkpoint, error()), SYNCLINE_OK);
    EXPECT_EQ(functions().trim(self(), text("c"), 8, error()), SYNCLINE_OK);
    EXPECT_EQ(functions().drop(self(), text("c"), error()), SYNCLINE_OK);
    EXPECT_EQ(stored, "headk2b1c8drop c");
}

TEST_F(StorageKind, WithoutABackupSaysSoAndADoubtfulStateIsNotClean) {
    EXPECT_EQ(functions().backup(self(), text("/x"), error()), SYNCLINE_FAILED);
    EXPECT_STREQ(error()->reason, "this storage cannot write a backup to /x");
    EXPECT_EQ(functions().was_clean(self()), 0);
    EXPECT_EQ(host_.lines.back(), "4 wasClean threw: cannot tell");
}

}  // namespace
}  // namespace syncline
