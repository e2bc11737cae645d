// SPDX-License-Identifier: Apache-2.0
// Properties that hold for any ops: replay gives the same state, a snapshot and the tail behind it
// give the head, an undo gives back what was.
#include <map>
#include <random>

#include "channel/channel_loading.h"
#include "channel/channel_state.h"
#include "channel/entry_codec.h"
#include "channel/image_codec.h"
#include "channel/op_kind.h"
#include "unit/channel/world.h"

namespace syncline::channel {
namespace {

using tests::Client;
using tests::member;
using tests::parsed;
using tests::World;

/// Keeps, takes, puts or refuses, as the bytes of the question fall.
class Fickle final : public ConflictStrategy {
public:
    bool asksAlways() const override { return true; }
    core::Result<std::vector<PathVerdict>> decide(const ConflictQuestion& question) override {
        std::vector<PathVerdict> verdicts;
        for (const TouchedPath& path : question.paths) {
            const std::uint64_t dice =
                core::stableHash(path.path, question.nowMs + static_cast<int>(path.stampSeq)) % 12;
            PathVerdict verdict{Verdict::take, {}};
            if (dice == 0) verdict.verdict = Verdict::keep;
            if (dice == 1) verdict = {Verdict::put, parsed(R"({"put":null})")};
            if (dice == 2) verdict = {Verdict::put, json::Value(7)};
            if (dice == 3) verdict.verdict = Verdict::refuse;
            if (dice == 4) verdict.verdict = Verdict::conflict;
            verdicts.push_back(std::move(verdict));
        }
        return verdicts;
    }
};

/// Random ops on a few records.
class Dice {
public:
    explicit Dice(unsigned seed) : random_(seed) {}

    unsigned roll(unsigned sides) { return static_cast<unsigned>(random_() % sides); }

    std::string op(std::uint64_t head) {
        static const char* const kKinds[] = {"set",    "merge",  "merge", "increment",
                                             "delete", "patch",  "patch", "add",
                                             "remove", "insert", "move",  "erase"};
        const std::string kind = kKinds[roll(12)];
        std::string members =
            R"("kind":")" + kind + R"(","key":"k)" + std::to_string(roll(4)) + "\"";
        if (kind == "set" || kind == "merge") members += ",\"value\":" + value(3);
        if (kind == "increment")
            members += R"(,"path":")" + path() + R"(","by":)" + std::to_string(roll(9));
        if (kind == "patch") members += ",\"patch\":" + steps();
        if (kind == "add" || kind == "remove")
            members += R"(,"path":")" + arrayPath("/s") + R"(","value":)" + std::to_string(roll(5));
        if (kind == "insert" || kind == "move" || kind == "erase") members += element(kind);
        if (roll(3) != 0)
            members += ",\"base\":" + std::to_string(roll(static_cast<unsigned>(head) + 1));
        return members;
    }

    /// Sends an op, now and then a batch.
    void post(Client& client, std::uint64_t head) {
        if (roll(5) == 0)
            client.postBatch(ops(head));
        else
            client.post(op(head));
    }

    /// The changes of an atomic batch.
    std::string ops(std::uint64_t head) {
        std::string ops;
        for (unsigned left = roll(4) + 1; left > 0; --left)
            ops += (ops.empty() ? "{" : ",{") + op(head) + "}";
        return R"("ops":[)" + ops + "]";
    }

private:
    std::string arrayPath(const char* usual) { return roll(6) == 0 ? path() : usual; }

