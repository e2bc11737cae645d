// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "channel/directory_settings.h"

namespace syncline::app {

/// In builds with tests: maps the file that SYNCLINE_PHASE_FILE names, and answers what keeps the
/// commit phase in its first byte, so that a test that kills the process can tell afterwards where
/// the kill fell. Null without the variable, and in builds without tests.
void (*commitPhaseProbe())(channel::CommitPhase);

}  // namespace syncline::app
