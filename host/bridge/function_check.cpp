// SPDX-License-Identifier: Apache-2.0
#include "bridge/function_check.h"

namespace syncline::bridge {

namespace {

// Minor 0 has no shorter forms: a struct that is smaller than ours is not one.

const char* missing(const syncline_message_handler& table) {
    if (table.size < sizeof table) return "a whole syncline_message_handler";
    return table.on_message == nullptr ? "on_message" : nullptr;
}

const char* missing(const syncline_auth_provider& table) {
    if (table.size < sizeof table) return "a whole syncline_auth_provider";
    return table.authenticate == nullptr ? "authenticate" : nullptr;
}

const char* missing(const syncline_conflict_strategy& table) {
    if (table.size < sizeof table) return "a whole syncline_conflict_strategy";
    return table.decide == nullptr ? "decide" : nullptr;
}

const char* missing(const syncline_broker& table) {
    if (table.size < sizeof table) return "a whole syncline_broker";
    if (table.announce == nullptr) return "announce";
    return table.interest == nullptr ? "interest" : nullptr;
}

const char* missing(const syncline_storage_backend& table) {
    if (table.size < sizeof table) return "a whole syncline_storage_backend";
    if (table.commit == nullptr) return "commit";
    if (table.load == nullptr) return "load";
    if (table.read_log == nullptr) return "read_log";
    if (table.checkpoint == nullptr) return "checkpoint";
    if (table.trim == nullptr) return "trim";
    if (table.list == nullptr) return "list";
    if (table.drop == nullptr) return "drop";
    if (table.backup == nullptr) return "backup";
    return table.was_clean == nullptr ? "was_clean" : nullptr;
}

}  // namespace

const char* missingFunction(const syncline_component& component) {
    if (component.size < sizeof component) return "a whole syncline_component";
    if (component.create == nullptr) return "create";
    if (component.destroy == nullptr) return "destroy";
    const void* table = component.functions;
    if (table == nullptr) return "functions";
    switch (component.kind) {
        case SYNCLINE_MESSAGE_HANDLER:
            return missing(*static_cast<const syncline_message_handler*>(table));
        case SYNCLINE_AUTH_PROVIDER:
            return missing(*static_cast<const syncline_auth_provider*>(table));
        case SYNCLINE_STORAGE_BACKEND:
            return missing(*static_cast<const syncline_storage_backend*>(table));
        case SYNCLINE_CONFLICT_STRATEGY:
            return missing(*static_cast<const syncline_conflict_strategy*>(table));
        case SYNCLINE_BROKER:
            return missing(*static_cast<const syncline_broker*>(table));
        default:
            return "a known kind";
    }
}

}  // namespace syncline::bridge
