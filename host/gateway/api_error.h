// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "core/error.h"
#include "json/value.h"
#include "wire/http_response.h"

namespace syncline::gateway {

/// The HTTP status that says about the same as an error of the protocol.
int statusOf(core::Code code);

/// An error of the protocol as {"type":"error","code":…,"reason":…,"retry":…,…}, with the status of
/// its code, `Retry-After` and `WWW-Authenticate` where HTTP wants them.
wire::HttpResponse errorResponse(const core::Error& error);

/// The same with another status.
wire::HttpResponse errorResponse(int status, const core::Error& error);

/// What is wrong with a request as HTTP: the code follows from the status.
wire::HttpResponse problem(int status, std::string_view reason);

wire::HttpResponse jsonResponse(int status, const json::Value& body);

}  // namespace syncline::gateway
