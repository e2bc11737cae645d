// SPDX-License-Identifier: Apache-2.0
// Channels, as handlers use them.
#include <cstdint>

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

syncline_status submitBatch(const syncline_host* host, syncline_call call,
                            const syncline_value* message, syncline_text type, std::int32_t atomic,
                            syncline_error* error) noexcept {
    return askingOnce(host, call, traitsOf(host).carriesBatches, error,
                      [&](RunningCall& running, session::Session&) -> core::Result<void> {
                          if (message == nullptr) return missingArgument("a message is needed");
                          running.submitBatch(*toValue(message), toView(type), atomic != 0);
                          return {};
                      });
}

syncline_status history(const syncline_host* host, syncline_call call, syncline_text channel,
                        std::uint64_t fromSeq, std::uint64_t limit,
                        syncline_error* error) noexcept {
    return askingOnce(host, call, traitsOf(host).readsHistory, error,
                      [&](RunningCall& running, session::Session& session) -> core::Result<void> {
                          session.history(running.id(), toView(channel), fromSeq, limit);
                          return {};
                      });
}

syncline_status outcomes(const syncline_host* host, syncline_call call, syncline_text channel,
                         const syncline_value* numbers, syncline_error* error) noexcept {
    return askingOnce(host, call, true, error,
                      [&](RunningCall& running, session::Session& session) -> core::Result<void> {
                          if (numbers == nullptr || !toValue(numbers)->isArray())
                              return missingArgument("an array of numbers is needed");
                          return session.outcomes(running.id(), toView(channel), *toValue(numbers));
                      });
}

syncline_status resolve(const syncline_host* host, syncline_call call,
                        const syncline_value* message, syncline_error* error) noexcept {
    return askingOnce(host, call, traitsOf(host).resolvesConflicts, error,
                      [&](RunningCall& running, session::Session& session) -> core::Result<void> {
                          if (message == nullptr) return missingArgument("a message is needed");
                          return session.resolve(running.id(), *toValue(message));
                      });
}

syncline_status snapshotOf(const syncline_host* host, syncline_call call, syncline_text channel,
                           const syncline_value* request, syncline_error* error) noexcept {
    return askingOnce(host, call, traitsOf(host).readsSnapshot, error,
                      [&](RunningCall& running, session::Session& session) -> core::Result<void> {
                          if (request == nullptr) return missingArgument("a request is needed");
                          return session.snapshotOf(running.id(), toView(channel),
                                                    *toValue(request));
                      });
}

syncline_status historyOf(const syncline_host* host, syncline_call call, syncline_text channel,
                          const syncline_value* request, syncline_error* error) noexcept {
    return askingOnce(host, call, traitsOf(host).readsHistory, error,
                      [&](RunningCall& running, session::Session& session) -> core::Result<void> {
                          if (request == nullptr) return missingArgument("a request is needed");
                          return session.historyOf(running.id(), toView(channel),
                                                   *toValue(request));
                      });
}

}  // namespace

const syncline_channel_table kChannelTable = {sizeof(syncline_channel_table),
                                              2,
                                              &submit,
                                              &subscribe,
                                              &unsubscribe,
                                              &snapshot,
                                              &presence,
                                              &submitBatch,
                                              &history,
                                              &outcomes,
                                              &resolve,
                                              &snapshotOf,
                                              &historyOf};

}  // namespace syncline::bridge
