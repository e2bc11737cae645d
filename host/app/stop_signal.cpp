// SPDX-License-Identifier: Apache-2.0
#include "app/stop_signal.h"

#include <pthread.h>
#include <unistd.h>

#include <csignal>
#include <utility>

#include "core/thread_name.h"

namespace syncline::app {

namespace {

constexpr int kEnd = SIGUSR2;  ///< how the destructor ends the thread

sigset_t handled() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, kEnd}) sigaddset(&signals, signal);
    return signals;
}

}  // namespace

StopSignal::StopSignal(std::shared_ptr<spdlog::logger> log) : log_(std::move(log)) {
    ::signal(SIGPIPE, SIG_IGN);
    const sigset_t signals = handled();
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    thread_ = std::thread([this] {
        core::nameThisThread("signals");
        listen();
    });
}

StopSignal::~StopSignal() {
    pthread_kill(thread_.native_handle(), kEnd);
    thread_.join();
}

void StopSignal::wait() {
    asked_.get_future().wait();
}

void StopSignal::listen() {
    const sigset_t signals = handled();
    bool asked = false;
    for (;;) {
        int signal = 0;
        if (sigwait(&signals, &signal) != 0) continue;
        if (signal == kEnd) return;
        if (signal == SIGHUP || signal == SIGUSR1) {
            log_->info("signal {}: nothing to do; a new configuration needs a restart", signal);
            continue;
        }
        if (asked) {
            log_->warn("signal {} again: stopping at once", signal);
            log_->flush();
            ::_exit(128 + signal);
        }
        asked = true;
        log_->info("signal {}: shutting down", signal);
        asked_.set_value();
    }
}

}  // namespace syncline::app
