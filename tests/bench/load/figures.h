// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdio>

#include "load/loop.h"
#include "load/scenarios.h"
#include "load/server_process.h"
#include "observe/histogram.h"

namespace syncline::bench {

/// The measured part of a run: between begin() and end().
class Figures {
public:
    explicit Figures(const Options& options) : server_(options.pid) {}

    void begin() {
        startNs_ = nowNs();
        serverCpu_ = server_.cpuSeconds();
        writerCpu_ = server_.cpuSeconds(kWriterThread);
        foldCpu_ = server_.cpuSeconds(kFoldThread);
        ownCpu_ = ownCpuSeconds();
        running_ = true;
    }

    void end() {
        running_ = false;
        seconds_ = static_cast<double>(nowNs() - startNs_) / 1e9;
        serverCpu_ = server_.cpuSeconds() - serverCpu_;
        writerCpu_ = server_.cpuSeconds(kWriterThread) - writerCpu_;
        foldCpu_ = server_.cpuSeconds(kFoldThread) - foldCpu_;
        ownCpu_ = ownCpuSeconds() - ownCpu_;
    }

    bool running() const { return running_; }
    void count(std::uint64_t latencyNs) {
        if (running_) latency_.record(latencyNs);
    }

    void print(const char* scenario) const {
        const auto count = static_cast<double>(latency_.count());
        std::printf(
            "{\"scenario\":\"%s\",\"messages\":%.0f,\"perSecond\":%.0f,\"serverUsPerMessage\":%.2f,"
            "\"writerUsPerMessage\":%.3f,\"foldUsPerMessage\":%.3f,\"residentMb\":%.1f,\"p50Ms\":%."
            "2f,\"p99Ms\":%.2f,\"maxMs\":%.2f,"
            "\"generatorLoad\":%.2f}\n",
            scenario, count, count / seconds_, serverCpu_ / count * 1e6, writerCpu_ / count * 1e6,
            foldCpu_ / count * 1e6, static_cast<double>(server_.residentKb()) / 1024,
            static_cast<double>(latency_.quantile(0.5)) / 1e6,
            static_cast<double>(latency_.quantile(0.99)) / 1e6,
            static_cast<double>(latency_.maxNs()) / 1e6, ownCpu_ / seconds_);
    }

private:
    /// The threads that commit and fold, in a Syncline server.
    static constexpr const char* kWriterThread = "commit";
    static constexpr const char* kFoldThread = "sqlite-fold";

    ServerProcess server_;
    observe::Histogram latency_;
    bool running_ = false;
    std::uint64_t startNs_ = 0;
    double seconds_ = 0;
    double serverCpu_ = 0;
    double writerCpu_ = 0;
    double foldCpu_ = 0;
    double ownCpu_ = 0;
};

}  // namespace syncline::bench
