// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace syncline::app {

/// What the process ends with.
enum class ExitCode : int {
    fine = 0,
    usage = 1,
    config = 2,
    plugin = 3,
    environment = 4,  ///< a port taken, a database unreachable, a folder not writable
    refused = 5,      ///< what was to be checked, a token, is not good
};

}  // namespace syncline::app
