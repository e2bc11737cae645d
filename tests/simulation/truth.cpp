// SPDX-License-Identifier: Apache-2.0
#include "simulation/truth.h"

#include <algorithm>
#include <utility>

#include "channel/entry_codec.h"
#include "core/ids.h"
#include "json/parse.h"
#include "json/write.h"
#include "simulation/disputes.h"
#include "simulation/members.h"

namespace syncline::simulation {

using channel::Entry;
using channel::Outcome;

namespace {

std::string canonical(const json::Value& value) {
    std::string text;
    json::writeCanonical(value, text);
    return text;
}

// The effect as an op on the wire.
json::Value asOp(const channel::Effect& effect) {
    auto parsed = json::parse("{" + effect.arguments + "}");
    json::Value op = parsed ? std::move(*parsed) : json::Value::object();
    op.set("key", effect.key);
    op.set("kind", channel::nameOf(effect.kind));
    return op;
}

Outcome outcomeTold(const json::Value& message) {
    const std::string_view type = textOf(message, "type");
    if (type == "conflict") return Outcome::conflict;
    if (type == "error") return Outcome::rejected;
    std::string_view outcome = textOf(message, "outcome");
    if (outcome == "duplicate") outcome = textOf(message, "original");
    if (outcome == "applied") return Outcome::applied;
    if (outcome == "merged") return Outcome::merged;
    return Outcome::voided;
}

}  // namespace

void Truth::land(const std::string& channel, const channel::StoredEntry& stored) {
    ++landed_;
    core::Result<Entry> entry = channel::decodeEntry(stored);
    if (!entry) return violated_("durable: an entry that cannot be read: " + entry.error().reason);
    History& history = histories_[channel];
    std::uint64_t deed = 0;
    if (!entry->stream.isNobody()) {
        checkNumber(channel, history, *entry);
        deed = checkContent(channel, history, *entry);
    }
    checkConflict(channel, history, *entry, deed);
    Entry copy = *channel::decodeEntry(stored);
    history.entries.push_back({std::move(copy), stored, deed});
    take(channel, history, std::move(*entry));
}

void Truth::take(const std::string& channel, History& history, Entry entry) {
    if (!entry.stream.isNobody())
        history.streams[entry.stream.toHex()][entry.n] = history.entries.size() - 1;
    history.expectations.note(entry);
    if (entry.effects.empty()) return;
    if (const std::uint64_t deed = history.entries.back().deed; deed != 0)
        history.applied.insert(deed);
    if (entry.seq != history.digests.size())
        return violated_("order: seq " + std::to_string(entry.seq) + " of " + channel +
                         " follows " + std::to_string(history.digests.size() - 1));
    for (const channel::Effect& effect : entry.effects)
        if (!history.state.apply(asOp(effect), entry.seq))
            violated_("convergence: the effect at seq " + std::to_string(entry.seq) + " of " +
                      channel + " cannot be applied plainly");
    history.digests.push_back(history.state.digest());
    history.texts.push_back(0);
}

void Truth::checkNumber(const std::string& channel, History& history, const Entry& entry) {
    auto& numbers = history.streams[entry.stream.toHex()];
    const std::uint64_t high = numbers.empty() ? 0 : numbers.rbegin()->first;
    // A client whose storage went back may begin its forgotten stream again, with other ops.
    if (entry.n == 1 && high >= 1 && mayBeForgotten(history, entry.stream.toHex()))
        numbers.clear();
    else if (entry.n <= high)
        violated_("exactly once: n " + std::to_string(entry.n) + " of " + channel +
                  " is in the log twice");
    else if (entry.n != high + 1)
        violated_("exactly once: n " + std::to_string(entry.n) + " of " + channel + " follows " +
                  std::to_string(high));
}

// Which of several ops a number stands for can be told of one that took effect alone.
void Truth::checkConflict(const std::string& channel, const History& history, const Entry& entry,
                          std::uint64_t deed) {
    const bool isSure = deed != 0 && (!entry.effects.empty() ||
                                      ledger_.under(channel, entry.stream, entry.n).size() == 1);
    const Entry* previous = history.entries.empty() ? nullptr : &history.entries.back().entry;
    const std::string wrong =
        misjudged(history.state, previous, entry, isSure ? &ledger_.of(deed) : nullptr);
    if (!wrong.empty())
        violated_("conflicts: " + channel + " index " + std::to_string(entry.index) + ": " + wrong);
    if (const auto ending = endingOf(entry)) met_(*ending);
}

bool Truth::mayBeForgotten(const History& history, const std::string& stream) const {
    const auto numbers = history.streams.find(stream);
    if (numbers == history.streams.end()) return true;
    return std::ranges::all_of(numbers->second, [&](const auto& number) {
        return history.entries[number.second].entry.atMs < clock_.latestWallMs() - streamAgeMsMax_;
    });
}

void Truth::checkForgotten(const std::string& channel, const channel::StreamId& stream) {
    if (!mayBeForgotten(histories_[channel], stream.toHex()))
        violated_("nothing silent: numbers of " + channel + " are forgotten before their age");
}

bool Truth::matches(const Entry& entry, const Deed& deed) const {
    if (entry.verdict.outcome == Outcome::voided) return deed.voided;
    if (!channel::tookEffect(entry.verdict.outcome)) return true;
    if (resolves(deed)) return ends(entry, deed);
    if (entry.effects.size() != deed.changes.size()) return false;
    for (std::size_t i = 0; i < entry.effects.size(); ++i) {
        const json::Value& change = deed.changes[i];
        if (entry.effects[i].key != change.find("key")->asString()) return false;
        if (entry.verdict.outcome == Outcome::merged) continue;
        json::Value asked = change.clone();
        asked.erase("base");
        asked.erase("hlc");
        if (canonical(asked) != canonical(asOp(entry.effects[i]))) return false;
    }
    return true;
}

std::uint64_t Truth::checkContent(const std::string& channel, History& history,
                                  const Entry& entry) {
    const std::vector<Deed*> sent = ledger_.under(channel, entry.stream, entry.n);
    const std::string what =
        channel + " n " + std::to_string(entry.n) + " at index " + std::to_string(entry.index);
    const bool tookEffect = channel::tookEffect(entry.verdict.outcome);
    bool again = false;
    const auto found = std::ranges::find_if(sent, [&](const Deed* deed) {
        if (!matches(entry, *deed)) return false;
        const bool isAgain = tookEffect && history.applied.contains(deed->id);
        again = again || isAgain;
        return !isAgain;
    });
    if (found == sent.end()) {
        violated_("exactly once: " + what +
                  (again ? " was applied before" : " is not what any client sent"));
        return 0;
    }
    for (Deed* deed : sent)
        if (deed->phase < Phase::committed) ledger_.move(*deed, Phase::committed);
    if (sent.size() != 1 || sent.front()->rebased) return (*found)->id;
    const std::string wrong = history.expectations.judge(**found, entry, exact_);
    if (!wrong.empty()) violated_("conflicts: " + what + ": " + wrong);
    return (*found)->id;
}

void Truth::goBack(const std::map<std::string, std::uint64_t>& lastIndexes) {
    for (auto& [channel, history] : histories_) {
        const auto last = lastIndexes.find(channel);
        const std::size_t kept = last == lastIndexes.end() ? 0 : last->second;
        std::vector<Landed> entries = std::move(history.entries);
        entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(std::min(kept, entries.size())),
                      entries.end());
        history = History();
        for (Landed& landed : entries) {
            history.entries.push_back({Entry(), landed.stored, landed.deed});
            history.entries.back().entry = *channel::decodeEntry(landed.stored);
            if (landed.entry.n == 1) history.streams[landed.entry.stream.toHex()].clear();
            take(channel, history, std::move(landed.entry));
        }
    }
}

