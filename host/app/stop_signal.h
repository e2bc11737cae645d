// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <spdlog/logger.h>

#include <functional>
#include <future>
#include <memory>
#include <thread>

namespace syncline::app {

/// Turns SIGTERM and SIGINT into a wish to stop. Blocks the signals for every thread made after it,
/// so it is the first thing that run makes; a thread of its own takes them. SIGHUP is noted and
/// changes nothing, SIGPIPE and SIGUSR1 are harmless. A second SIGTERM or SIGINT ends the process
/// at once.
class StopSignal {
public:
    explicit StopSignal(std::shared_ptr<spdlog::logger> log);
    ~StopSignal();
    StopSignal(const StopSignal&) = delete;
    StopSignal& operator=(const StopSignal&) = delete;

    /// Blocks until the first SIGTERM or SIGINT.
    void wait();

private:
    void listen();

    std::shared_ptr<spdlog::logger> log_;
    std::promise<void> asked_;
    std::thread thread_;
};

}  // namespace syncline::app
