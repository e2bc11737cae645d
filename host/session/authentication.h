// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spdlog/logger.h>

#include <memory>
#include <string>

#include "core/result.h"
#include "core/shard.h"
#include "core/task.h"
#include "observe/log_context.h"
#include "session/auth_chain.h"

namespace syncline::session {

/// Asks the providers of a listener who it is that shows `credentials`, on whatever transport.
/// `answer` runs on `shard`, at once or later, exactly once: with the principal, or with what the
/// client may be told (1301, 1302). Why goes to the log alone, under the name `who` and with what
/// is known `about` it. The chain outlives the question. [shard]
void authenticate(core::Shard& shard, const AuthChain& chain, Credentials credentials,
                  std::shared_ptr<spdlog::logger> log, std::string who,
                  core::UniqueFunction<void(core::Result<pipeline::Principal>)> answer,
                  observe::LogContext about = {});

/// The principal that a document {user, roles?, claims?, expiresAt?} describes. Errors:
/// pluginFailed without a user, badName.
core::Result<pipeline::Principal> principalOf(const json::Value& document);

}  // namespace syncline::session
