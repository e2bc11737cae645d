// SPDX-License-Identifier: Apache-2.0
// Channels, as handlers use them.
#include "bridge/asking.h"
#include "bridge/host_tables.h"

namespace syncline::bridge {

namespace {

const ComponentTraits& traitsOf(const syncline_host* host) {
    return Instance::of(host).traits();
}

syncline_status submit(const syncline_host* host, syncline_call call, const syncline_value* op,
                       syncline_error* error) noexcept {
    return askingOnce(host, call, traitsOf(host).carriesOps, error,
                      [&](RunningCall& running, session::Session&) -> core::Result<void> {
                          if (op == nullptr) return missingArgument("an op is needed");
                          return running.submit(*toValue(op));
                      });
}

syncline_status subscribe(const syncline_host* host, syncline_call call,
                          const syncline_value* request, syncline_error* error) noexcept {
    return askingOnce(host, call, traitsOf(host).subscribes, error,
                      [&](RunningCall& running, session::Session& session) -> core::Result<void> {
                          if (request == nullptr) return missingArgument("a request is needed");
                          return session.subscribe(running.id(), *toValue(request));
                      });
}

syncline_status unsubscribe(const syncline_host* host, syncline_call call, syncline_text channel,
                            syncline_error* error) noexcept {
    return asking(host, call, true, error,
                  [&](RunningCall&, session::Session& session) -> core::Result<void> {
                      return session.unsubscribe(toView(channel));
                  });
}

syncline_status snapshot(const syncline_host* host, syncline_call call, syncline_text channel,
                         const syncline_value* keys, syncline_error* error) noexcept {
    return askingOnce(host, call, traitsOf(host).readsSnapshot, error,
                      [&](RunningCall& running, session::Session& session) -> core::Result<void> {
                          return session.snapshot(running.id(), toView(channel), toValue(keys));
                      });
}

syncline_status presence(const syncline_host* host, syncline_call call,
                         const syncline_value* request, syncline_error* error) noexcept {
    return askingOnce(host, call, true, error,
                      [&](RunningCall& running, session::Session& session) -> core::Result<void> {
                          if (request == nullptr) return missingArgument("a request is needed");
                          return session.presence(running.id(), *toValue(request));
                      });
}

}  // namespace

const syncline_channel_table kChannelTable = {
    sizeof(syncline_channel_table), 0, &submit, &subscribe, &unsubscribe, &snapshot, &presence};

}  // namespace syncline::bridge
