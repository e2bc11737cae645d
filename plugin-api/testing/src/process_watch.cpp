// SPDX-License-Identifier: Apache-2.0
#include "syncline/testing/process_watch.h"

#include <dlfcn.h>
#include <gtest/gtest.h>
#include <malloc.h>

#include <cerrno>
#include <chrono>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <future>
#include <thread>

#include "syncline/testing/disk_faults.h"

namespace syncline::conformance {
namespace {

thread_local std::vector<std::string>* watched = nullptr;

void note(const char* function, const char* about) {
    if (watched == nullptr) return;
    std::vector<std::string>* list = std::exchange(watched, nullptr);
    list->push_back(std::string(function) + " " + (about == nullptr ? "" : about));
    watched = list;
}

template <class Function>
Function* next(const char* name) {
    return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

// As <fcntl.h> has them, which would declare what is defined below.
constexpr int kWriting = 01;
constexpr int kCreating = 0101;
constexpr int kCreatingAnew = 01101;

int flagsOf(const char* mode) {
    if (std::strchr(mode, 'w') != nullptr) return kCreatingAnew;
    if (std::strchr(mode, 'a') != nullptr) return kCreating;
    return std::strchr(mode, '+') != nullptr ? kWriting : 0;
}

bool isRefused(const char* path, int flags) {
    const int error = refusalOfOpening(path, flags);
    if (error != 0) errno = error;
    return error != 0;
}

std::size_t countIn(const char* folder) {
    std::size_t count = 0;
    for ([[maybe_unused]] const auto& each : std::filesystem::directory_iterator(folder)) ++count;
    return count;
}

}  // namespace

SystemWatch::SystemWatch() {
    watched = new std::vector<std::string>();
}

SystemWatch::~SystemWatch() {
    delete std::exchange(watched, nullptr);
}

const std::vector<std::string>& SystemWatch::seen() const {
    return *watched;
}

Holdings currentHoldings() {
    return {countIn("/proc/self/task"), countIn("/proc/self/fd")};
}

Holdings holdingsAfter(const Holdings& before) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(2);
    Holdings now = currentHoldings();
    while (now.threads > before.threads && std::chrono::steady_clock::now() < deadline) {
        std::this_thread::yield();
        now = currentHoldings();
    }
    return now;
}

std::size_t heapBytes() {
    const auto heap = ::mallinfo2();
    return heap.uordblks + heap.hblkhd;
}

void expectToReturn(const std::string& what, std::int64_t limitMs,
                    const std::function<void()>& function) {
    std::packaged_task<void()> task(function);
    std::future<void> done = task.get_future();
    std::thread thread(std::move(task));
    if (done.wait_for(std::chrono::milliseconds(limitMs)) == std::future_status::ready) {
        thread.join();
        return done.get();
    }
    const auto* test = ::testing::UnitTest::GetInstance()->current_test_info();
    std::fprintf(stdout, "%s has not returned after %lld ms\n[  FAILED  ] %s.%s\n", what.c_str(),
                 static_cast<long long>(limitMs), test->test_suite_name(), test->name());
    std::fflush(stdout);
    std::_Exit(1);
}

}  // namespace syncline::conformance

// A definition in the program comes before that of the C library, for the plugins too.
extern "C" {

using syncline::conformance::flagsOf;
using syncline::conformance::isRefused;
using syncline::conformance::kCreating;
using syncline::conformance::next;
using syncline::conformance::note;
using syncline::conformance::refusalOfRemoving;

int open(const char* path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    const auto mode = va_arg(more, unsigned);
    va_end(more);
    note("open", path);
    if (isRefused(path, flags)) return -1;
    return next<int(const char*, int, ...)>("open")(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    const auto mode = va_arg(more, unsigned);
    va_end(more);
    note("open", path);
    if (isRefused(path, flags)) return -1;
    return next<int(const char*, int, ...)>("open64")(path, flags, mode);
}

int openat(int folder, const char* path, int flags, ...) {
    va_list more;
    va_start(more, flags);
    const auto mode = va_arg(more, unsigned);
    va_end(more);
    note("open", path);
    if (isRefused(path, flags)) return -1;
    return next<int(int, const char*, int, ...)>("openat")(folder, path, flags, mode);
}

FILE* fopen(const char* path, const char* mode) {
    note("open", path);
    if (isRefused(path, flagsOf(mode))) return nullptr;
    return next<FILE*(const char*, const char*)>("fopen")(path, mode);
}

FILE* fopen64(const char* path, const char* mode) {
    note("open", path);
    if (isRefused(path, flagsOf(mode))) return nullptr;
    return next<FILE*(const char*, const char*)>("fopen64")(path, mode);
}

int mkdir(const char* path, unsigned mode) noexcept {
    note("mkdir", path);
    if (isRefused(path, kCreating)) return -1;
    return next<int(const char*, unsigned)>("mkdir")(path, mode);
}

int unlink(const char* path) noexcept {
    note("unlink", path);
    if (const int error = refusalOfRemoving(path); error != 0) {
        errno = error;
        return -1;
    }
    return next<int(const char*)>("unlink")(path);
}

int socket(int domain, int type, int protocol) noexcept {
    note("socket", "");
    return next<int(int, int, int)>("socket")(domain, type, protocol);
}

struct stat;
int stat(const char* path, struct stat* into) noexcept {
    note("stat", path);
    return next<int(const char*, struct stat*)>("stat")(path, into);
}

struct stat64;
int stat64(const char* path, struct stat64* into) noexcept {
    note("stat", path);
    return next<int(const char*, struct stat64*)>("stat64")(path, into);
}

}  // extern "C"
