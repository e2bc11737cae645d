// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "json/value.h"

namespace syncline::pipeline {

/// Who is speaking, as an auth provider found out. Immutable once a session holds it.
struct Principal {
    std::string user;
    std::int64_t expiresAtMs = 0;  ///< Unix time; 0: never
    json::Value document;          ///< {user, roles, claims, …}: what stages are shown
};

}  // namespace syncline::pipeline
