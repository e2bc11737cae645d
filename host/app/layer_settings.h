// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "channel/directory_settings.h"
#include "gateway/gateway_settings.h"
#include "net/reactor.h"
#include "session/session_settings.h"
#include "settings/settings.h"

/// What the configuration says, in the words of each layer. A limit that follows from another one
/// is derived here.
namespace syncline::app {

net::ReactorLimits reactorLimitsOf(const settings::Settings& settings);
session::SessionSettings sessionSettingsOf(const settings::Settings& settings);
gateway::GatewaySettings gatewaySettingsOf(const settings::Settings& settings);

/// Channels and limits; whom the directory works with is for the caller to add.
channel::DirectorySettings directorySettingsOf(const settings::Settings& settings);

}  // namespace syncline::app
