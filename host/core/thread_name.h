// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <pthread.h>

#include <string>

namespace syncline::core {

/// What `top -H`, `perf` and debuggers call the calling thread from now on; Linux keeps 15 bytes.
inline void nameThisThread(const std::string& name) {
    constexpr std::size_t kBytesMax = 15;
    ::pthread_setname_np(::pthread_self(), name.substr(0, kBytesMax).c_str());
}

}  // namespace syncline::core
