// SPDX-License-Identifier: Apache-2.0
// What the sync model asks of a client, held against the reference client of the simulation.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "json/parse.h"
#include "json/write.h"
#include "session/origin.h"
#include "simulation/client.h"
#include "simulation/clock.h"
#include "simulation/members.h"

namespace syncline::simulation {
namespace {

/// The world around one client on the channel "room": the test is its server, and nothing else
/// moves. No log stands behind it, so `convergence`, which the client checks too, is left out.
class Around final : public Surroundings {
public:
    Around() { enter(); }

    void connect(std::size_t) override {}
    void disconnect(std::size_t) override {}
    bool send(std::size_t, const json::Value& message) override {
        const std::string_view type = textOf(message, "type");
        if (type != "op" && type != "batch") return true;
        // As it would be found by whoever reads the storage when the first byte has left.
        const std::uint64_t n = numberOf(message, "n");
        EXPECT_GE(room().assigned, n);
        EXPECT_EQ(std::ranges::count(room().pending, n, &Pending::n), 1) << "n " << n;
        sent.push_back(message.clone());
        return online;
    }
    std::uint64_t post(std::size_t, json::Value) override { return 0; }
    void wakeIn(std::size_t, std::int64_t) override {}
    std::int64_t nowUs() const override { return 1'000; }
    std::int64_t wallMs(std::size_t) const override { return 1'700'000'000'000; }
    void trace(const std::string&) override {}
    void violated(const std::string& what) override {
        EXPECT_TRUE(what.starts_with("convergence")) << what;
    }
    void met(Ending) override {}
    Ledger& ledger() override { return ledger_; }
    Truth& truth() override { return truth_; }

    Room& room() { return client.rooms().at("room"); }

    void say(const std::string& message) {
        auto parsed = json::parse(message);
        ASSERT_TRUE(parsed) << message;
        client.onMessage(*parsed);
    }

    /// Greets, and subscribes where the client's cursor stands.
    void enter(std::uint64_t high = 0) {
        client.onConnected();
        say(R"({"type":"welcome","time":1700000000000})");
        say(R"({"type":"subscribed","channel":"room","epoch":"e","mode":"tail","re":)" +
            std::to_string(room().asked) + R"(,"high":)" + std::to_string(high) + "}");
    }

    void snapshot(std::uint64_t seq, std::uint64_t high) {
        say(R"({"type":"snapshot","channel":"room","epoch":"e","sum":"s","records":[],"seq":)" +
            std::to_string(seq) + R"(,"high":)" + std::to_string(high) + "}");
    }

    /// Somebody sets a record.
    void update(const std::string& key, const std::string& by) {
        say(R"({"type":"update","channel":"room","sum":"s","kind":"set","value":{"by":1},"seq":)" +
            std::to_string(room().seq + 1) + R"(,"key":")" + key + "\"," + by + "}");
    }
    std::string own(std::uint64_t n) const {
        return R"("origin":")" + session::originOf(client.id()) + R"(","n":)" + std::to_string(n);
    }

    void ack(std::uint64_t n, std::uint64_t seq) {
        say(R"({"type":"ack","channel":"room","outcome":"applied","settled":true,"n":)" +
            std::to_string(n) + R"(,"seq":)" + std::to_string(seq) + "}");
    }
    void error(std::uint64_t n, int code, const char* more) {
        say(R"({"type":"error","channel":"room","n":)" + std::to_string(n) + R"(,"code":)" +
            std::to_string(code) + "," + more + "}");
    }

    /// The next change of its user, one with a base. The last one pending is it.
    Pending& edit() {
        do {
            if (!room().pending.empty() && room().pending.back().n == 0) room().pending.pop_back();
            client.edit(++salt_, false);
        } while (!room().pending.back().changes[0].contains("base"));
        return room().pending.back();
    }

