// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <cstdint>
#include <memory>
#include <string>
#include <syncline/plugin/error.hpp>
#include <syncline/plugin/host.hpp>
#include <utility>

namespace syncline {

/// What an instance keeps per shard: derive, and return one from openShard(). Touched by one thread
/// at a time, without locks.
class ShardState {
public:
    virtual ~ShardState() = default;
};

/// What all five kinds have in common. The host makes an instance, configures it, starts it, uses
/// it, drains it and destroys it; destroying is legal after a failure of any of these. What any
/// function throws becomes an error of the host.
class Component {
public:
    virtual ~Component() = default;
    Component(const Component&) = delete;
    Component& operator=(const Component&) = delete;

    /// Reads the configuration, which the host has checked against the schema and completed with
    /// its defaults. No I/O. Throws ConfigError. [setup]
    virtual void configure(const Value& config) { static_cast<void>(config); }

    /// Opens files, connections, threads. [setup]
    virtual void start() {}

    /// State for one shard; none is fine. [shard]
    virtual std::unique_ptr<ShardState> openShard(std::uint32_t index) {
        static_cast<void>(index);
        return nullptr;
    }

    /// Flushes, and refuses new work. [setup]
    virtual void drain() {}

    /// The host's side. Called by the thunks before configure().
    void bind(const syncline_host* host) { host_ = Host(host); }
    const Host& host() const noexcept { return host_; }

protected:
    Component() = default;

    /// What the host lends, from configure() on; not yet in the constructor.
    Log log() const noexcept { return host_.log(); }
    Clock clock() const { return host_.clock(); }
    Random random() const { return host_.random(); }
    Metrics metrics() const noexcept { return host_.metrics(); }
    Health health() const noexcept { return host_.health(); }
    Document document() const { return host_.document(); }

private:
    Host host_;
};

namespace detail {

/// `self` crosses the boundary as a Component*, whatever it derives.
template <class Kind = Component>
Kind& instance(void* self) noexcept {
    return *static_cast<Kind*>(static_cast<Component*>(self));
}

inline ShardState* shardState(void* shard) noexcept {
    return static_cast<ShardState*>(shard);
}

/// For functions without an error to fill: what was thrown goes to the log.
template <class Function>
void guardedLog(Component& component, const char* where, Function&& function) noexcept {
    syncline_error error = emptyError();
    if (guarded(&error, std::forward<Function>(function)) == SYNCLINE_OK) return;
    try {
        component.host().log().error(std::string(where) + " threw: " + error.reason);
    } catch (...) {
        component.host().log().error("a function without a result threw, and memory is short");
    }
}

template <class Type>
syncline_status create(const syncline_host* host, void** self, syncline_error* error) noexcept {
    return guarded(error, [&] {
        auto made = std::make_unique<Type>();
        made->bind(host);
        *self = static_cast<Component*>(made.release());
    });
}

inline syncline_status validate(void* self, const syncline_value* config,
                                syncline_error* error) noexcept {
    return guarded(error, [&] {
        Component& component = instance(self);
        component.configure(component.host().value(config));
    });
}

inline syncline_status start(void* self, syncline_error* error) noexcept {
    return guarded(error, [&] { instance(self).start(); });
}

inline syncline_status shardOpen(void* self, std::uint32_t index, void** shard,
                                 syncline_error* error) noexcept {
    return guarded(error, [&] { *shard = instance(self).openShard(index).release(); });
}

inline void shardClose(void* self, void* shard) noexcept {
    guardedLog(instance(self), "closing a shard", [&] { delete shardState(shard); });
}

inline void drain(void* self) noexcept {
    guardedLog(instance(self), "drain", [&] { instance(self).drain(); });
}

inline void destroy(void* self) noexcept {
    delete static_cast<Component*>(self);
}

}  // namespace detail
}  // namespace syncline