    std::string element(const std::string& kind) {
        const std::string id = std::to_string(roll(4));
        std::string members = R"(,"path":")" + arrayPath("/l") + R"(","element":"e)" + id + "\"";
        if (kind == "insert") members += R"(,"value":{"v":)" + std::to_string(roll(9)) + "}";
        if (kind == "erase" || roll(3) == 0) return members;
        return members + (roll(3) == 0 ? R"(,"behind":null)"
                                       : R"(,"behind":"e)" + std::to_string(4 + roll(2)) + "\"");
    }

    // Such that most of them can be applied to most records.
    std::string steps() {
        std::string steps;
        for (unsigned left = roll(3) + 1; left > 0; --left) {
            const std::string at = "/" + field();
            if (!steps.empty()) steps += ',';
            switch (roll(7)) {
                case 0:
                    steps += R"({"op":"add","path":"","value":)" + value(2) + "}";
                    break;
                case 1:
                    steps += R"({"op":"move","from":")" + at + R"(","path":"/)" + field() + "\"}";
                    break;
                case 2:
                    steps += R"({"op":"copy","from":")" + at + R"(","path":")" + at + "/x\"}";
                    break;
                case 3:
                    steps += R"({"op":"remove","path":")" + at + "\"}";
                    break;
                case 4:
                    steps += R"({"op":"add","path":")" + at + R"(/0","value":)" + value(1) + "}";
                    break;
                default:
                    steps += R"({"op":"add","path":")" + at + R"(","value":)" + value(2) + "}";
                    break;
            }
        }
        return "[" + steps + "]";
    }

    std::string path() {
        std::string path;
        for (unsigned depth = roll(4); depth > 0; --depth) path += "/" + field();
        return path;
    }
    std::string field() { return std::string(1, static_cast<char>('a' + roll(3))); }

    std::string value(unsigned depth) {
        switch (roll(depth == 0 ? 3 : 6)) {
            case 0:
                return std::to_string(roll(100));
            case 1:
                return "\"t" + std::to_string(roll(9)) + "\"";
            case 2:
                return roll(2) == 0 ? "null" : "[1,2,{\"a\":1}]";
            default: {
                std::string object = "{";
                for (char name = 'a'; name < 'd'; ++name) {
                    if (roll(2) == 0) continue;
                    if (object.size() > 1) object += ',';
                    object += std::string("\"") + name + "\":" + value(depth - 1);
                }
                return object + "}";
            }
        }
    }

    std::mt19937 random_;
};

using Values = std::map<std::string, std::string>;

std::string canonical(const json::Value& value) {
    std::string text;
    json::writeCanonical(value, text);
    return text;
}

/// A client's replica: a snapshot, and updates applied plainly.
class Replica {
public:
    void take(const CatchUp& catchUp) {
        for (const core::SharedBytes& frames : catchUp.frames)
            for (const std::string& text : tests::unframed(*frames)) take(parsed(text));
    }

    void take(const json::Value& message) {
        const std::string_view type = message.find("type")->asString();
        if (type == "snapshot") {
            if (!inSnapshot_) records_.clear();
            inSnapshot_ = message.find("more")->asBool();
            for (const json::Value& record : message.find("records")->elements()) restore(record);
            seq = static_cast<std::uint64_t>(message.find("seq")->asNumber());
        } else if (type == "updates") {
            for (const json::Value& update : message.find("updates")->elements()) take(update);
        } else if (type == "update") {
            apply(message);
        }
    }

    Values values() const {
        Values values;
        for (const auto& [key, record] : records_)
            if (!record.deleted) values[key] = canonical(record.value);
        return values;
    }

    std::uint64_t seq = 0;

private:
    void restore(const json::Value& record) {
        Record& into = records_[std::string(record.find("key")->asString())];
        into.value = record.find("value")->clone();
        into.deleted = false;
    }

    void apply(const json::Value& update) {
        ASSERT_EQ(update.find("seq")->asNumber(), static_cast<double>(seq + 1));
        ++seq;
        const json::Value* several = update.find("ops");
        if (several == nullptr) return change(update);
        for (const json::Value& one : several->elements()) change(one);
    }

    void change(const json::Value& effect) {
        const OpKind kind = *kindNamed(effect.find("kind")->asString());
        json::Value members = effect.clone();
        core::Result<Arguments> arguments = takeArguments(kind, members);
        ASSERT_TRUE(arguments) << json::toText(effect);
        EXPECT_TRUE(applyPlainly(kind, std::move(*arguments),
                                 records_[std::string(effect.find("key")->asString())]))
            << json::toText(effect);
    }

    std::map<std::string, Record> records_;
    bool inSnapshot_ = false;
};

Values valuesOf(Client& client) {
    Replica replica;
    for (const std::string& body : client.snapshotBodies()) replica.take(parsed(body));
    return replica.values();
}

class Law : public testing::TestWithParam<unsigned> {};