    bool online = true;
    std::vector<json::Value> sent;

private:
    Ledger ledger_;
    VirtualClock clock_;
    Truth truth_{ledger_, true, clock_, 1LL << 60, [](Ending) {}, [](const std::string&) {}};
    std::uint64_t salt_ = 0;

public:
    Client client{1, "ann", {"room"}, 7, *this};  // odd: it waits for the subscription
};

// What does not change while an op is sent again and again.
std::string contentOf(const json::Value& message) {
    json::Value content = message.clone();
    for (const char* name : {"id", "done"}) content.erase(name);
    std::string text;
    json::writeCanonical(content, text);
    return text;
}

std::string keyOf(const Pending& op) {
    return std::string(op.changes[0].find("key")->asString());
}

std::vector<std::uint64_t> numbersOf(const std::vector<json::Value>& messages) {
    std::vector<std::uint64_t> numbers;
    for (const json::Value& message : messages) numbers.push_back(numberOf(message, "n"));
    return numbers;
}

TEST(ReferenceClient, NumbersItsOpsInOrderAndKeepsNumberAndBodyBeforeTheFirstByteLeaves) {
    Around around;
    around.snapshot(5, 0);
    around.online = false;  // what it sends is lost
    around.edit();
    around.edit();
    ASSERT_EQ(numbersOf(around.sent), (std::vector<std::uint64_t>{1, 1, 2})) << "1 is tried again";
    const std::vector<json::Value> first = std::exchange(around.sent, {});
    EXPECT_EQ(contentOf(first[1]), contentOf(first[0]));
    around.client.reload();
    around.online = true;
    around.enter();
    ASSERT_EQ(numbersOf(around.sent), (std::vector<std::uint64_t>{1, 2}));
    for (std::size_t i = 0; i < 2; ++i)
        EXPECT_EQ(contentOf(around.sent[i]), contentOf(first[i + 1])) << "whatever became of it";
    around.sent.clear();
    around.edit();
    EXPECT_EQ(numbersOf(around.sent), (std::vector<std::uint64_t>{3}));
}

TEST(ReferenceClient, FixesTheBaseWhenItsUserEditsAndNeverRaisesIt) {
    Around around;
    around.snapshot(5, 0);
    while (around.room().pending.size() < 8) around.edit();
    Pending& waiting = around.edit();
    ASSERT_EQ(waiting.n, 0U) << "eight are under way: this one waits, without a number";
    EXPECT_EQ(numberOf(waiting.changes[0], "base"), 5U) << "absent: where the view stood";
    const std::string key = keyOf(waiting);
    around.update(key, R"("origin":"somebody")");
    around.update(key, R"("origin":"somebody")");
    EXPECT_EQ(around.room().seq, 7U);
    around.sent.clear();
    around.ack(1, 8);
    ASSERT_EQ(numbersOf(around.sent), (std::vector<std::uint64_t>{9}));
    EXPECT_EQ(numberOf(around.sent[0], "base"), 5U) << "though the view is at 7";
    around.client.reload();
    around.enter(1);
    EXPECT_EQ(numberOf(around.sent.back(), "base"), 5U);
}

TEST(ReferenceClient, TakesTheVersionOfWhatItSeesAsTheBase) {
    Around around;
    around.snapshot(5, 0);
    const std::string key = keyOf(around.edit());
    around.update(key, R"("origin":"somebody")");
    around.update("elsewhere", R"("origin":"somebody")");
    around.ack(1, 8);
    Pending* again = nullptr;
    for (int i = 0; i < 400 && again == nullptr; ++i) {
        Pending& op = around.edit();
        if (keyOf(op) == key) again = &op;
        if (op.n != 0) around.error(op.n, 1303, R"("settled":true)");
    }
    const auto aimed = [&](const json::Value& message) { return textOf(message, "key") == key; };
    const auto found = std::find_if(around.sent.rbegin(), around.sent.rend(), aimed);
    ASSERT_TRUE(again != nullptr && found != around.sent.rend());
    EXPECT_EQ(numberOf(*found, "base"), 6U) << "the record's version, not the cursor";
}

TEST(ReferenceClient, AnOpLeavesTheViewOnItsOwnUpdateAndNotOnItsAck) {
    Around around;
    around.snapshot(5, 0);
    const std::string key = keyOf(around.edit());
    around.ack(1, 7);
    ASSERT_EQ(around.room().pending.size(), 1U);
    EXPECT_TRUE(around.room().pending[0].shown) << "its effect is not in the records yet";
    around.update("elsewhere", R"("n":1,"origin":"somebody")");
    ASSERT_EQ(around.room().pending.size(), 1U) << "the same number, of somebody else";
    around.update(key, around.own(1));
    EXPECT_TRUE(around.room().pending.empty());
}

TEST(ReferenceClient, AnOpLeavesTheViewOnASnapshotThatHasItAndOnRefusal) {
    Around around;
    around.snapshot(5, 0);
    around.edit();
    around.edit();
    around.edit();
    around.error(2, 1303, R"("settled":true)");
    ASSERT_EQ(around.room().pending.size(), 2U);
    EXPECT_EQ(around.room().pending[1].n, 3U);
    around.error(3, 1002, R"("settled":false,"retry":true)");
    around.snapshot(9, 1);
    EXPECT_FALSE(around.room().pending[0].shown) << "high has its number";
    EXPECT_FALSE(around.room().pending[0].settled) << "its verdict is still to come";
    EXPECT_TRUE(around.room().pending[1].shown);
    around.ack(1, 6);
    EXPECT_EQ(around.room().pending.size(), 1U);
}

TEST(ReferenceClient, BuildsOnItsNewestUnsettledOpOfTheSameKey) {
    Around around;
    around.snapshot(5, 0);
    std::size_t built = 0;
    for (int round = 0; round < 10; ++round) {
        for (int i = 0; i < 8; ++i) around.edit();
        for (std::size_t at = 0; at < around.sent.size(); ++at) {
            std::uint64_t newest = 0;
            for (std::size_t before = 0; before < at; ++before)
                if (textOf(around.sent[before], "key") == textOf(around.sent[at], "key"))
                    newest = numberOf(around.sent[before], "n");
            EXPECT_EQ(numberOf(around.sent[at], "after"), newest);
            built += newest != 0 ? 1 : 0;
        }
        for (const std::uint64_t n : numbersOf(std::exchange(around.sent, {})))
            around.error(n, 1303, R"("settled":true)");
    }
    EXPECT_GT(built, 5U);
}

TEST(ReferenceClient, TakesANewIdOn1208AndPutsUpForReviewWhatItHadSent) {
    Around around;
    around.snapshot(5, 0);
    for (int i = 0; i < 9; ++i) around.edit();
    const std::string before = around.client.id();
    const std::string unsent = keyOf(around.room().pending.back());
    around.error(3, 1208, R"("settled":false,"retry":false)");
    EXPECT_NE(around.client.id(), before);
    EXPECT_EQ(std::ranges::count(around.ledger().all(), true, &Deed::voided), 8)
        << "up for review, and sent no more";
    ASSERT_EQ(around.room().pending.size(), 1U) << "what was never sent is safe";
    around.sent.clear();
    around.enter();
    ASSERT_EQ(numbersOf(around.sent), (std::vector<std::uint64_t>{1}));
    EXPECT_EQ(textOf(around.sent[0], "key"), unsent);
}

TEST(ReferenceClient, TakesANewIdWhenHighIsAheadOfWhatItAssigned) {
    Around around;
    around.snapshot(5, 0);
    around.edit();
    const std::string before = around.client.id();
    around.client.reload();
    around.enter(1);
    EXPECT_EQ(around.client.id(), before) << "it assigned that one";
    around.client.reload();
    around.enter(2);
    EXPECT_NE(around.client.id(), before);
    EXPECT_TRUE(around.room().pending.empty()) << "up for review";
}

TEST(ReferenceClient, GivesUpASentOpByAVoidUnderItsNumber) {
    Around around;
    around.snapshot(5, 0);
    around.edit();
    around.sent.clear();
    for (std::uint64_t salt = 1; around.sent.empty() && salt < 100; ++salt)
        around.client.giveUp(salt);
    ASSERT_EQ(around.sent.size(), 1U);
    EXPECT_EQ(numberOf(around.sent[0], "n"), 1U);
    EXPECT_EQ(textOf(around.sent[0], "kind"), "void");
}

TEST(ReferenceClient, SaysDoneOfWhatIsSettledWithAllBeforeIt) {
    Around around;
    around.snapshot(5, 0);
    for (int i = 0; i < 3; ++i) around.edit();
    around.error(2, 1303, R"("settled":true)");
    around.edit();
    EXPECT_EQ(numberOf(around.sent.back(), "done"), 0U) << "1 is not settled";
    around.error(1, 1303, R"("settled":true)");
    around.edit();
    EXPECT_EQ(numberOf(around.sent.back(), "done"), 2U);
}

}  // namespace
}  // namespace syncline::simulation
