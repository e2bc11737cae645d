// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/result.h"

namespace syncline::net {

struct HttpAnswer {
    int status = 0;
    std::string body;
};

/// Asks another server of this kind with POST, without a body, and waits for the answer however
/// long that takes: a command has nothing else to do. `url` is http://HOST:PORT/…; there is no TLS.
/// Errors: badField for another url, storageUnavailable when nobody answers there. [a thread that
/// may block]
core::Result<HttpAnswer> post(const std::string& url);

}  // namespace syncline::net
