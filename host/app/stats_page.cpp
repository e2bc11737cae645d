// SPDX-License-Identifier: Apache-2.0
// What /api/stats answers. Each shard tells what only it may look at; the rest is read from here.
#include <algorithm>
#include <utility>

#include "app/overview.h"
#include "app/process_figures.h"
#include "session/session.h"

namespace syncline::app {

namespace {

/// A shard that does not answer within this is left out: it may be the very reason of the question.
constexpr std::int64_t kWaitMs = 1'000;

double milliseconds(std::uint64_t ns, std::uint64_t count) {
    return count == 0 ? 0 : static_cast<double>(ns) / static_cast<double>(count) / 1e6;
}

json::Value entryOf(std::size_t shard, std::uint64_t number,
                    const session::Session::Description& told) {
    json::Value entry = json::Value::object();
    entry.set("connection", std::to_string(shard) + "." + std::to_string(number));
    entry.set("session", told.id);
    if (told.open) entry.set("user", told.user);
    entry.set("address", told.address);
    entry.set("transport", told.transport);
    if (told.roundTripUs >= 0) {
        entry.set("roundTripMs", static_cast<double>(told.roundTripUs) / 1e3);
    }
    entry.set("outboxBytes", told.outboxBytes);
    entry.set("subscriptions", told.subscriptions);
    entry.set("underWay", told.underWay);
    entry.set("reading", !told.paused);
    entry.set("ageMs", told.ageMs);
    return entry;
}

json::Value entryOf(const channel::ChannelDescription& told) {
    json::Value entry = json::Value::object();
    entry.set("channel", told.name);
    entry.set("seq", told.seq);
    entry.set("records", told.records);
    entry.set("subscribers", told.subscribers);
    entry.set("opsUnderWay", told.opsInFlight);
    entry.set("opsPerMinute", told.opsPerMinute);
    return entry;
}

json::Value entryOf(const pipeline::Step& step, const std::vector<Overview::Shard>& shards) {
    std::uint64_t received = 0, passed = 0, stopped = 0, refused = 0, timedOut = 0, inFlight = 0;
    std::uint64_t sampled = 0, sampledNs = 0;
    for (const Overview::Shard& shard : shards) {
        const pipeline::StageFigures& figures = shard.runner->figures()[step.meter];
        received += figures.received.get();
        passed += figures.passed.get();
        stopped += figures.stopped.get();
        refused += figures.refused.get();
        timedOut += figures.timedOut.get();
        inFlight += figures.inFlight.get();
        sampled += figures.sampledNs.count();
        sampledNs += figures.sampledNs.sum();
    }
    json::Value entry = json::Value::object();
    entry.set("stage", step.stage->name());
    entry.set("use", step.use);
    entry.set("received", received);
    entry.set("passed", passed);
    entry.set("stopped", stopped);
    entry.set("refused", refused);
    entry.set("timedOut", timedOut);
    entry.set("inFlight", inFlight);
    if (sampled != 0) entry.set("meanMs", milliseconds(sampledNs, sampled));
    return entry;
}

/// The first `max` of `all`; how many there are stands beside them.
template <class Entry>
json::Value listOf(std::vector<Entry>& all, std::size_t total, std::size_t max) {
    json::Value listed = json::Value::array();
    for (std::size_t i = 0; i < all.size() && i < max; ++i) listed.push(entryOf(all[i]));
    json::Value list = json::Value::object();
    list.set("total", total);
    list.set("listed", std::move(listed));
    return list;
}

struct ListedConnection {
    std::size_t outboxBytes = 0;
    json::Value entry;
};

json::Value entryOf(ListedConnection& connection) {
    return std::move(connection.entry);
}

}  // namespace

/// What one shard told.
struct Overview::Part {
    std::vector<ListedConnection> connections;  ///< those with most to send first
    std::size_t sessions = 0;
    std::vector<channel::ChannelDescription> channels;  ///< the most active first
};

/// One question on its way round. Shared by the shards that are asked; read and written on the
/// shard that asks.
struct Overview::Gathering {
    std::vector<std::optional<Part>> parts;
    std::size_t missing = 0;
    core::UniqueFunction<void(const json::Value&)> answer;
    core::TimerWheel::Id timer;
};

void Overview::stats(core::Shard& from,
                     core::UniqueFunction<void(const json::Value&)> answer) const {
    auto gathering = std::make_shared<Gathering>();
    gathering->parts.resize(shards.size());
    gathering->missing = shards.size();
    gathering->answer = std::move(answer);
    const auto finish = [this, &from, gathering] {
        if (!gathering->answer) return;
        from.timers().stop(gathering->timer);
        auto answered = std::exchange(gathering->answer, {});
        answered(page(*gathering));
    };
    gathering->timer = from.timers().start(from.nowMs(), kWaitMs, finish);
    for (std::size_t i = 0; i < shards.size(); ++i) {
        shards[i].reactor->postAlways([this, i, &from, gathering, finish] {
            from.postAlways([i, gathering, finish, part = partOf(i)]() mutable {
                gathering->parts[i] = std::move(part);
                if (--gathering->missing == 0) finish();
            });
        });
    }
}

Overview::Part Overview::partOf(std::size_t shard) const {
    const session::ShardContext& context = *shards[shard].context;
    Part part;
    part.sessions = context.sessions.size();
    std::vector<std::pair<std::size_t, const session::Session*>> order;
    order.reserve(part.sessions);
    for (const auto& [number, session] : context.sessions) {
        order.emplace_back(session->describe().outboxBytes, session);
    }
    const std::size_t kept = std::min(order.size(), limits_.itemsMax);
    const auto moreFirst = [](const auto& a, const auto& b) {
        return a.first != b.first ? a.first > b.first : a.second->number() < b.second->number();
    };
    std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(),
                      moreFirst);
    for (std::size_t i = 0; i < kept; ++i) {
        const session::Session& session = *order[i].second;
        part.connections.push_back(
            {order[i].first, entryOf(shard, session.number(), session.describe())});
    }
    part.channels = directory->busiest(shard, limits_.itemsMax);
    return part;
}

