// SPDX-License-Identifier: Apache-2.0
// The message under way, as handlers read and answer it.
#include <optional>
#include <string>
#include <utility>

#include "bridge/far_call.h"
#include "bridge/host_tables.h"
#include "bridge/instance.h"
#include "bridge/plugin_error.h"
#include "bridge/running_call.h"
#include "json/utf8.h"

namespace syncline::bridge {

namespace {

/// What `read` makes of the running call, else a zero: reading is for the function that was called
/// with it, on its thread.
template <class Zero, class Read>
Zero reading(const syncline_host* host, syncline_call call, Zero zero, Read&& read) noexcept {
    if (RunningCall* running = RunningCall::current(host, call)) return read(*running);
    Instance::of(host).conduct().misbehaved("a call was read outside of the function it is for");
    return zero;
}

constexpr syncline_text kNoText = {nullptr, 0};

const syncline_value* message(const syncline_host* host, syncline_call call) noexcept {
    return reading(host, call, static_cast<const syncline_value*>(nullptr),
                   [](RunningCall& running) { return toHandle(&running.message()); });
}

const syncline_value* principal(const syncline_host* host, syncline_call call) noexcept {
    return reading(host, call, static_cast<const syncline_value*>(nullptr),
                   [](RunningCall& running) { return toHandle(running.principal()); });
}

syncline_text type(const syncline_host* host, syncline_call call) noexcept {
    return reading(host, call, kNoText,
                   [](RunningCall& running) { return toText(running.type()); });
}

syncline_text channel(const syncline_host* host, syncline_call call) noexcept {
    return reading(host, call, kNoText,
                   [](RunningCall& running) { return toText(running.channel()); });
}

syncline_text transport(const syncline_host* host, syncline_call call) noexcept {
    return reading(host, call, kNoText,
                   [](RunningCall& running) { return toText(running.transport()); });
}

syncline_text address(const syncline_host* host, syncline_call call) noexcept {
    return reading(host, call, kNoText,
                   [](RunningCall& running) { return toText(running.address()); });
}

std::uint64_t connection(const syncline_host* host, syncline_call call) noexcept {
    return reading(host, call, std::uint64_t{0},
                   [](RunningCall& running) { return running.connection(); });
}

void conceal(const syncline_host* host, syncline_call call) noexcept {
    if (RunningCall* running = RunningCall::current(host, call)) return running->conceal();
    Instance::of(host).conduct().misbehaved("a call was concealed outside of its function");
}

std::int64_t deadlineMs(const syncline_host* host, syncline_call call) noexcept {
    return reading(host, call, std::int64_t{0},
                   [](RunningCall& running) { return running.deadlineMs(); });
}

FarCall farCall(Instance& instance, syncline_call call) {
    return {instance.runtime(), PackedCall::unpack(call), instance.stage(),
            instance.sharedConduct()};
}

void reply(const syncline_host* host, syncline_call call, syncline_text type,
           const syncline_value* body) noexcept {
    Instance& instance = Instance::of(host);
    const std::string_view name = toView(type);
    const json::Value* content = toValue(body);
    if (name.empty() || !json::isUtf8(name) || (content != nullptr && !content->isObject())) {
        return instance.conduct().misbehaved("a reply without a type, or with no object as body");
    }
    if (RunningCall* running = RunningCall::current(host, call))
        return running->reply(name, content);
    std::optional<json::Value> copy;
    if (content != nullptr) copy = content->clone();
    farCall(instance, call).reply(std::string(name), std::move(copy));
}

void fail(const syncline_host* host, syncline_call call, const syncline_error* error) noexcept {
    Instance& instance = Instance::of(host);
    core::Error reason = toError(error == nullptr ? emptyError() : *error);
    if (RunningCall* running = RunningCall::current(host, call)) {
        return running->fail(std::move(reason));
    }
    farCall(instance, call).refuse(std::move(reason));
}

void complete(const syncline_host* host, syncline_call call, syncline_outcome outcome) noexcept {
    Instance& instance = Instance::of(host);
    if (outcome != SYNCLINE_CONTINUE && outcome != SYNCLINE_STOP) {
        return instance.conduct().misbehaved("a call was completed with neither continue nor stop");
    }
    const auto how =
        outcome == SYNCLINE_STOP ? pipeline::Outcome::stop : pipeline::Outcome::proceed;
    if (RunningCall* running = RunningCall::current(host, call)) return running->complete(how);
    farCall(instance, call).complete(how);
}

}  // namespace

const syncline_call_table kCallTable = {sizeof(syncline_call_table),
                                        2,
                                        &message,
                                        &principal,
                                        &type,
                                        &channel,
                                        &transport,
                                        &address,
                                        &deadlineMs,
                                        &reply,
                                        &fail,
                                        &complete,
                                        &connection,
                                        &conceal};

}  // namespace syncline::bridge
