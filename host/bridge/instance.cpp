// SPDX-License-Identifier: Apache-2.0
#include "bridge/instance.h"

#include <cassert>
#include <utility>

#include "bridge/entered.h"
#include "bridge/function_check.h"
#include "bridge/host_tables.h"
#include "bridge/plugin_error.h"

namespace syncline::bridge {

namespace {

/// How long calls on a pool may take to return once the instance is drained.
constexpr std::int64_t kDrainMs = 1'000;

core::Error setupError(const syncline_error& error, const ComponentTraits& traits,
                       std::string_view step) {
    core::Error result = toError(error);
    result.reason = traits.instance + ": " + std::string(step) + ": " + result.reason;
    return result;
}

}  // namespace

Instance::Instance(Runtime& runtime, const syncline_component& component, ComponentTraits traits)
    : runtime_(runtime),
      component_(component),
      traits_(std::move(traits)),
      publicName_(runtime.intern(traits_.instance)),
      conduct_(std::make_shared<Conduct>(traits_.instance, runtime.log(), runtime.clock())),
      host_{sizeof(syncline_host), SYNCLINE_ABI_MAJOR, SYNCLINE_ABI_MINOR, this, &findTable},
      shardStates_(runtime.shardCount()),
      pool_(traits_.concurrencyMax, traits_.queueMax) {}

Instance::~Instance() {
    destroy();
}

core::Result<void> Instance::create() {
    assert(state_ == State::made);
    if (const char* missing = missingFunction(component_)) {
        return core::fail(core::Code::pluginFailed,
                          traits_.instance + ": the component lacks '" + missing + "'");
    }
    syncline_error error = emptyError();
    const syncline_status status =
        callPlugin(*this, "create", syncline_status{SYNCLINE_FAILED},
                   [&] { return component_.create(&host_, &self_, &error); });
    if (status != SYNCLINE_OK) return core::fail(setupError(error, traits_, "create"));
    alive_ = true;
    state_ = State::created;
    return {};
}

tl::expected<void, ConfigFault> Instance::validate(const json::Value& config) {
    assert(state_ == State::created);
    state_ = State::validated;
    if (component_.validate == nullptr) return {};
    syncline_error error = emptyError();
    const syncline_status status =
        callPlugin(*this, "validate", syncline_status{SYNCLINE_FAILED},
                   [&] { return component_.validate(self_, toHandle(&config), &error); });
    if (status == SYNCLINE_OK) return {};
    return tl::unexpected<ConfigFault>({pointerOf(error), reasonOf(error)});
}

core::Result<void> Instance::start() {
    assert(state_ == State::validated);
    if (component_.start != nullptr) {
        syncline_error error = emptyError();
        const syncline_status status = callPlugin(*this, "start", syncline_status{SYNCLINE_FAILED},
                                                  [&] { return component_.start(self_, &error); });
        if (status != SYNCLINE_OK) return core::fail(setupError(error, traits_, "start"));
    }
    state_ = State::started;
    return {};
}

core::Result<void> Instance::openShard(std::size_t shard) {
    assert(state_ == State::started && runtime_.at(shard).shard->isCurrent());
    runtime_.claimThread(shard);
    ShardState& place = shardStates_[shard];
    if (component_.shard_open != nullptr) {
        syncline_error error = emptyError();
        const auto index = static_cast<std::uint32_t>(shard);
        const syncline_status status =
            callPlugin(*this, "shard_open", syncline_status{SYNCLINE_FAILED},
                       [&] { return component_.shard_open(self_, index, &place.state, &error); });
        if (status != SYNCLINE_OK) {
            place.state = nullptr;
            return core::fail(setupError(error, traits_, "shard_open"));
        }
    }
    place.open = true;
    return {};
}

void Instance::closeShard(std::size_t shard) {
    assert(runtime_.at(shard).shard->isCurrent());
    ShardState& place = shardStates_[shard];
    if (!std::exchange(place.open, false)) return;
    void* state = std::exchange(place.state, nullptr);
    if (component_.shard_close == nullptr) return;
    callPlugin(*this, "shard_close", [&] { component_.shard_close(self_, state); });
}

void Instance::drain() {
    if (state_ != State::started) return;
    state_ = State::drained;
    if (component_.drain != nullptr) {
        callPlugin(*this, "drain", [&] { component_.drain(self_); });
    }
    pool_.stop(kDrainMs);
}

void Instance::destroy() {
    if (state_ == State::destroyed) return;
    drain();
    state_ = State::destroyed;
    while (!pool_.stop(kDrainMs)) {
        runtime_.log()->warn("{}: {} calls still have not returned", traits_.instance,
                             pool_.running());
    }
    if (!std::exchange(alive_, false)) return;
    callPlugin(*this, "destroy", [&] { component_.destroy(self_); });
}

bool Instance::retire(std::unique_ptr<Instance> instance, std::int64_t waitMs) {
    instance->drain();
    if (instance->pool_.stop(waitMs)) return true;
    instance->runtime_.log()->error("{}: {} calls hang; the instance stays in memory",
                                    instance->name(), instance->pool_.running());
    // Left on purpose: the calls that hang still use it, and may return at any time.
    static_cast<void>(instance.release());
    return false;
}

void Instance::reportHealth(bool well, std::string_view reason) {
    const std::lock_guard lock(healthMutex_);
    if (well != health_.well) {
        runtime_.log()->log(well ? spdlog::level::info : spdlog::level::warn, "{} is {}{}{}",
                            traits_.instance, well ? "well again" : "unwell",
                            reason.empty() ? "" : ": ", reason);
    }
    health_ = {well, std::string(reason)};
}

Instance::Health Instance::health() const {
    const std::lock_guard lock(healthMutex_);
    return health_;
}

}  // namespace syncline::bridge
