// SPDX-License-Identifier: Apache-2.0
// Authentication and sessions, as the handlers that open sessions use them.
#include <string>
#include <utility>

#include "bridge/asking.h"
#include "bridge/handler_stage.h"
#include "bridge/host_tables.h"

namespace syncline::bridge {

namespace {

const ComponentTraits& traitsOf(const syncline_host* host) {
    return Instance::of(host).traits();
}

syncline_status verify(const syncline_host* host, syncline_call call, syncline_text client,
                       syncline_text token, std::uint32_t tag, syncline_error* error) noexcept {
    return askingOnce(host, call, true, error,
                      [&](RunningCall& running, session::Session& session) -> core::Result<void> {
                          HandlerStage& stage = running.stage();
                          if (!stage.takesAnswers())
                              return missingArgument("the handler has no on_result");
                          const PackedCall where = PackedCall::unpack(call);
                          session.verify(
                              where.id, std::string(toView(client)), std::string(toView(token)),
                              [&stage, where, tag](core::Result<json::Value> answer) {
                                  stage.deliver(where.shard, where.id, tag, std::move(answer));
                              });
                          return {};
                      });
}

const syncline_value* open(const syncline_host* host, syncline_call call, syncline_text client,
                           const syncline_value* principal, syncline_error* error) noexcept {
    const syncline_value* opened = nullptr;
    asking(host, call, traitsOf(host).opensSession, error,
           [&](RunningCall& running, session::Session& session) -> core::Result<void> {
               if (principal == nullptr) return missingArgument("a principal is needed");
               auto told = session.open(toView(client), *toValue(principal));
               if (!told) return core::fail(std::move(told.error()));
               opened = toHandle(&running.lend(std::move(*told)));
               return {};
           });
    return opened;
}

syncline_status resume(const syncline_host* host, syncline_call call, const syncline_value* cursors,
                       syncline_error* error) noexcept {
    return asking(host, call, traitsOf(host).opensSession, error,
                  [&](RunningCall&, session::Session& session) -> core::Result<void> {
                      if (cursors == nullptr || !toValue(cursors)->isArray()) {
                          return missingArgument("an array of cursors is needed");
                      }
                      return session.resume(*toValue(cursors));
                  });
}

const syncline_value* refresh(const syncline_host* host, syncline_call call,
                              const syncline_value* principal, syncline_error* error) noexcept {
    const syncline_value* told = nullptr;
    asking(host, call, true, error,
           [&](RunningCall& running, session::Session& session) -> core::Result<void> {
               if (principal == nullptr) return missingArgument("a principal is needed");
               auto refreshed = session.refresh(*toValue(principal));
               if (!refreshed) return core::fail(std::move(refreshed.error()));
               // With what is replaced, which the handler may have looked at.
               json::Value lent = json::Value::array();
               lent.push(std::move(refreshed->told));
               lent.push(std::move(refreshed->replaced));
               told = toHandle(&running.lend(std::move(lent))[0]);
               return {};
           });
    return told;
}

}  // namespace

const syncline_auth_table kAuthTable = {sizeof(syncline_auth_table), 0, &verify};
const syncline_session_table kSessionTable = {sizeof(syncline_session_table), 1, &open, &resume,
                                              &refresh};

}  // namespace syncline::bridge
