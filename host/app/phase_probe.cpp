// SPDX-License-Identifier: Apache-2.0
#include "app/phase_probe.h"

#ifdef SYNCLINE_TEST_PROBES
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#endif

namespace syncline::app {

#ifdef SYNCLINE_TEST_PROBES

namespace {

// A shared mapping outlives the process that a test kills.
std::atomic<unsigned char>* gPhase = nullptr;

void keep(channel::CommitPhase phase) {
    gPhase->store(static_cast<unsigned char>(phase), std::memory_order_relaxed);
}

}  // namespace

void (*commitPhaseProbe())(channel::CommitPhase) {
    const char* path = std::getenv("SYNCLINE_PHASE_FILE");
    if (path == nullptr) return nullptr;
    const int file = ::open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || ::ftruncate(file, 1) != 0) return nullptr;
    void* mapped = ::mmap(nullptr, 1, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    ::close(file);
    if (mapped == MAP_FAILED) return nullptr;
    gPhase = static_cast<std::atomic<unsigned char>*>(mapped);
    return &keep;
}

#else

void (*commitPhaseProbe())(channel::CommitPhase) {
    return nullptr;
}

#endif

}  // namespace syncline::app
