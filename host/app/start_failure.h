// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stdexcept>
#include <string>

#include "app/command_line.h"

namespace syncline::app {

/// Why the server does not start. what() is what is printed; it may have several lines.
class StartFailure : public std::runtime_error {
public:
    StartFailure(ExitCode code, const std::string& text) : std::runtime_error(text), code_(code) {}

    ExitCode code() const noexcept { return code_; }

private:
    ExitCode code_;
};

}  // namespace syncline::app
