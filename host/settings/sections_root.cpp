// SPDX-License-Identifier: Apache-2.0
// The file as a whole: which sections there are, and how each is laid out.
#include <utility>

#include "settings/component_config.h"
#include "settings/component_reader.h"
#include "settings/sections.h"

namespace syncline::settings {

namespace {

/// Reads `section: { name: … }`; the names must be snake_case.
template <class ReadNamed>
void forEachNamed(const Node& node, const std::string& section, Reader& reader,
                  ReadNamed readNamed) {
    if (!reader.isMap(node, "'" + section + "'")) return;
    for (const auto& member : node.members) {
        if (!isSnakeCase(member.key)) {
            reader.diagnostics().error(Code::badName, member.keyPosition,
                                       "'" + member.key + "' in '" + section + "' is no name",
                                       "names are snake_case: lower-case letters, digits and _");
        }
        readNamed(member);
    }
}

NamedComponent readNamedComponent(const Member& named, const std::string& label,
                                  std::string_view componentKind, Reader& reader) {
    NamedComponent component;
    component.name = named.key;
    component.component.position = named.keyPosition;
    namedComponentTable().read(named.value, named.keyPosition, label + " '" + named.key + "'",
                               component, reader);
    if (auto use = readComponent(named.value, componentKind, reader)) {
        component.component = std::move(*use);
    }
    return component;
}

/// One that is wrong keeps its place, so that who names it is not blamed as well.
Table<Settings>::Read namedComponents(const std::string& section, std::string_view componentKind,
                                      std::vector<NamedComponent> Settings::*into) {
    return [=](const Node& node, Settings& settings, Reader& reader) {
        forEachNamed(node, section, reader, [&](const Member& named) {
            (settings.*into).push_back(readNamedComponent(named, section, componentKind, reader));
        });
    };
}

void readBroker(const Node& node, Settings& into, Reader& reader) {
    forEachNamed(node, "broker", reader, [&](const Member& named) {
        auto broker = readNamedComponent(named, "broker", kind::broker, reader);
        if (!into.broker) {
            into.broker = std::move(broker);
            return;
        }
        reader.diagnostics().error(Code::severalBrokers, named.keyPosition,
                                   "a second broker, '" + named.key + "'",
                                   "a server has one; the first is '" + into.broker->name + "'");
    });
}

void readListeners(const Node& node, Settings& into, Reader& reader) {
    forEachNamed(node, "listeners", reader, [&](const Member& named) {
        ListenerSettings listener;
        listener.name = named.key;
        listener.position = named.keyPosition;
        listenerTable().read(named.value, named.keyPosition, "listener '" + named.key + "'",
                             listener, reader);
        into.listeners.push_back(std::move(listener));
    });
}

void readConflict(const Node& node, Settings& into, Reader& reader) {
    if (!reader.isList(node, "'conflict'")) return;
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        const auto& item = node.items[i];
        ConflictRule rule;
        rule.strategy.position = item.position;
        conflictTable().read(item, item.position, "conflict rule " + std::to_string(i + 1), rule,
                             reader);
        if (auto use = readComponent(item, kind::conflictStrategy, reader)) {
            rule.strategy = std::move(*use);
        }
        into.conflict.push_back(std::move(rule));
    }
}

void readChannels(const Node& node, Settings& into, Reader& reader) {
    if (!reader.isList(node, "'channels'")) return;
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        const auto& item = node.items[i];
        ChannelRule rule;
        rule.position = item.position;
        channelTable().read(item, item.position, "channel rule " + std::to_string(i + 1), rule,
                            reader);
        into.channels.push_back(std::move(rule));
    }
}

/// A stage is a map with `use`, or the name alone.
void readStage(const Node& item, const std::string& label, std::vector<StageSettings>& stages,
               Reader& reader) {
    StageSettings stage;
    stage.component.position = item.position;
    if (item.isScalar()) {
        const auto named = reader.text(item, "use");
        const auto* info =
            named ? findComponent(*named, item.position, kind::messageHandler, reader) : nullptr;
        if (info == nullptr) return;
        stage.component = configure(*info, nullptr, item.position, reader);
    } else {
        stageTable().read(item, item.position, label, stage, reader);
        auto use = readComponent(item, kind::messageHandler, reader);
        if (!use) return;
        stage.component = std::move(*use);
    }
    stages.push_back(std::move(stage));
}

void readPipelines(const Node& node, Settings& into, Reader& reader) {
    if (!reader.isMap(node, "'pipelines'")) return;
    for (const auto& member : node.members) {
        auto& stages = into.pipelines[member.key];
        into.pipelinePositions[member.key] = member.keyPosition;
        if (!reader.isList(member.value, "pipeline '" + member.key + "'")) continue;
        for (std::size_t i = 0; i < member.value.items.size(); ++i) {
            readStage(member.value.items[i],
                      "stage " + std::to_string(i + 1) + " of pipeline '" + member.key + "'",
                      stages, reader);
        }
    }
}

void readVersion(const Node& node, Settings&, Reader& reader) {
    if (node.broken || (node.isScalar() && !node.quoted && node.text == "1")) return;
    reader.diagnostics().error(Code::badVersion, node.position,
                               "'version' is " + described(node) + "; this server knows version 1",
                               "write version: 1");
}

template <class S>
Table<Settings>::Read section(const std::string& name, const Table<S>& table, S Settings::*into) {
    return [name, &table, into](const Node& node, Settings& settings, Reader& reader) {
        table.read(node, node.position, "'" + name + "'", settings.*into, reader);
    };
}

