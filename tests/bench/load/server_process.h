// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace syncline::bench {

/// What the system says about the server under load.
class ServerProcess {
public:
    explicit ServerProcess(int pid) : pid_(pid) {}

    double cpuSeconds() const;  ///< user and system, of all threads
    /// The same, of the threads of that name.
    double cpuSeconds(const std::string& thread) const;
    long residentKb() const;
    long threads() const;

private:
    int pid_;
};

/// CPU seconds of this process: the generator must not be the limit.
double ownCpuSeconds();

}  // namespace syncline::bench
