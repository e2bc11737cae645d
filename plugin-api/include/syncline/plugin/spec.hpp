// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <cstddef>
#include <stdexcept>
#include <string_view>
#include <syncline/plugin/auth_provider.hpp>
#include <syncline/plugin/broker.hpp>
#include <syncline/plugin/component.hpp>
#include <syncline/plugin/conflict_strategy.hpp>
#include <syncline/plugin/message_handler.hpp>
#include <syncline/plugin/storage_functions.hpp>
#include <type_traits>

namespace syncline {

/// A few names, known while compiling.
struct Names {
    static constexpr std::size_t countMax = 12;

    constexpr void add(std::string_view name) {
        if (count == countMax) throw std::logic_error("too many flags or tables");
        items[count] = name;
        ++count;
    }

    std::string_view items[countMax] = {};
    std::size_t count = 0;
};

/// What a component says about itself: made by handler(), authProvider(), ... and completed by the
/// functions below, all while compiling. It becomes the manifest, which the host reads without
/// opening the library.
class ComponentSpec {
public:
    using Create = syncline_status (*)(const syncline_host*, void**, syncline_error*);

    constexpr ComponentSpec(syncline_kind ofKind, const char* called, Create creates,
                            const void* table)
        : kind(ofKind), name(called), create(creates), functions(table) {}

    /// Handles the message that opens a session; runs before there is one.
    constexpr ComponentSpec opensSession() const { return flagged("opens_session"); }
    /// Its messages are ops: each op of a batch runs its pipeline.
    constexpr ComponentSpec carriesOps() const { return flagged("carries_ops"); }
    /// Its messages are several ops, under `ops`: a final refusal consumes the numbers of all.
    constexpr ComponentSpec carriesBatches() const {
        return flagged("carries_ops").flagged("carries_batches");
    }
    /// Its messages are ops that resolve conflicts: a final refusal consumes their numbers.
    constexpr ComponentSpec resolvesConflicts() const {
        return flagged("carries_ops").flagged("resolves_conflicts");
    }
    /// Every subscription, however asked for, runs its pipeline.
    constexpr ComponentSpec subscribes() const { return flagged("subscribes"); }
    /// Every read of records runs its pipeline.
    constexpr ComponentSpec readsSnapshot() const { return flagged("reads_snapshot"); }
    /// Every read of the log runs its pipeline.
    constexpr ComponentSpec readsHistory() const { return flagged("reads_history"); }
    /// Its functions may wait: they run on a pool, concurrently.
    constexpr ComponentSpec blocking() const { return flagged("blocking"); }
    /// Conflict strategies: asked for every op with all its paths, not about conflicts alone.
    constexpr ComponentSpec asksAlways() const { return flagged("asks_always"); }
    /// Auth providers: accepts peers that show no credentials.
    constexpr ComponentSpec openToAnyone() const { return flagged("open_to_anyone"); }
    /// Message handlers: a stage for messages of other types, not a message type of its own.
    constexpr ComponentSpec filter() const { return flagged("filter"); }

    /// A table without which it cannot work: "draft.channel/1", or "draft.channel/1.2" for a minor.
    constexpr ComponentSpec needs(std::string_view table) const {
        ComponentSpec result = *this;
        result.needed.add(table);
        return result;
    }
    /// A table that it uses when the host offers it.
    constexpr ComponentSpec uses(std::string_view table) const {
        ComponentSpec result = *this;
        result.used.add(table);
        return result;
    }
    /// One sentence for people.
    constexpr ComponentSpec describes(std::string_view sentence) const {
        ComponentSpec result = *this;
        result.description = sentence;
        return result;
    }

    syncline_kind kind;
    const char* name;
    Create create;
    const void* functions;
    Names flags = {};
    Names needed = {};
    Names used = {};
    std::string_view description = {};

private:
    constexpr ComponentSpec flagged(std::string_view flag) const {
        ComponentSpec result = *this;
        result.flags.add(flag);
        return result;
    }
};

/// A stage of a pipeline, under the name that the configuration uses.
template <class Type>
constexpr ComponentSpec handler(const char* name) {
    static_assert(std::is_base_of_v<MessageHandler, Type>, "derive from syncline::MessageHandler");
    return ComponentSpec(SYNCLINE_MESSAGE_HANDLER, name, &detail::create<Type>,
                         &detail::handlerFunctions)
        .needs(SYNCLINE_VALUE_TABLE)
        .needs(SYNCLINE_BUILDER_TABLE)
        .needs(SYNCLINE_CALL_TABLE);
}

template <class Type>
constexpr ComponentSpec authProvider(const char* name) {
    static_assert(std::is_base_of_v<AuthProvider, Type>, "derive from syncline::AuthProvider");
    return ComponentSpec(SYNCLINE_AUTH_PROVIDER, name, &detail::create<Type>,
                         &detail::authFunctions)
        .needs(SYNCLINE_VALUE_TABLE)
        .needs(SYNCLINE_BUILDER_TABLE);
}

template <class Type>
constexpr ComponentSpec storageBackend(const char* name) {
    static_assert(std::is_base_of_v<StorageBackend, Type>, "derive from syncline::StorageBackend");
    return ComponentSpec(SYNCLINE_STORAGE_BACKEND, name, &detail::create<Type>,
                         &detail::storageFunctions)
        .needs(SYNCLINE_VALUE_TABLE);
}

template <class Type>
constexpr ComponentSpec conflictStrategy(const char* name) {
    static_assert(std::is_base_of_v<ConflictStrategy, Type>,
                  "derive from syncline::ConflictStrategy");
    return ComponentSpec(SYNCLINE_CONFLICT_STRATEGY, name, &detail::create<Type>,
                         &detail::conflictFunctions)
        .needs(SYNCLINE_VALUE_TABLE)
        .needs(SYNCLINE_BUILDER_TABLE);
}

template <class Type>
constexpr ComponentSpec broker(const char* name) {
    static_assert(std::is_base_of_v<Broker, Type>, "derive from syncline::Broker");
    return ComponentSpec(SYNCLINE_BROKER, name, &detail::create<Type>, &detail::brokerFunctions)
        .needs(SYNCLINE_VALUE_TABLE);
}

}  // namespace syncline