void addSections(Table<Settings>& table) {
    const std::string map = R"({"type":"object"})";
    table.key({"version", "number", "", "1", "Of the grammar.", R"({"const":1})", true},
              readVersion);
    table.key({"server", "map", "", "", "Threads and shutdown.", map},
              section("server", serverTable(), &Settings::server));
    table.key({"drain", "map", "", "", "How a shutdown sends clients away.", map},
              section("drain", drainTable(), &Settings::drain));
    table.key({"listeners", "named maps", "", "", "Where the server listens.", map, true},
              readListeners);
    // Read before there was a catalog: what components there are depends on it.
    table.key({"plugins", "map", "", "", "Where plugins come from.", map},
              [](const Node&, Settings&, Reader&) {});
    table.key({"auth", "named components", "", "", "Who may speak, and as whom.", map},
              namedComponents("auth", kind::authProvider, &Settings::auth));
    table.key({"storage", "named components", "", "", "What keeps channels.", map},
              namedComponents("storage", kind::storageBackend, &Settings::storage));
    table.key({"broker", "one named component", "", "", "What carries updates between nodes.", map},
              readBroker);
    const std::string list = R"({"type":"array"})";
    table.key({"conflict", "list", "", "", "Which strategy decides a conflict.", list},
              readConflict);
    table.key({"channels", "list", "", "", "Which channels there are.", list}, readChannels);
    table.key({"pipelines", "named lists", "", "", "Through which stages a message goes.", map},
              readPipelines);
}

void addLimits(Table<Settings>& table) {
    const std::string map = R"({"type":"object"})";
    table.key({"limits", "map", "", "", "What nothing may exceed.", map},
              section("limits", limitsTable(), &Settings::limits));
    table.key({"commit", "map", "", "", "How ops gather for the storage.", map},
              section("commit", commitTable(), &Settings::commit));
    table.key({"streams", "map", "", "", "How long clients may stay away.", map},
              section("streams", streamsTable(), &Settings::streams));
    table.key({"api", "map", "", "", "What requests over HTTP may take.", map},
              section("api", apiTable(), &Settings::api));
    table.key({"heartbeat", "map", "", "", "How lost connections are found.", map},
              section("heartbeat", heartbeatTable(), &Settings::heartbeat));
    table.key({"timeouts", "map", "", "", "How long connections may take.", map},
              section("timeouts", timeoutsTable(), &Settings::timeouts));
    table.key({"log", "map", "", "", "What the server writes of itself.", map},
              section("log", logTable(), &Settings::log));
}

}  // namespace

const Table<Settings>& rootTable() {
    static const auto table = [] {
        Table<Settings> made;
        addSections(made);
        addLimits(made);
        return made;
    }();
    return table;
}

std::vector<SectionDoc> sectionDocs() {
    const auto kindText = [](std::string_view text) { return std::string(text); };
    return {
        {"server", Layout::map, "Threads and shutdown.", "", serverTable().docs()},
        {"drain", Layout::map,
         "How a shutdown sends clients away: [operations](operations.md#drain) tells its steps.",
         "", drainTable().docs()},
        {"listeners", Layout::named,
         "Where the server listens. Requests of the same origin and those without an Origin are "
         "accepted; `origins` adds others.",
         "", listenerTable().docs()},
        {"listeners.tls", Layout::map, "Certificate and key of a listener.", "", tlsTable().docs()},
        {"plugins", Layout::map,
         "Where plugins come from. The folder beside the server is always searched.", "",
         pluginsTable().docs()},
        {"auth", Layout::named, "Who may speak, and as whom; listeners name these.",
         kindText(kind::authProvider), namedComponentTable().docs()},
        {"storage", Layout::named, "What keeps channels; channel rules name these.",
         kindText(kind::storageBackend), namedComponentTable().docs()},
        {"broker", Layout::named, "What carries updates to other nodes; at most one.",
         kindText(kind::broker), namedComponentTable().docs()},
        {"conflict", Layout::list,
         "Which strategy decides a conflict. The first rule that matches decides, per path; the "
         "last one must match everything.",
         kindText(kind::conflictStrategy), conflictTable().docs()},
        {"channels", Layout::list,
         "Which channels there are. The first pattern that matches decides; a channel that none "
         "matches does not exist (1201).",
         "", channelTable().docs()},
        {"channels.history", Layout::map,
         "How much of a channel's log is kept: a client that was away for less catches up op by "
         "op, others get a snapshot. 0 keeps nothing.",
         "", historyTable().docs()},
        {"pipelines", Layout::namedLists,
         "Through which stages a message goes: by message type, `default` (first for every "
         "message of a client) or `event.<name>` (which never runs `default`). The handler of the "
         "type comes last by itself; naming it there gives it a timeout or a configuration. A "
         "stage without either is its name alone.",
         kindText(kind::messageHandler), stageTable().docs()},
        {"limits", Layout::map, "What nothing may exceed.", "", limitsTable().docs()},
        {"commit", Layout::map,
         "How ops gather for the writer of a storage: while one transaction runs, the next fills.",
         "", commitTable().docs()},
        {"streams", Layout::map, "What is remembered of clients, so that they may resend.", "",
         streamsTable().docs()},
        {"api", Layout::map, "What requests over HTTP may take: REST and events.", "",
         apiTable().docs()},
        {"heartbeat", Layout::map, "How lost connections are found.", "", heartbeatTable().docs()},
        {"timeouts", Layout::map, "How long a connection may take for each step.", "",
         timeoutsTable().docs()},
        {"log", Layout::map, "What the server writes of itself.", "", logTable().docs()},
    };
}

}  // namespace syncline::settings
