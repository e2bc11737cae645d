// SPDX-License-Identifier: Apache-2.0
#include "app/process_figures.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace syncline::app {

namespace {

std::uint64_t entriesOf(const char* folder) {
    std::error_code error;
    std::filesystem::directory_iterator entry(folder, error);
    std::uint64_t count = 0;
    while (!error && entry != std::filesystem::directory_iterator()) {
        ++count;
        entry.increment(error);
    }
    return count;
}

/// Until descriptors are counted again.
constexpr std::int64_t kCountAgainMs = 10'000;

double secondsOf(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) * 1e-6;
}

}  // namespace

ProcessFigures processFigures() {
    ProcessFigures figures;
    rusage usage{};
    if (::getrusage(RUSAGE_SELF, &usage) == 0) {
        figures.cpuSeconds = secondsOf(usage.ru_utime) + secondsOf(usage.ru_stime);
    }
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) == 0) figures.descriptorsMax = limit.rlim_cur;
    std::ifstream memory("/proc/self/statm");
    std::uint64_t pages = 0;
    std::uint64_t resident = 0;
    if (memory >> pages >> resident) {
        figures.residentBytes = resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
    }
    figures.threads = entriesOf("/proc/self/task");
    return figures;
}

std::uint64_t OpenDescriptors::count(std::int64_t nowMs) const {
    const std::lock_guard lock(mutex_);
    if (!countedAtMs_ || nowMs - *countedAtMs_ >= kCountAgainMs) {
        count_ = entriesOf("/proc/self/fd");
        countedAtMs_ = nowMs;
    }
    return count_;
}

}  // namespace syncline::app
