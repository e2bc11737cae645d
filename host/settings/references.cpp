// SPDX-License-Identifier: Apache-2.0
#include "settings/references.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "settings/component_reader.h"
#include "settings/otherwise_chains.h"
#include "settings/suggest.h"

namespace syncline::settings {

namespace {

/// The value at a path of keys and of indexes written as texts; null where there is none.
const Node* at(const Node& root, const std::vector<std::string>& path) {
    const Node* node = &root;
    for (const auto& step : path) {
        if (node->isList()) {
            const auto index = parseInteger(step);
            if (!index || *index < 0 || static_cast<std::size_t>(*index) >= node->items.size()) {
                return nullptr;
            }
            node = &node->items[static_cast<std::size_t>(*index)];
        } else {
            const auto* member = node->find(step);
            if (member == nullptr) return nullptr;
            node = &member->value;
        }
    }
    return node;
}

Position positionOf(const Node& root, const std::vector<std::string>& path,
                    const Position& otherwise) {
    const auto* node = at(root, path);
    return node == nullptr ? otherwise : node->position;
}

std::vector<std::string> namesOf(const std::vector<NamedComponent>& components) {
    std::vector<std::string> names;
    for (const auto& component : components) names.push_back(component.name);
    return names;
}

const NamedComponent* find(const std::vector<NamedComponent>& components, const std::string& name) {
    for (const auto& component : components) {
        if (component.name == name) return &component;
    }
    return nullptr;
}

const ComponentInfo* infoOf(const ComponentUse& use, const Reader& reader) {
    for (const auto& info : reader.catalog().components()) {
        if (info.plugin == use.plugin && info.name == use.name && info.kind == use.kind) {
            return &info;
        }
    }
    return nullptr;
}

/// The places of the names in a listener's `auth`, in the order of the file.
Position authPosition(const Node& root, const ListenerSettings& listener, const std::string& name) {
    const auto* list = at(root, {"listeners", listener.name, "auth"});
    if (list == nullptr) return listener.position;
    for (const auto& item : list->items) {
        if (item.text == name) return item.position;
    }
    return list->position;
}

void checkOpenToAnyone(const ListenerSettings& listener, const NamedComponent& auth,
                       const Position& position, Reader& reader) {
    const auto* info = infoOf(auth.component, reader);
    if (info == nullptr || !info->openToAnyone || listener.bind.isLoopback()) return;
    if (listener.bind.host.empty()) return;
    const auto told = "'" + auth.name + "' lets anyone in, and listener '" + listener.name +
                      "' binds " + listener.bind.host + ", which others can reach";
    if (listener.insecure) {
        reader.diagnostics().warning(Code::openToAnyoneAllowed, position, told,
                                     "allowed by 'insecure: true'");
    } else {
        reader.diagnostics().error(Code::openToAnyone, position, told,
                                   "bind 127.0.0.1, or add 'insecure: true' to the listener");
    }
}

void checkAdmin(const ListenerSettings& listener, const Node& root, Reader& reader) {
    if (!listener.admin || listener.bind.host.empty() || listener.bind.isLoopback()) return;
    const auto position =
        positionOf(root, {"listeners", listener.name, "admin"}, listener.position);
    const auto told = "listener '" + listener.name + "' tells anyone who asks about the server, " +
                      "and binds " + listener.bind.host + ", which others can reach";
    if (listener.insecure) {
        reader.diagnostics().warning(Code::openToAnyoneAllowed, position, told,
                                     "allowed by 'insecure: true'");
    } else {
        reader.diagnostics().error(Code::openToAnyone, position, told,
                                   "bind 127.0.0.1, or add 'insecure: true' to the listener");
    }
}

/// Whether a section is what it should be; else who names its parts is not to blame.
bool isReadable(const Node& root, const std::string& section) {
    const auto* found = root.find(section);
    return found == nullptr || found->value.isMap() || found->value.isNull();
}

void checkListeners(const Settings& settings, const Node& root, Reader& reader) {
    std::map<std::pair<std::string, std::uint16_t>, std::string> bound;
    for (const auto& listener : settings.listeners) {
        checkAdmin(listener, root, reader);
        for (const auto& name : listener.auth) {
            const auto position = authPosition(root, listener, name);
            if (const auto* auth = find(settings.auth, name)) {
                checkOpenToAnyone(listener, *auth, position, reader);
                continue;
            }
            if (!isReadable(root, "auth")) continue;
            reader.diagnostics().error(Code::unknownAuth, position,
                                       "'auth' defines no '" + name + "'",
                                       suggestion(name, namesOf(settings.auth)));
        }
        if (listener.bind.port == 0) continue;
        const auto [other, fresh] =
            bound.insert({{listener.bind.host, listener.bind.port}, listener.name});
        if (fresh) continue;
        reader.diagnostics().error(Code::addressTaken, listener.position,
                                   "listener '" + other->second + "' binds this address already");
    }
    const auto* listeners = root.find("listeners");
    if (listeners == nullptr || !listeners->value.members.empty()) return;
    if (!listeners->value.isMap() && !listeners->value.isNull()) return;
    reader.diagnostics().error(Code::noListener, listeners->keyPosition,
                               "'listeners' is empty, so nobody can connect",
                               "add main: { bind: \"127.0.0.1:8080\" }");
}

void chooseStorage(ChannelRule& rule, const Position& position, const Settings& settings,
                   Reader& reader) {
    if (!rule.storage.empty()) {
        if (find(settings.storage, rule.storage) != nullptr) return;
        reader.diagnostics().error(Code::unknownStorage, position,
                                   "'storage' defines no '" + rule.storage + "'",
                                   suggestion(rule.storage, namesOf(settings.storage)));
    } else if (settings.storage.size() == 1) {
        rule.storage = settings.storage.front().name;
    } else {
        reader.diagnostics().error(
            Code::storageNotChosen, rule.position,
            settings.storage.empty() ? "no storage is defined to keep these channels"
                                     : "which storage keeps these channels?",
            settings.storage.empty() ? "add a 'storage' section"
                                     : suggestion("", namesOf(settings.storage)));
    }
}

void checkChannels(Settings& settings, const Node& root, Reader& reader) {
    for (std::size_t i = 0; i < settings.channels.size(); ++i) {
        auto& rule = settings.channels[i];
        const auto index = std::to_string(i);
        const auto* named = at(root, {"channels", index, "storage"});
        // An empty or mistyped name is reported where it was read.
        if (isReadable(root, "storage") && (named == nullptr || !rule.storage.empty())) {
            chooseStorage(rule, named == nullptr ? rule.position : named->position, settings,
                          reader);
        }
        for (std::size_t before = 0; before < i && !rule.match.empty(); ++before) {
            const auto& earlier = settings.channels[before].match;
            if (earlier != rule.match && earlier != "*") continue;
            reader.diagnostics().error(
                Code::neverReached, positionOf(root, {"channels", index, "match"}, rule.position),
                "'" + rule.match + "' is never reached: rule " + std::to_string(before + 1) +
                    " already matches all of it",
                "move it up, or remove it");
            break;
        }
    }
    if (settings.channels.empty() &&
        (root.find("channels") == nullptr || root.find("channels")->value.isNull())) {
        reader.diagnostics().warning(Code::noChannel, {root.position.source, 1, 1},
                                     "no channel pattern is defined, so no channel exists",
                                     "add channels: [ { match: \"*\" } ]");
    }
}

bool covers(const ConflictRule& rule, const ConflictRule& other) {
    const auto pattern = [](const std::string& wide, const std::string& narrow) {
        return wide == "*" || wide == narrow;
    };
    return pattern(rule.channel, other.channel) && pattern(rule.key, other.key) &&
           (rule.path.empty() || rule.path == other.path);
}

void checkConflict(const Settings& settings, const Node& root, Reader& reader) {
    const auto* section = root.find("conflict");
    if (section != nullptr && !section->value.isList() && !section->value.isNull()) return;
    const auto& rules = settings.conflict;
    for (std::size_t i = 1; i < rules.size(); ++i) {
        const auto earlier = std::find_if(rules.begin(), rules.begin() + static_cast<long>(i),
                                          [&](const auto& rule) { return covers(rule, rules[i]); });
        if (earlier == rules.begin() + static_cast<long>(i)) continue;
        reader.diagnostics().error(
            Code::neverReached,
            positionOf(root, {"conflict", std::to_string(i)}, rules[i].strategy.position),
            "this rule is never reached: rule " + std::to_string(earlier - rules.begin() + 1) +
                " already matches all of it",
            "move it up, or remove it");
    }
    const bool all = std::any_of(rules.begin(), rules.end(), [](const ConflictRule& rule) {
        return covers(rule, ConflictRule{});
    });
    if (all || (settings.channels.empty() && rules.empty())) return;
    const auto position =
        section == nullptr ? Position{root.position.source, 1, 1} : section->keyPosition;
    reader.diagnostics().error(Code::noRuleForAll, position,
                               "no conflict rule decides what the others leave",
                               "end 'conflict' with a rule that has only 'use'");
}

std::vector<std::string> pipelineNames(const Reader& reader) {
    std::vector<std::string> names{"default"};
    for (const auto& info : reader.catalog().components()) {
        if (info.kind == kind::messageHandler && !info.filter) names.push_back(info.name);
    }
    for (const auto& event : reader.catalog().events()) names.push_back("event." + event);
    return names;
}

void checkPipelines(const Settings& settings, Reader& reader) {
    const auto known = pipelineNames(reader);
    for (const auto& [type, stages] : settings.pipelines) {
        if (std::find(known.begin(), known.end(), type) == known.end()) {
            reader.diagnostics().error(Code::unknownPipeline, settings.pipelinePositions.at(type),
                                       "no loaded plugin handles messages of type '" + type + "'",
                                       suggestion(type, known));
        }
        for (std::size_t i = 0; i + 1 < stages.size(); ++i) {
            if (stages[i].component.name != type) continue;
            reader.diagnostics().error(Code::handlerNotLast, stages[i].component.position,
                                       "the handler of '" + type + "' stands before other stages",
                                       "it comes last; move it to the end");
        }
    }
}

struct Bound {
    std::string section;
    std::string key;
    std::int64_t value;
    std::string limitedBy;
    std::int64_t limit;
    std::string share = {};  ///< how much of the other the limit is
    bool isDuration = false;

