// SPDX-License-Identifier: Apache-2.0
// What the contract says of message handlers. A subject's `messages` are the traffic.
#include <algorithm>
#include <cstddef>
#include <map>
#include <thread>

#include "subject_test.h"
#include "traffic.h"

namespace syncline::conformance {
namespace {

constexpr std::uint32_t kPluginFailed = 1004;

std::string told(const Settled& settled) {
    std::string text = settled.brief();
    if (settled.ending == Ending::refused) text += ": " + settled.failure.reason;
    return text;
}

/// Values that clients send where something else is expected.
const std::vector<Json>& oddValues() {
    static const std::vector<Json> values = [] {
        std::vector<Json> odd = {nullptr,       true,          -1, 0.5, 1e300, "", "x",
                                 Json::Array(), Json::Object()};
        odd.emplace_back(std::string(300, 'n'));
        odd.emplace_back(std::string("nul\0 bell\a del\x7f", 15));
        odd.push_back(Json::parse(R"(["a",["b"],{"c":null}])"));
        odd.push_back(Json::parse(R"({"channel":{"channel":[]},"seq":-1,"":{}})"));
        Json deep = 1;
        for (int i = 0; i < 60; ++i) deep = Json::Array{deep};
        odd.push_back(std::move(deep));
        return odd;
    }();
    return values;
}

Json::Object without(const Json::Object& members, std::size_t index) {
    Json::Object rest = members;
    rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(index));
    return rest;
}

/// The value made odd, and with each part of it made odd or left out in turn.
std::vector<Json> spoiledValue(const Json& value) {
    std::vector<Json> all = oddValues();
    const auto* members = value.as<Json::Object>();
    for (std::size_t i = 0; members != nullptr && i < members->size(); ++i) {
        all.emplace_back(without(*members, i));
        for (Json& odd : spoiledValue((*members)[i].second)) {
            Json::Object changed = *members;
            changed[i].second = std::move(odd);
            all.emplace_back(std::move(changed));
        }
    }
    const auto* elements = value.as<Json::Array>();
    for (std::size_t i = 0; elements != nullptr && i < elements->size(); ++i) {
        for (Json& odd : spoiledValue((*elements)[i])) {
            Json::Array changed = *elements;
            changed[i] = std::move(odd);
            all.emplace_back(std::move(changed));
        }
    }
    return all;
}

/// The message with each part in turn made odd, or left out. The host itself reads the type, and
/// takes a channel only when it is a name.
std::vector<Json> spoiled(const Json& message) {
    std::vector<Json> all;
    const auto& members = *message.as<Json::Object>();
    for (std::size_t i = 0; i < members.size(); ++i) {
        const auto& [name, value] = members[i];
        if (name == "type") continue;
        all.emplace_back(without(members, i));
        if (name == "channel") continue;
        for (Json& odd : spoiledValue(value)) {
            Json::Object changed = members;
            changed[i].second = std::move(odd);
            all.emplace_back(std::move(changed));
        }
    }
    return all;
}

class MessageHandler : public SubjectTest {
protected:
    /// What the author says may fail without anybody's being told.
    bool isBestEffort(const std::string& function) const {
        const Json::Array& all = subject().facts.list("bestEffort");
        return std::find(all.begin(), all.end(), Json(function)) != all.end();
    }
    /// Whatever was sent, this is a way for it to end.
    static void expectProperEnd(const Settled& settled, const std::string& message) {
        EXPECT_NE(settled.ending, Ending::open) << "never ended: " << message;
        if (settled.ending != Ending::refused) return;
        EXPECT_GE(settled.failure.code, 1001U) << "of " << message;
        EXPECT_LE(settled.failure.code, 1599U) << "of " << message;
        EXPECT_FALSE(settled.failure.reason.empty()) << "of " << message;
        EXPECT_EQ(settled.failure.reason.find('\n'), std::string::npos) << "one sentence, no more";
    }
};

TEST_P(MessageHandler, SettlesEveryMessageOnce) {
    const auto life = live();
    HandlerDriver driver(*life);
    for (const Example& example : examplesOf(subject())) {
        const Settled settled = driver.send(example.request);
        expectProperEnd(settled, example.request.message.text());
        if (!example.expected.empty()) {
            EXPECT_EQ(settled.brief(), example.expected)
                << example.request.message.text() << "\n  " << told(settled);
        }
    }
}

TEST_P(MessageHandler, RefusesWhatItCannotUseInsteadOfFailing) {
    const auto life = live();
    HandlerDriver driver(*life);
    for (const Example& example : examplesOf(subject())) {
        for (const Json& message : spoiled(example.request.message)) {
            Request request = example.request;
            request.message = message;
            const Settled settled = driver.send(request);
            if (settled.ending == Ending::open) {
                ADD_FAILURE() << "never ended: " << message.text();
                return;
            }
            if (settled.ending != Ending::refused) continue;
            const std::uint32_t code = settled.failure.code;
            EXPECT_TRUE(code != 0 && code != kPluginFailed)
                << "failed at " << message.text() << ": " << settled.failure.reason;
            expectProperEnd(settled, message.text());
        }
    }
}

TEST_P(MessageHandler, KeepsNothingThatItBorrowed) {
    const auto life = live();
    HandlerDriver driver(*life);
    // What is kept of one message shows itself in the next.
    for (int round = 0; round < 3; ++round) {
        for (const Example& example : examplesOf(subject())) driver.send(example.request);
    }
    life->end();
    expectGoodConduct(life->host());
}

TEST_P(MessageHandler, DestroysEveryBuilderThatItMakes) {
    const auto life = live();
    HandlerDriver driver(*life);
    for (const Example& example : examplesOf(subject())) driver.send(example.request);
    EXPECT_EQ(life->host().vault().leakedBuilders(), 0U);
}

/// The functions of the host that can fail, at once or in their on_result.
constexpr const char* kAllThatCanFail[] = {
    "verify",  "later verify",  "open",      "resume",      "refresh",
    "submit",  "submit_batch",  "subscribe", "unsubscribe", "snapshot",
    "history", "outcomes",      "presence",  "to_channel",  "later to_channel",
    "to_user", "later to_user", "resolve",   "snapshot_of", "history_of"};

bool hasAsked(const Settled& settled, const std::string& function) {
    const std::string name = function.substr(function.rfind(' ') + 1) + " ";
    return std::any_of(settled.asked.begin(), settled.asked.end(),
                       [&](const std::string& asked) { return asked.rfind(name, 0) == 0; });
}

TEST_P(MessageHandler, PassesOnThatTheHostCouldNotDoWhatItWasAsked) {
    const Failure busy = {1404, "busy", true, 100};
    for (const std::string function : kAllThatCanFail) {
        const auto life = live();
        const auto luckier = live();
        HandlerDriver driver(*life);
        HandlerDriver luckierDriver(*luckier);
        driver.calls().failAt(function, busy);
        for (const Example& example : examplesOf(subject())) {
            const Settled settled = driver.send(example.request);
            const Settled wouldBe = luckierDriver.send(example.request);
            expectProperEnd(settled, example.request.message.text());
            if (hasAsked(wouldBe, function) && !isBestEffort(function)) {
                EXPECT_NE(settled.brief(), wouldBe.brief())
                    << function
                    << " failed, and nobody was told: " << example.request.message.text();
            }
            if (settled.ending != Ending::refused || settled.failure.reason != busy.reason) {
                continue;
            }
            EXPECT_EQ(settled.failure.code, busy.code) << function;
            EXPECT_TRUE(settled.failure.retry) << function;
            EXPECT_EQ(settled.failure.retryAfterMs, busy.retryAfterMs) << function;
        }
    }
}

TEST_P(MessageHandler, ACancelledMessageHarmsNoOther) {
    const auto life = live();
    HandlerDriver driver(*life);
    std::vector<std::string> expected;
    for (const Example& example : examplesOf(subject())) {
        expected.push_back(driver.send(example.request).brief());
    }
    for (int round = 0; round < 3; ++round) {
        std::size_t at = 0;
        for (const Example& example : examplesOf(subject())) {
            driver.calls().cancel(driver.begin(example.request));
            EXPECT_EQ(driver.send(example.request).ending == Ending::open,
                      expected[at++].rfind("open", 0) == 0)
                << "behind a cancelled " << example.request.message.text();
        }
    }
}

TEST_P(MessageHandler, MayBeDrainedAndDestroyedWithMessagesUnderWay) {
    const auto life = live();
    HandlerDriver driver(*life);
    for (const Example& example : examplesOf(subject())) driver.begin(example.request);
    life->end();
}

TEST_P(MessageHandler, WorksOnSeveralShardsAtOnce) {
    constexpr std::uint32_t shards = 4;
    const auto life = live(shards);
    HandlerDriver driver(*life);
    std::vector<std::thread> threads;
    std::vector<int> unsettled(shards, 0);
    for (std::uint32_t shard = 0; shard < shards; ++shard) {
        threads.emplace_back([&, shard] {
            for (int round = 0; round < 25; ++round) {
                for (Example& example : examplesOf(subject())) {
                    example.request.shard = shard;
                    const Settled settled = driver.send(example.request);
                    if (settled.ending == Ending::open) ++unsettled[shard];
                    if (unsettled[shard] > 0) return;
                }
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    for (const int count : unsettled) EXPECT_EQ(count, 0) << "messages that never ended";
}

TEST_P(MessageHandler, ReturnsAtOnceUnlessItIsBlocking) {
    if (hasFlag(subject().manifest(), "blocking")) GTEST_SKIP() << "it may wait";
    const auto life = live();
    HandlerDriver driver(*life);
    for (const Example& example : examplesOf(subject())) {
        expectToReturn("on_message", kReturnLimitMs, [&] {
            for (int round = 0; round < 100; ++round) driver.begin(example.request);
        });
    }
}

TEST_P(MessageHandler, DoesOnlyWhatItsManifestSays) {
    // The host needs these flags to run the right pipelines.
    const std::map<std::string, std::string> flagOf = {
        {"open", "opens_session"},           {"resume", "opens_session"},
        {"submit_batch", "carries_batches"}, {"history", "reads_history"},
        {"history_of", "reads_history"},     {"snapshot_of", "reads_snapshot"},
        {"resolve", "resolves_conflicts"}};
    const auto life = live();
    HandlerDriver driver(*life);
    for (const Example& example : examplesOf(subject())) {
        for (const std::string& asked : driver.send(example.request).asked) {
            const auto needed = flagOf.find(asked.substr(0, asked.find(' ')));
            if (needed == flagOf.end()) continue;
            EXPECT_TRUE(hasFlag(subject().manifest(), needed->second))
                << "the manifest does not say " << needed->second << ": " << asked;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Every, MessageHandler,
                         ::testing::ValuesIn(subjectsOf(SYNCLINE_MESSAGE_HANDLER)), nameOfParam);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(MessageHandler);

}  // namespace
}  // namespace syncline::conformance
