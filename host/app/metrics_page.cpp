// SPDX-License-Identifier: Apache-2.0
// What Prometheus scrapes. docs/operations.md has a row for each name here.
#include <array>
#include <string>
#include <string_view>

#include "app/overview.h"
#include "app/version.h"
#include "core/clock.h"

namespace syncline::app {

namespace {

using observe::Exposition;

constexpr double kNsPerSecond = 1e9;
constexpr std::array<const char*, session::SessionFigures::kSlowConsumers> kSlowConsumerNames = {
    "recover", "conflate", "disconnect"};

double number(std::uint64_t value) {
    return static_cast<double>(value);
}

void addProcess(Exposition& page, std::uint64_t openDescriptors) {
    const ProcessFigures process = processFigures();
    page.counter("process_cpu_seconds_total", "Processor time of the process.", process.cpuSeconds);
    page.gauge("process_resident_memory_bytes", "Memory that the process occupies.",
               number(process.residentBytes));
    page.gauge("process_open_fds", "Open descriptors.", number(openDescriptors));
    page.gauge("process_max_fds", "Descriptors that the process may open.",
               number(process.descriptorsMax));
    page.gauge("process_threads", "Threads of the process.", number(process.threads));
}

void addStage(Exposition& page, const std::string& stage, const pipeline::StageFigures& figures) {
    const auto outcome = [&](const char* what, std::uint64_t value) {
        page.counter("syncline_stage_outcomes_total", "What each stage made of messages.",
                     number(value), {{"stage", stage}, {"outcome", what}});
    };
    const std::uint64_t timedOut = figures.timedOut.get();
    const std::uint64_t refused = figures.refused.get();
    outcome("passed", figures.passed.get());
    outcome("stopped", figures.stopped.get());
    outcome("refused", refused > timedOut ? refused - timedOut : 0);
    outcome("timed_out", timedOut);
    page.counter("syncline_stage_messages_total", "Messages that each stage was given.",
                 number(figures.received.get()), {{"stage", stage}});
    page.gauge("syncline_stage_in_flight", "Messages that each stage has now.",
               number(figures.inFlight.get()), {{"stage", stage}});
    page.histogram("syncline_stage_seconds",
                   "Time from a stage's call to its outcome, of one message in 64.",
                   figures.sampledNs.read(), kNsPerSecond, {{"stage", stage}});
}

/// `announcements` -> `syncline_plugin_announcements_total`
std::string counterName(std::string_view plugin) {
    constexpr std::string_view suffix = "_total";
    if (plugin.ends_with(suffix)) plugin.remove_suffix(suffix.size());
    return "syncline_plugin_" + std::string(plugin) + std::string(suffix);
}

}  // namespace

std::string Overview::metrics() const {
    Exposition page(limits_.seriesMax);
    page.gauge("syncline_info", "1; the labels say what runs.", 1,
               {{"version", std::string(kVersion)}});
    page.gauge("syncline_ready", "1 while new clients are welcome, else 0.",
               server->notReady() ? 0 : 1);
    addProcess(page, descriptors_.count(core::SystemClock().steadyMs()));
    addShards(page);
    addConnections(page);
    addSessions(page);
    addMessages(page);
    addEvents(page);
    addStages(page);
    addChannels(page);
    addStorages(page);
    addPlugins(page);
    page.gauge("syncline_metric_series_folded",
               "Additions to this page that went to the label value `other`, because their metric "
               "has too many series.",
               number(page.folded()));
    return page.text();
}

void Overview::addShards(Exposition& page) const {
    page.gauge("syncline_shards", "Threads that serve connections and channels.",
               number(shards.size()));
    page.gauge("syncline_shards_stalled", "Shards that stand still, held up by a plugin.",
               watchdog == nullptr ? 0 : number(watchdog->stalled()));
    page.counter("syncline_shard_stalls_total", "Times that a shard stood still.",
                 watchdog == nullptr ? 0 : number(watchdog->stalls()));
    for (std::size_t i = 0; i < shards.size(); ++i) {
        const net::ReactorFigures figures = shards[i].reactor->figures();
        const Exposition::Labels labels = {{"shard", std::to_string(i)}};
        page.counter("syncline_shard_ticks_total", "Rounds of the event loop.",
                     number(figures.ticks), labels);
        page.counter("syncline_shard_tasks_refused_total",
                     "Tasks from elsewhere for which the inbox had no room.",
                     number(figures.tasksRefused), labels);
        page.gauge("syncline_shard_calls", "Messages in their pipelines.",
                   number(shards[i].runner->underWay()), labels);
    }
}

void Overview::addConnections(Exposition& page) const {
    page.gauge("syncline_connections_limit", "Connections that the server takes at one time.",
               number(connections->connectionsMax()));
    for (std::size_t i = 0; i < shards.size(); ++i) {
        const net::ReactorFigures figures = shards[i].reactor->figures();
        page.gauge("syncline_connections", "Open connections, by shard.",
                   number(figures.connectionsOpen), {{"shard", std::to_string(i)}});
        page.counter("syncline_connections_accepted_total", "Connections that were accepted.",
                     number(figures.connectionsAccepted));
        page.counter("syncline_received_bytes_total", "Bytes read from connections.",
                     number(figures.bytesIn));
        page.counter("syncline_sent_bytes_total", "Bytes that the system took for connections.",
                     number(figures.bytesOut));
        page.counter("syncline_receives_total", "System calls that read.",
                     number(figures.receives));
        page.counter("syncline_sends_total", "System calls that wrote.", number(figures.sends));
    }
    for (const auto& [name, listener] : listeners) {
        page.counter("syncline_connections_refused_total",
                     "Connections closed at once, because the server was full.",
                     number(listener->refused()), {{"listener", name}});
        page.counter("syncline_accept_pauses_total",
                     "Times that accepting paused, because descriptors had run out.",
                     number(listener->pauses()), {{"listener", name}});
    }
    page.gauge("syncline_outbox_bytes", "What waits to be sent to all connections.",
               number(outboxes->usedBytes()));
    page.gauge("syncline_outbox_limit_bytes", "What may wait for all of them.",
               number(outboxes->bytesMax()));
}

void Overview::addSessions(Exposition& page) const {
    using Figures = session::SessionFigures;
    for (const Shard& shard : shards) {
        const Figures& figures = shard.context->figures;
        for (std::size_t i = 0; i < Figures::kTransports.size(); ++i) {
            const std::string transport(Figures::kTransports[i]);
            const Figures::Sessions& sessions = figures.sessions[i];
            page.gauge("syncline_sessions", "Sessions, by how their client is reached.",
                       number(sessions.open.get()), {{"transport", transport}});
            page.counter("syncline_sessions_total", "Sessions that began.",
                         number(sessions.began.get()), {{"transport", transport}});
            for (std::size_t j = 0; j < sessions.ended.size(); ++j) {
                const std::uint64_t ended = sessions.ended[j].get();
                if (ended == 0) continue;
                const std::uint16_t code = Figures::kCloseCodes[j];
                page.counter("syncline_disconnects_total", "Sessions that ended, by close code.",
                             number(ended),
                             {{"transport", transport},
                              {"code", code == 0 ? "other" : std::to_string(code)}});
            }
        }
        page.gauge("syncline_subscriptions", "Channels that sessions follow, each for itself.",
                   number(figures.subscriptions.get()));
        page.counter("syncline_subscribed_total", "Subscriptions that were answered.",
                     number(figures.subscribed.get()));
        for (std::size_t i = 0; i < Figures::kModes; ++i) {
            page.counter("syncline_recoveries_total",
                         "Clients brought on from a cursor that they had, by how.",
                         number(figures.recoveries[i].get()),
                         {{"mode", std::string(nameOf(static_cast<channel::CatchUpMode>(i)))}});
        }
        for (std::size_t i = 0; i < kSlowConsumerNames.size(); ++i) {
            page.counter("syncline_slow_consumers_total",
                         "Subscriptions whose client did not keep up, by what was done about it.",
                         number(figures.slow[i].get()), {{"policy", kSlowConsumerNames[i]}});
        }
        page.counter("syncline_read_pauses_total",
                     "Times that reading a connection paused, because it had too much under way.",
                     number(figures.pauses.get()));
    }
}

void Overview::addMessages(Exposition& page) const {
    using Figures = session::SessionFigures;
    for (const Shard& shard : shards) {
        const auto started = shard.runner->started();
        for (const auto& [type, pipeline] : pipelines->all()) {
            if (pipeline.number >= started.size()) continue;
            page.counter("syncline_messages_total", "Messages that began their pipeline, by type.",
                         number(started[pipeline.number].get()), {{"type", type}});
        }
        const Figures& figures = shard.context->figures;
        page.counter("syncline_unknown_messages_total", "Messages of a type that nothing handles.",
                     number(figures.unknownTypes.get()));
        page.counter("syncline_malformed_frames_total", "Frames of clients that are no messages.",
                     number(figures.malformed.get()));
        for (std::size_t i = 0; i < Figures::kErrors; ++i) {
            const std::uint64_t told = figures.errors[i].get();
            if (told == 0) continue;
            page.counter("syncline_errors_total",
                         "Errors that sessions told their clients, by code; verdicts about ops are "
                         "in syncline_ops_total.",
                         number(told), {{"code", std::to_string(Figures::kErrorFirst + i)}});
        }
    }
}

void Overview::addEvents(Exposition& page) const {
    for (const Shard& shard : shards) {
        for (std::size_t i = 0; i < channel::kEventKinds; ++i) {
            const Exposition::Labels labels = {{"event", std::string(channel::kEventNames[i])}};
            page.counter("syncline_events_total", "Events that have a pipeline, by kind.",
                         number(shard.events->taken()[i].get()), labels);
            page.counter("syncline_events_dropped_total",
                         "Events that were not told, because too many waited.",
                         number(shard.events->dropped()[i].get()), labels);
            page.counter("syncline_events_refused_total", "Events that a stage refused.",
                         number(shard.events->refused()[i].get()), labels);
        }
    }
}

void Overview::addStages(Exposition& page) const {
    for (const Shard& shard : shards) {
        const auto figures = shard.runner->figures();
        for (std::size_t i = 0; i < figures.size() && i < pipelines->meters.size(); ++i) {
            addStage(page, pipelines->meters[i], figures[i]);
        }
    }
}

void Overview::addChannels(Exposition& page) const {
    const channel::DirectoryFigures figures = directory->figures();
    const auto ops = [&](std::string_view outcome, std::uint64_t value) {
        page.counter("syncline_ops_total", "Ops that channels decided about, by outcome.",
                     number(value), {{"outcome", std::string(outcome)}});
    };
    for (std::size_t i = 1; i < channel::kOutcomes; ++i) {
        ops(channel::outcomeName(static_cast<channel::Outcome>(i)), figures.ops[i]);
    }
    ops("duplicate", figures.opsRepeated);
    ops("unsettled", figures.opsUnsettled);
    page.gauge("syncline_channels", "Channels in memory.", number(figures.channels));
    page.gauge("syncline_catch_up_bytes", "What was written for those who catch up.",
               number(figures.catchUpBytes));
}

void Overview::addStorages(Exposition& page) const {
    for (const auto& storage : directory->figures().storages) {
        const Exposition::Labels labels = {{"storage", storage.name}};
        page.gauge("syncline_storage_queue_ops", "Ops that wait for a storage's writer.",
                   number(storage.queuedOps), labels);
        page.gauge("syncline_storage_queue_bytes", "The same in bytes.",
                   number(storage.queuedBytes), labels);
        page.histogram("syncline_commit_ops", "Ops of one transaction.", storage.groupOps, 1,
                       labels);
        page.counter("syncline_commit_bytes_total", "Bytes that transactions added to the log.",
                     number(storage.groupBytes), labels);
        page.histogram("syncline_commit_seconds", "Time that one transaction took.",
                       storage.commitNs, kNsPerSecond, labels);
        page.counter("syncline_commits_failed_total",
                     "Transactions that failed, or of which nobody knows.",
                     number(storage.commitsFailed), labels);
    }
}

void Overview::addPlugins(Exposition& page) const {
    for (const bridge::Instance* instance : instances) {
        const Exposition::Labels labels = {{"instance", instance->name()}};
        page.counter("syncline_plugin_misbehaviours_total",
                     "Uses of the host that its contract forbids.",
                     number(instance->conduct().misbehaviours()), labels);
        page.counter("syncline_plugin_late_total", "Answers that came after the call's deadline.",
                     number(instance->conduct().lateCompletions()), labels);
        page.gauge("syncline_plugin_well", "1 unless the plugin has said that it is not well.",
                   instance->health().well ? 1 : 0, labels);
        for (const auto& counter : instance->counters().read()) {
            page.counter(counterName(counter.name),
                         counter.help.empty() ? "A counter of a plugin." : counter.help,
                         number(counter.value), labels);
        }
    }
}

}  // namespace syncline::app
