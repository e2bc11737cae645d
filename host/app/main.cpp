// SPDX-License-Identifier: Apache-2.0
#include "app/application.h"
#include "app/command_line.h"

int main(int argc, char** argv) {
    const std::vector<std::string> arguments(argv + 1, argv + argc);
    return static_cast<int>(syncline::app::execute(syncline::app::parseCommandLine(arguments)));
}