void Truth::checkVerdict(const channel::StreamId& stream, const json::Value& message) {
    const json::Value* detail = message.find("detail");
    if (numberOf(message, "code") == 1213 && detail != nullptr && detail->contains("born"))
        checkForgotten(std::string(textOf(message, "channel")), stream);
    const json::Value* settled = message.find("settled");
    if (settled == nullptr || !settled->isBool() || !settled->asBool()) return;
    const std::uint64_t n = numberOf(message, "n");
    const std::string channel(textOf(message, "channel"));
    const std::string what = channel + " n " + std::to_string(n);
    const History& history = histories_[channel];
    const auto numbers = history.streams.find(stream.toHex());
    const bool durable = numbers != history.streams.end() && numbers->second.contains(n);
    if (!durable) return violated_("acked means durable: a verdict of " + what + ", which is not");
    const Entry& entry = history.entries[numbers->second.at(n)].entry;
    if (outcomeTold(message) != entry.verdict.outcome)
        return violated_("exactly once: another verdict of " + what +
                         " than the stored one: " + canonical(message));
    if (const std::string id = announced(entry); !id.empty())
        if (std::stoull(id) >= history.digests.size())
            violated_("acked means durable: conflict " + id + " of " + what + " is not kept");
    if (channel::tookEffect(entry.verdict.outcome) && numberOf(message, "seq") != entry.seq)
        violated_("exactly once: another seq of " + what + " than the stored one");
}

void Truth::checkUpdate(const std::string& channel, const json::Value& update) {
    const std::uint64_t seq = numberOf(update, "seq");
    History& history = histories_[channel];
    const std::string what = channel + " seq " + std::to_string(seq);
    if (seq == 0 || seq >= history.digests.size())
        return violated_("acked means durable: an update of " + what + ", which is not");
    const std::uint64_t hash = core::stableHash(canonical(update));
    if (history.texts[seq] == 0) history.texts[seq] = hash;
    if (history.texts[seq] != hash)
        violated_("order: two different updates of " + what + ": " + canonical(update));
}

std::vector<std::string> Truth::overdue(std::int64_t wallMs) const {
    std::vector<std::string> found;
    for (const auto& [channel, history] : histories_)
        for (const std::string& key : simulation::overdue(history.state, wallMs))
            found.push_back(key + " of " + channel);
    return found;
}

std::uint64_t Truth::headOf(const std::string& channel) const {
    const auto found = histories_.find(channel);
    return found == histories_.end() ? 0 : found->second.digests.size() - 1;
}

std::uint64_t Truth::digestAt(const std::string& channel, std::uint64_t seq) const {
    const auto found = histories_.find(channel);
    if (found == histories_.end()) return 0;
    return seq < found->second.digests.size() ? found->second.digests[seq] : ~std::uint64_t{0};
}

const Replica* Truth::stateOf(const std::string& channel) const {
    const auto found = histories_.find(channel);
    return found == histories_.end() ? nullptr : &found->second.state;
}

std::uint64_t Truth::highOf(const std::string& channel, const channel::StreamId& stream) const {
    const auto found = histories_.find(channel);
    if (found == histories_.end()) return 0;
    const auto numbers = found->second.streams.find(stream.toHex());
    if (numbers == found->second.streams.end() || numbers->second.empty()) return 0;
    return numbers->second.rbegin()->first;
}

}  // namespace syncline::simulation
