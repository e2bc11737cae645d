// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <spdlog/sinks/null_sink.h>

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bridge/instance.h"
#include "bridge/strategy_adapter.h"
#include "channel/entry_codec.h"
#include "channel/image_codec.h"
#include "channel/sequencer.h"
#include "json/parse.h"
#include "json/write.h"
#include "support/fake_shard.h"
#include "support/plugin_file.h"

namespace syncline::tests {

inline json::Value read(const std::string& text) {
    auto value = json::parse(text);
    EXPECT_TRUE(value) << text;
    return value ? std::move(*value) : json::Value();
}

/// Members in order, so that equal values have equal texts.
inline std::string canonical(const json::Value& value) {
    std::string text;
    json::writeCanonical(value, text);
    return text;
}

/// A strategy plugin as the server runs it.
class LoadedStrategy {
public:
    LoadedStrategy(const char* file, const std::string& config, bool asksAlways)
        : runtime_(1, clock_, random_,
                   std::make_shared<spdlog::logger>(
                       "test", std::make_shared<spdlog::sinks::null_sink_st>())),
          instance_(runtime_, componentIn(file), traits(asksAlways)) {
        const json::Value value = read(config);
        EXPECT_TRUE(instance_.create());
        const auto validated = instance_.validate(value);
        EXPECT_TRUE(validated) << validated.error().reason;
        EXPECT_TRUE(instance_.start());
    }

    std::uint64_t misbehaviours() { return instance_.conduct().misbehaviours(); }

    bridge::StrategyAdapter& adapter() { return adapter_; }

private:
    static bridge::ComponentTraits traits(bool asksAlways) {
        bridge::ComponentTraits traits{"plugin", "component", "strategy"};
        traits.asksAlways = asksAlways;
        traits.decideUsMax = 1'000'000'000;
        return traits;
    }

    FakeClock clock_;
    core::SystemRandom random_;
    bridge::Runtime runtime_;
    bridge::Instance instance_;
    bridge::StrategyAdapter adapter_{instance_};
};

/// Which plugin decides, and how the configuration has it.
struct StrategyChoice {
    const char* name;
    const char* file;
    bool always;
    const char* config = "{}";
    const char* path = "";  ///< of its rule
};

inline StrategyChoice serverWins() {
    return {"server_wins", PLUGIN_SERVER_WINS, false};
}
inline StrategyChoice manual() {
    return {"manual", PLUGIN_MANUAL, false};
}

/// One channel whose conflicts a strategy plugin decides, with the real sequencer, several writers,
/// and commits that follow at once.
class Room {
public:
    static constexpr std::int64_t kNowMs = 1'700'000'000'000;

    explicit Room(const StrategyChoice& choice, const StrategyChoice& otherwise = serverWins()) {
        limits_.streamAgeMsMax = 1'000'000'000;
        decideBy(choice, otherwise);
        channel::CommittedState committed;
        committed.epoch = "e";
        committed.epochWritten = true;
        state_ = std::make_unique<channel::ChannelState>(std::move(committed), limits_.stampsMax);
    }

    ~Room() { EXPECT_EQ(strategy_->misbehaviours() + next_->misbehaviours(), 0U); }

    /// From here on, as after a start with another configuration.
    void decideBy(const StrategyChoice& choice, const StrategyChoice& otherwise = serverWins()) {
        strategy_ = &loaded(choice);
        next_ = &loaded(otherwise);
        strategy_->adapter().setOtherwise(&next_->adapter());
        rules_ = {{"", "", choice.path, &strategy_->adapter()}};
        sequencer_ = std::make_unique<channel::Sequencer>("room", limits_, rules_);
    }

    /// Sequences one op on the record "k", given as members of its message; tells the outcome, what
    /// it was about when it was stopped, and the record: `merged {"a":1}`, `conflict /a`,
    /// `kept /a`, `1212 /a`.
    std::string send(const std::string& user, const std::string& members) {
        auto op = channel::parseOp(
            read(R"({"key":"k","n":)" + std::to_string(++numbers_[user]) + "," + members + "}"));
        return sequence(user, std::move(op));
    }

    /// The same for an atomic batch of changes of "k".
    std::string sendBatch(const std::string& user, const std::string& changes) {
        auto op = channel::parseBatch(
            read(R"({"n":)" + std::to_string(++numbers_[user]) + R"(,"ops":)" + changes + "}"),
            100);
        return sequence(user, std::move(op));
    }