    std::string show(std::int64_t number) const {
        return isDuration ? durationText(number) : std::to_string(number);
    }
};

/// Pairs of settings of which the first must not exceed the second.
void checkContradictions(const Settings& settings, const Node& root, Reader& reader) {
    const auto& limits = settings.limits;
    const auto& commit = settings.commit;
    const Bound bounds[] = {
        {"limits", "outbox_bytes", limits.outboxBytesMax, "limits.outbox_total_bytes",
         limits.outboxTotalBytesMax},
        {"limits", "record_bytes", limits.recordBytesMax, "limits.message_bytes",
         limits.messageBytesMax},
        // A record goes out in one frame, into an outbox that may be half full.
        {"limits", "record_bytes", limits.recordBytesMax, "limits.outbox_bytes",
         limits.outboxBytesMax / 2, "half of "},
        {"limits", "message_bytes", limits.messageBytesMax, "commit.bytes_max", commit.bytesMax},
        {"commit", "ops_max", commit.opsMax, "commit.queue_ops_max", commit.queueOpsMax},
        {"commit", "bytes_max", commit.bytesMax, "commit.queue_bytes_max", commit.queueBytesMax},
        // An outcome has to live as long as an op may wait to be sent again.
        {"streams", "queue_age", settings.streams.queueAgeMs, "streams.age", settings.streams.ageMs,
         "", true},
    };
    for (const auto& bound : bounds) {
        if (bound.value <= bound.limit) continue;
        const auto dot = bound.limitedBy.find('.');
        const auto* own = at(root, {bound.section, bound.key});
        const auto* other =
            at(root, {bound.limitedBy.substr(0, dot), bound.limitedBy.substr(dot + 1)});
        const auto position = own != nullptr     ? own->position
                              : other != nullptr ? other->position
                                                 : Position{root.position.source, 1, 1};
        reader.diagnostics().error(Code::contradiction, position,
                                   "'" + bound.section + "." + bound.key + "' (" +
                                       bound.show(bound.value) + ") exceeds " + bound.share + "'" +
                                       bound.limitedBy + "' (" + bound.show(bound.limit) + ")",
                                   "lower the one or raise the other");
    }
}

}  // namespace

void checkReferences(Settings& settings, const Node& root, Reader& reader) {
    // Who only shortens `age` means the other too.
    StreamSettings& streams = settings.streams;
    if (at(root, {"streams", "queue_age"}) == nullptr)
        streams.queueAgeMs = std::min(streams.queueAgeMs, streams.ageMs);
    checkListeners(settings, root, reader);
    checkChannels(settings, root, reader);
    checkConflict(settings, root, reader);
    checkOtherwiseChains(settings, reader);
    checkPipelines(settings, reader);
    checkContradictions(settings, root, reader);
}

}  // namespace syncline::settings
