// SPDX-License-Identifier: Apache-2.0
#include "load/server_process.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace syncline::bench {

namespace {

long statusField(int pid, const std::string& name) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(status, line);) {
        if (line.rfind(name, 0) == 0) return std::stol(line.substr(name.size()));
    }
    return 0;
}

double cpuSecondsIn(const std::string& path) {
    std::ifstream file(path);
    std::string text((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    // The name may hold spaces; fields 14 and 15 count from behind it.
    std::istringstream fields(text.substr(text.rfind(')') + 2));
    std::string skipped;
    for (int i = 3; i < 14; ++i) fields >> skipped;
    double user = 0;
    double system = 0;
    fields >> user >> system;
    return (user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace

double ServerProcess::cpuSeconds() const {
    return cpuSecondsIn("/proc/" + std::to_string(pid_) + "/stat");
}

double ServerProcess::cpuSeconds(const std::string& thread) const {
    double seconds = 0;
    const std::string tasks = "/proc/" + std::to_string(pid_) + "/task";
    for (const auto& task : std::filesystem::directory_iterator(tasks)) {
        std::ifstream file(task.path() / "comm");
        std::string name;
        if (std::getline(file, name) && name == thread)
            seconds += cpuSecondsIn(task.path() / "stat");
    }
    return seconds;
}

long ServerProcess::residentKb() const {
    return statusField(pid_, "VmRSS:");
}

long ServerProcess::threads() const {
    return statusField(pid_, "Threads:");
}

double ownCpuSeconds() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    const auto seconds = [](const timeval& time) {
        return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
    };
    return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace syncline::bench