    /// Resolves the conflict of that id: `take` as members of the message.
    std::string resolve(const std::string& user, const std::string& id, const std::string& take) {
        auto op =
            channel::parseResolution(read(R"({"key":"k","n":)" + std::to_string(++numbers_[user]) +
                                          R"(,"conflict":")" + id + R"(",)" + take + "}"));
        return sequence(user, std::move(op));
    }

    bool isOpen(const std::string& conflict) const {
        const channel::Record* record = state_->find("$conflict/" + conflict);
        return record != nullptr && record->current() != nullptr;
    }

    std::uint64_t seq() const { return state_->seq(); }
    std::string base() const { return R"("base":)" + std::to_string(seq()) + ","; }
    const channel::StoredVerdict& lastVerdict() const { return last_.verdict; }
    const channel::Entry& lastEntry() const { return last_; }

    std::string value() const {
        const channel::Record* record = state_->find("k");
        if (record == nullptr || record->current() == nullptr) return "-";
        return canonical(*record->current());
    }

    /// What the log makes of an empty channel: the record as value and stamps.
    void expectReplayGivesTheSame() const {
        channel::Record replayed;
        for (const channel::StoredEntry& stored : log_) {
            const auto entry = channel::decodeEntry(stored);
            ASSERT_TRUE(entry);
            for (const channel::Effect& effect : entry->effects)
                if (effect.key == "k") {
                    ASSERT_TRUE(channel::applyFromLog(
                        effect, replayed, {entry->seq, entry->stream, entry->by}, 1'000));
                }
        }
        const channel::Record* record = state_->find("k");
        if (record == nullptr) return;
        EXPECT_EQ(channel::encodeRecord(replayed), channel::encodeRecord(*record));
    }

    std::int64_t nowMs = kNowMs;

private:
    /// Strategies are pure functions: one instance serves all rooms that want it.
    static LoadedStrategy& loaded(const StrategyChoice& choice) {
        static std::map<std::string, std::unique_ptr<LoadedStrategy>> all;
        auto& place = all[std::string(choice.file) + choice.config];
        if (!place)
            place = std::make_unique<LoadedStrategy>(choice.file, choice.config, choice.always);
        return *place;
    }

    std::string sequence(const std::string& user, core::Result<channel::Op> op) {
        if (!op) return "unreadable: " + op.error().reason;
        const std::string origin = user + "-tag";
        const channel::Writer writer{streamOf(user), user, origin};
        const channel::Decision decision = sequencer_->sequence(*state_, *op, writer, nowMs);
        if (decision.kind != channel::Decision::Kind::appended) {
            --numbers_[user];
            return "unsettled " + decision.answer;
        }
        last_ = state_->inFlight(0);
        // A conflict that is kept has a second entry, with its record.
        while (state_->inFlight() > 0) {
            const channel::Entry& entry = state_->inFlight(0);
            channel::StoredEntry stored{entry.index, entry.seq, entry.atMs, {}};
            channel::encodeEntry(entry, stored.body);
            log_.push_back(std::move(stored));
            state_->commitFirst(seq(), entry.effects.empty() ? "" : "update");
        }
        return told();
    }

    // Streams sort as the names do.
    static channel::StreamId streamOf(const std::string& user) {
        return {static_cast<std::uint64_t>(static_cast<unsigned char>(user[0])), user.size()};
    }

    std::string told() const {
        const json::Value extra = read("{" + last_.verdict.extra + "}");
        const auto paths = [](const json::Value* holder) {
            std::string text;
            const json::Value* list = holder == nullptr ? nullptr : holder->find("paths");
            if (list != nullptr)
                for (const json::Value& path : list->elements())
                    text += " " + (path.asString().empty() ? std::string("the record")
                                                           : std::string(path.asString()));
            return text;
        };
        switch (last_.verdict.outcome) {
            case channel::Outcome::applied:
                return "applied " + value();
            case channel::Outcome::merged:
                return "merged " + value();
            case channel::Outcome::conflict:
                return (extra.contains("conflict") ? "kept" : "conflict") + paths(&extra);
            case channel::Outcome::rejected:
                return std::to_string(extra.find("code")->toInteger().value_or(0)) +
                       paths(extra.find("detail"));
            default:
                return "?";
        }
    }

    channel::SequencerLimits limits_;
    LoadedStrategy* strategy_ = nullptr;
    LoadedStrategy* next_ = nullptr;
    std::vector<channel::ConflictRule> rules_;
    std::unique_ptr<channel::Sequencer> sequencer_;
    std::unique_ptr<channel::ChannelState> state_;
    std::map<std::string, std::uint64_t> numbers_;
    std::vector<channel::StoredEntry> log_;
    channel::Entry last_;
};

}  // namespace syncline::tests