json::Value Overview::page(Gathering& gathering) const {
    std::vector<ListedConnection> listed;
    std::vector<channel::ChannelDescription> channels;
    std::size_t sessions = 0;
    for (std::optional<Part>& part : gathering.parts) {
        if (!part) continue;
        sessions += part->sessions;
        std::ranges::move(part->connections, std::back_inserter(listed));
        std::ranges::move(part->channels, std::back_inserter(channels));
    }
    std::ranges::stable_sort(listed, std::ranges::greater(), &ListedConnection::outboxBytes);
    std::ranges::stable_sort(channels, std::ranges::greater(),
                             &channel::ChannelDescription::opsPerMinute);
    const ProcessFigures process = processFigures();
    json::Value told = server->describe();
    json::Value about = json::Value::object();
    for (const char* name : {"status", "version", "protocol", "uptimeMs"}) {
        if (const json::Value* member = told.find(name)) about.set(name, member->clone());
    }
    if (const auto reason = server->notReady()) about.set("notReady", *reason);
    if (const auto reason = server->unhealthy()) about.set("unhealthy", *reason);
    about.set("connections", connections->open());
    about.set("connectionsMax", connections->connectionsMax());
    about.set("outboxBytes", outboxes->usedBytes());
    about.set("outboxBytesMax", outboxes->bytesMax());
    about.set("residentBytes", process.residentBytes);
    about.set("cpuSeconds", process.cpuSeconds);
    json::Value page = json::Value::object();
    page.set("server", std::move(about));
    page.set("shards", shardsPage(gathering));
    page.set("plugins", pluginsPage());
    page.set("pipelines", pipelinesPage());
    page.set("storages", storagesPage());
    const std::size_t inMemory = directory->figures().channels;
    page.set("channels", listOf(channels, inMemory, limits_.itemsMax));
    page.set("connections", listOf(listed, sessions, limits_.itemsMax));
    return page;
}

json::Value Overview::shardsPage(const Gathering& gathering) const {
    json::Value all = json::Value::array();
    for (std::size_t i = 0; i < shards.size(); ++i) {
        const net::ReactorFigures figures = shards[i].reactor->figures();
        json::Value entry = json::Value::object();
        entry.set("shard", i);
        entry.set("answered", gathering.parts[i].has_value());
        entry.set("connections", figures.connectionsOpen);
        entry.set("callsUnderWay", shards[i].runner->underWay());
        entry.set("ticks", figures.ticks);
        entry.set("bytesIn", figures.bytesIn);
        entry.set("bytesOut", figures.bytesOut);
        entry.set("tasksRefused", figures.tasksRefused);
        all.push(std::move(entry));
    }
    return all;
}

json::Value Overview::pipelinesPage() const {
    json::Value all = json::Value::array();
    const auto add = [&](const pipeline::Pipeline& pipeline) {
        std::uint64_t messages = 0;
        for (const Shard& shard : shards) {
            const auto started = shard.runner->started();
            if (pipeline.number < started.size()) messages += started[pipeline.number].get();
        }
        json::Value stages = json::Value::array();
        for (const pipeline::Step& step : pipeline.steps) stages.push(entryOf(step, shards));
        json::Value entry = json::Value::object();
        entry.set("type", pipeline.type);
        entry.set("messages", messages);
        entry.set("stages", std::move(stages));
        all.push(std::move(entry));
    };
    for (const auto& entry : pipelines->all()) add(entry.second);
    for (const auto& entry : pipelines->events()) add(entry.second);
    return all;
}

json::Value Overview::pluginsPage() const {
    json::Value all = json::Value::array();
    for (const bridge::Instance* instance : instances) {
        const bridge::Instance::Health health = instance->health();
        json::Value counters = json::Value::object();
        for (const auto& counter : instance->counters().read()) {
            counters.set(counter.name, counter.value);
        }
        json::Value entry = json::Value::object();
        entry.set("instance", instance->name());
        entry.set("well", health.well);
        if (!health.well) entry.set("reason", health.reason);
        entry.set("misbehaviours", instance->conduct().misbehaviours());
        entry.set("late", instance->conduct().lateCompletions());
        entry.set("counters", std::move(counters));
        all.push(std::move(entry));
    }
    return all;
}

json::Value Overview::storagesPage() const {
    json::Value all = json::Value::array();
    for (const auto& storage : directory->figures().storages) {
        std::uint64_t commits = 0;
        for (const std::uint64_t count : storage.groupOps.counts) commits += count;
        json::Value entry = json::Value::object();
        entry.set("storage", storage.name);
        entry.set("queuedOps", storage.queuedOps);
        entry.set("queuedBytes", storage.queuedBytes);
        entry.set("commits", commits);
        entry.set("commitsFailed", storage.commitsFailed);
        entry.set("ops", storage.groupOps.sum);
        entry.set("meanCommitMs", milliseconds(storage.commitNs.sum, commits));
        all.push(std::move(entry));
    }
    return all;
}

}  // namespace syncline::app
