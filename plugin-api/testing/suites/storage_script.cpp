// SPDX-License-Identifier: Apache-2.0
#include "storage_script.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <sstream>

namespace syncline::conformance {
namespace {

std::string named(const Answer& answer, const std::string& doing) {
    return answer.ok() ? std::string() : doing + ": " + answer.reason;
}

/// The kept log may be shorter than the history, but only at its beginning, and not by what no
/// checkpoint covers.
std::string differenceOfLog(StorageDriver& storage, const std::string& name,
                            const Model::Channel& channel) {
    std::vector<StoredEntry> found;
    const Answer answer = storage.readLog(name, 1, UINT64_MAX, found);
    if (!answer.ok()) return named(answer, "reading the log of '" + name + "'");
    std::vector<StoredEntry> expected = channel.stored.entries;
    std::erase_if(expected, [](const StoredEntry& entry) { return entry.seq == 0; });
    const std::uint64_t covered = channel.stored.checkpoint ? channel.stored.checkpoint->index : 0;
    const auto behind = static_cast<std::size_t>(
        std::count_if(expected.begin(), expected.end(),
                      [&](const StoredEntry& entry) { return entry.index > covered; }));
    if (found.size() >= behind && found.size() <= expected.size() &&
        std::equal(found.rbegin(), found.rend(), expected.rbegin())) {
        return {};
    }
    return "the log of '" + name + "' has " + std::to_string(found.size()) +
           " entries that are not the newest of " + std::to_string(expected.size());
}

}  // namespace

void Model::append(const Addition& addition) {
    Channel& channel = channels[addition.channel];
    for (std::size_t k = 0; k < addition.bodies.size(); ++k) {
        ++channel.last;
        const std::uint64_t seq =
            k < addition.seqs.size() ? addition.seqs[k] : addition.expectedIndex + k + 1;
        channel.lastSeq = std::max(channel.lastSeq, seq);
        channel.stored.entries.push_back(
            {channel.last, seq, 1'700'000'000'000 + static_cast<std::int64_t>(channel.last),
             addition.bodies[k]});
    }
}

void Model::checkpoint(const std::string& name, const StoredHead& head, const Items& records,
                       const Items& streams) {
    Channel& channel = channels[name];
    channel.stored.checkpoint = head;
    for (const auto& [key, body] : records) {
        if (body.empty()) {
            channel.stored.records.erase(key);
        } else {
            channel.stored.records[key] = body;
        }
    }
    for (const auto& [id, body] : streams) channel.stored.streams[id] = body;
}

StoredChannel Model::expectedLoad(const Channel& channel) {
    StoredChannel expected = channel.stored;
    const std::uint64_t covered = expected.checkpoint ? expected.checkpoint->index : 0;
    std::erase_if(expected.entries,
                  [&](const StoredEntry& entry) { return entry.index <= covered; });
    return expected;
}

StoredChannel Model::expectedLoad(const std::string& name) const {
    const auto found = channels.find(name);
    return found == channels.end() ? StoredChannel{} : expectedLoad(found->second);
}

std::vector<std::string> Model::names() const {
    std::vector<std::string> all;
    for (const auto& [name, channel] : channels) all.push_back(name);
    return all;
}

ScriptStep ScriptStep::commit(std::vector<Addition> additions) {
    ScriptStep step;
    step.additions = std::move(additions);
    return step;
}

ScriptStep ScriptStep::checkpoint(std::string channel, std::uint64_t index, Items records,
                                  Items streams) {
    ScriptStep step;
    step.kind = Kind::checkpoint;
    step.channel = std::move(channel);
    step.head = {"epoch-1", index, index, "head of " + std::to_string(index)};
    step.records = std::move(records);
    step.streams = std::move(streams);
    return step;
}

ScriptStep ScriptStep::trim(std::string channel, std::uint64_t belowIndex) {
    ScriptStep step;
    step.kind = Kind::trim;
    step.channel = std::move(channel);
    step.belowIndex = belowIndex;
    return step;
}

ScriptStep ScriptStep::drop(std::string channel) {
    ScriptStep step;
    step.kind = Kind::drop;
    step.channel = std::move(channel);
    return step;
}

Script Script::ofCommits() {
    const std::string large(5'000, 'l');
    return {{ScriptStep::commit({{"a", 0, {"a1"}}}),
             // An op that took effect and one that was refused, each an outcome of its own.
             ScriptStep::commit({{"a", 1, {"a2", "refused"}, {2, 0}}, {"b", 0, {"b1"}}}),
             ScriptStep::commit({{"b", 1, {"refused", large}, {0, 2}}, {"a", 3, {"a3"}, {3}}}),
             ScriptStep::commit({{"c", 0, {"refused"}, {0}}, {"a", 4, {large}, {4}}})}};
}

Script Script::ofCheckpoints() {
    return {
        {ScriptStep::commit({{"a", 0, {"1", "2", "3"}}, {"gone", 0, {"1"}}}),
         ScriptStep::checkpoint("a", 2, {{"k", "2"}, {"l", "2"}}, {{"s", "2"}}),
         ScriptStep::commit({{"a", 3, {"4"}}}),
         ScriptStep::checkpoint("gone", 1, {{"k", "1"}}, {{"s", "1"}}), ScriptStep::drop("gone"),
         ScriptStep::checkpoint("a", 4, {{"k", ""}, {"m", "4"}}, {{"s", "4"}, {"t", "4"}}),
         ScriptStep::trim("a", 4), ScriptStep::commit({{"a", 4, {"5"}}, {"gone", 0, {"anew"}}})}};
}

Script Script::ofEverything() {
    return {{ScriptStep::commit({{"a", 0, {"1", "2"}}, {"b", 0, {"1", "refused"}, {1, 0}}}),
             ScriptStep::checkpoint("a", 2, {{"k", "2"}}, {{"s", "2"}}),
             ScriptStep::commit({{"a", 2, {"3"}}, {"b", 2, {"2"}, {2}}})}};
}

Model Script::after(std::size_t count) const {
    Model model;
    for (std::size_t i = 0; i < std::min(count, steps.size()); ++i) {
        const ScriptStep& step = steps[i];
        switch (step.kind) {
            case ScriptStep::Kind::commit:
                for (const Addition& addition : step.additions) model.append(addition);
                break;
            case ScriptStep::Kind::checkpoint:
                model.checkpoint(step.channel, step.head, step.records, step.streams);
                break;
            case ScriptStep::Kind::drop:
                model.drop(step.channel);
                break;
            case ScriptStep::Kind::trim:
                break;
        }
    }
    return model;
}

Answer carryOut(const ScriptStep& step, StorageDriver& storage) {
    switch (step.kind) {
        case ScriptStep::Kind::checkpoint:
            return storage.checkpoint(step.channel, step.head, step.records, step.streams);
        case ScriptStep::Kind::trim:
            return storage.trim(step.channel, step.belowIndex);
        case ScriptStep::Kind::drop:
            return storage.drop(step.channel);
        case ScriptStep::Kind::commit:
            break;
    }
    std::vector<Addition> additions = step.additions;
    Answer answer = storage.commit(additions);
    for (const Addition& addition : additions) {
        if (!answer.ok() || addition.committed) continue;
        answer.status = SYNCLINE_FAILED;
        answer.reason = "an append to '" + addition.channel + "' was left out";
    }
    return answer;
}

std::string difference(StorageDriver& storage, const Model& model) {
    std::vector<std::string> names;
    if (auto wrong = named(storage.list(names), "listing"); !wrong.empty()) return wrong;
    if (names != model.names()) {
        std::string all;
        for (const std::string& name : names) all += " '" + name + "'";
        return "other channels are listed:" + all;
    }
    for (const auto& [name, channel] : model.channels) {
        if (auto wrong = differenceOf(storage, name, channel); !wrong.empty()) return wrong;
    }
    return {};
}

std::string differenceOf(StorageDriver& storage, const std::string& name,
                         const Model::Channel& channel) {
    StoredChannel stored;
    const Answer answer = storage.load(name, stored);
    if (!answer.ok()) return named(answer, "loading '" + name + "'");
    const StoredChannel expected = Model::expectedLoad(channel);
    if (stored == expected) return differenceOfLog(storage, name, channel);
    std::ostringstream words;
    words << "channel '" << name << "' is " << stored << "instead of " << expected;
    return words.str();
}

namespace {

/// In the other process: tells through the pipe how far it got.
[[noreturn]] void perform(const Errand& errand, int pipe) {
    const auto fault = errand.fault();
    {
        StorageDriver storage(errand.component, errand.config);
        if (!storage.answer().ok() || !storage.start().ok()) ::_exit(1);
        const auto& steps = errand.script.steps;
        for (std::size_t done = 0; done < steps.size(); ++done) {
            if (!carryOut(steps[done], storage).ok()) ::_exit(2);
            const std::size_t acked = done + 1;
            if (::write(pipe, &acked, sizeof acked) != sizeof acked) ::_exit(3);
        }
        if (!errand.closes) ::_exit(0);
        storage.drain();
        storage.instance().destroy();
    }
    ::_exit(0);
}

}  // namespace

End carryOutElsewhere(const Errand& errand) {
    int pipe[2] = {};
    EXPECT_EQ(::pipe(pipe), 0);
    const ::pid_t child = ::fork();
    if (child == 0) {
        ::close(pipe[0]);
        perform(errand, pipe[1]);
    }
    ::close(pipe[1]);
    End end;
    std::size_t acked = 0;
    while (::read(pipe[0], &acked, sizeof acked) == sizeof acked) end.acked = acked;
    ::close(pipe[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    end.killed = WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    end.exitCode = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return end;
}

}  // namespace syncline::conformance