TEST_P(Law, SnapshotAtAnyPointAndTheTailBehindItGiveTheHead) {
    World world;
    Fickle fickle;
    world.settings.conflicts = {{"", "k1", "", &fickle}, {"", "k2", "/a", &fickle}};
    world.settings.checkpointOpsMax = 25;
    world.settings.logMemoryBytesMax = 4'000;
    world.settings.stampsMax = 5;
    world.settings.catchUpFrameBytesMax = 300;
    Dice dice(GetParam());
    std::vector<std::unique_ptr<Client>> clients;
    for (const char* user : {"ann", "bob", "cid"})
        clients.push_back(std::make_unique<Client>(world, user));
    std::vector<std::pair<Cursor, Replica>> points;
    std::uint64_t head = 0;
    for (int step = 0; step < 150; ++step) {
        for (unsigned burst = dice.roll(4) + 1; burst > 0; --burst)
            dice.post(*clients[dice.roll(3)], head);
        if (dice.roll(4) == 0) world.shard().tick();
        world.settle();
        if (dice.roll(25) == 0) {
            const Values before = valuesOf(*clients[0]);
            world.crash();
            ASSERT_EQ(valuesOf(*clients[0]), before) << "state after reload = state before";
        }
        world.clock.advanceMs(dice.roll(50));
        const core::Result<CatchUp> caught = clients[0]->subscribe();
        ASSERT_TRUE(caught);
        head = caught->reached.seq;
        if (dice.roll(8) == 0) {
            points.emplace_back(caught->reached, Replica());
            points.back().second.take(*caught);
        }
    }
    const Values now = valuesOf(*clients[0]);
    for (auto& [cursor, replica] : points) {
        for (bool live = false; !live;) {
            const core::Result<CatchUp> caught = clients[1]->subscribe(cursor, 2'000);
            ASSERT_TRUE(caught);
            ASSERT_EQ(member(caught->subscribed, "mode"), "tail");
            replica.take(*caught);
            cursor = caught->reached;
            live = caught->live;
        }
        EXPECT_EQ(replica.values(), now);
    }
    for (auto& client : clients)
        for (const std::string& reply : client->replies) EXPECT_FALSE(reply.empty());
}

// The committed state that grows by moving records over from the overlay is the one that replay of
// the log gives, stamps and streams too.
TEST_P(Law, ReplayOfTheLogIsTheCommittedState) {
    World world;
    Fickle fickle;
    world.settings.conflicts = {{"", "k1", "", &fickle}};
    world.settings.stampsMax = 5;
    Dice dice(GetParam() + 1'000);
    Client ann(world, "ann");
    Client bob(world, "bob");
    world.settings.checkpointOpsMax = 1'000'000;
    for (int step = 0; step < 120; ++step) {
        dice.post(dice.roll(2) == 0 ? ann : bob, static_cast<std::uint64_t>(step));
        if (dice.roll(3) == 0) world.shard().tick();
        if (dice.roll(6) == 0) world.settle();
    }
    world.settle();
    bool drained = false;
    world.directory().drain([&] { drained = true; });
    world.settle();
    ASSERT_TRUE(drained);
    const StoredChannel written = *world.storage.load("room");
    ASSERT_TRUE(written.checkpoint && written.entries.empty());

    tests::FakeStorage logOnly;
    for (const StoredEntry& entry : world.storage.log("room"))
        logOnly.appendElsewhere("room", entry);
    const core::Result<CommittedState> replayed =
        loadChannel(logOnly, {"room", "fresh", false, 5, 10'000, 1 << 20});
    ASSERT_TRUE(replayed) << replayed.error().reason;
    EXPECT_EQ(replayed->seq, written.checkpoint->seq);
    ASSERT_EQ(replayed->records.size(), written.checkpoint->records.size());
    for (const StoredItem& item : written.checkpoint->records)
        EXPECT_EQ(encodeRecord(*replayed->find(item.name)), item.body) << item.name;
    ASSERT_EQ(replayed->streams.size(), written.checkpoint->streams.size());
    for (const StoredItem& item : written.checkpoint->streams)
        EXPECT_EQ(encodeStream(*replayed->find(*StreamId::fromHex(item.name))), item.body);
}

TEST_P(Law, TheValueAtAnyKnownBaseIsRebuiltExactly) {
    World world;
    Dice dice(GetParam() + 2'000);
    Client ann(world, "ann");
    std::vector<Values> history{{}};
    while (history.size() < 60) {
        dice.post(ann, 0);
        world.settle();
        const core::Result<CatchUp> caught = ann.subscribe();
        if (caught->reached.seq + 1 > history.size()) history.push_back(valuesOf(ann));
    }
    core::Result<CommittedState> committed =
        loadChannel(world.storage, {"room", "fresh", false, 1'000, 10'000, 1 << 20});
    ASSERT_TRUE(committed);
    const ChannelState state(std::move(*committed), 1'000);
    for (const auto& [key, record] : state.committed().records)
        for (std::uint64_t seq = 0; seq < history.size(); ++seq) {
            std::optional<json::Value> value;
            ASSERT_TRUE(state.rebuild(key, record, seq, value));
            const auto then = history[seq].find(key);
            ASSERT_EQ(value.has_value(), then != history[seq].end()) << key << " at " << seq;
            if (!value) continue;
            EXPECT_EQ(canonical(*value), then->second) << key << " at " << seq;
        }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Law, testing::Range(1U, 21U));

}  // namespace
}  // namespace syncline::channel
