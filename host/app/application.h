// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "app/command_line.h"

namespace syncline::app {

/// Does what the command asks and answers with the exit code. Prints to stdout what was asked for
/// and to stderr what went wrong.
ExitCode execute(const Command& command);

}  // namespace syncline::app
