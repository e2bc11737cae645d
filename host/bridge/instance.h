// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "bridge/component_traits.h"
#include "bridge/conduct.h"
#include "bridge/instance_counters.h"
#include "bridge/runtime.h"
#include "core/result.h"
#include "core/worker_pool.h"
#include "json/value.h"
#include "pipeline/stage.h"

namespace syncline::bridge {

/// What a plugin has against its configuration.
struct ConfigFault {
    std::string pointer;  ///< JSON pointer of the offending value; empty: the whole
    std::string reason;
};

/// One instance of a component, with the `syncline_host` that stands before its plugin. Owned by
/// the composition root; the adapter of its kind borrows it.
///
///     create -> validate -> start -> (openShard -> ... -> closeShard, per shard) -> drain ->
///     destroy
///
/// destroy() is legal after any failure. [control, one at a time] unless stated otherwise.
class Instance {
public:
    /// How an instance is doing, in its own words.
    struct Health {
        bool well = true;
        std::string reason;
    };

    Instance(Runtime& runtime, const syncline_component& component, ComponentTraits traits);
    /// Destroys. Waits for calls on the pool, however long: see retire().
    ~Instance();
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;

    /// Also checks what the component offers for its kind.
    core::Result<void> create();
    tl::expected<void, ConfigFault> validate(const json::Value& config);
    core::Result<void> start();
    core::Result<void> openShard(std::size_t shard);  ///< [that shard]
    void closeShard(std::size_t shard);               ///< [that shard]
    void drain();
    void destroy();

    /// Destroys an instance, or, when calls still hang on its pool after `waitMs`, leaves it for
    /// ever, as its code is still on a stack. Answers whether it could be destroyed.
    static bool retire(std::unique_ptr<Instance> instance, std::int64_t waitMs);

    Runtime& runtime() { return runtime_; }
    const ComponentTraits& traits() const { return traits_; }
    const std::string& name() const { return traits_.instance; }
    const char* publicName() const { return publicName_; }  ///< lives for ever
    Conduct& conduct() { return *conduct_; }
    const Conduct& conduct() const { return *conduct_; }
    const std::shared_ptr<Conduct>& sharedConduct() const { return conduct_; }
    core::WorkerPool& pool() { return pool_; }
    InstanceCounters& counters() { return counters_; }
    const InstanceCounters& counters() const { return counters_; }

    void* self() const { return self_; }
    void* shardState(std::size_t shard) const {
        return shard < shardStates_.size() ? shardStates_[shard].state : nullptr;
    }

    /// The functions of its kind. Only after create(), which has checked them.
    template <class Table>
    const Table& functions() const {
        return *static_cast<const Table*>(component_.functions);
    }

    /// Whether what it may set up at the start only may still be set up.
    bool settingUp() const { return state_ < State::started; }

    void reportHealth(bool well, std::string_view reason);  ///< [any]
    Health health() const;                                  ///< [any]

    /// The stage that it is, for handlers: what a completion must be waiting for.
    const pipeline::Stage* stage() const { return stage_; }
    void serve(const pipeline::Stage& stage) { stage_ = &stage; }

    static Instance& of(const syncline_host* host) {
        return *static_cast<Instance*>(host->context);
    }

private:
    enum class State { made, created, validated, started, drained, destroyed };

    struct ShardState {
        void* state = nullptr;
        bool open = false;
    };

    Runtime& runtime_;
    const syncline_component& component_;
    const ComponentTraits traits_;
    const char* const publicName_;
    /// Shared with what was posted to shards.
    const std::shared_ptr<Conduct> conduct_;
    syncline_host host_;
    State state_ = State::made;
    void* self_ = nullptr;
    bool alive_ = false;  ///< the plugin has made something that it must be told to destroy
    std::vector<ShardState> shardStates_;
    const pipeline::Stage* stage_ = nullptr;
    InstanceCounters counters_;

    mutable std::mutex healthMutex_;
    Health health_;

    /// Its own, so that an instance whose calls hang starves nobody else.
    core::WorkerPool pool_;
};

}  // namespace syncline::bridge
