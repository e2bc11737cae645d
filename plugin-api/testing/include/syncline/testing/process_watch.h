// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace syncline::conformance {

/// Writes down what this thread asks of the system while it lives: files, folders, sockets. The
/// functions of the C library are taken over for that (process_watch.cpp). One at a time.
class SystemWatch {
public:
    SystemWatch();
    ~SystemWatch();
    SystemWatch(const SystemWatch&) = delete;
    SystemWatch& operator=(const SystemWatch&) = delete;

    /// `open /etc/passwd`, ...
    const std::vector<std::string>& seen() const;
};

/// What of this process a component could leave behind.
struct Holdings {
    std::size_t threads = 0;
    std::size_t descriptors = 0;
};
Holdings currentHoldings();
/// What is left once it is no more than before, or after a while: the system goes on listing a
/// thread for a moment when it has been joined.
Holdings holdingsAfter(const Holdings& before);

/// Bytes of the heap that are in use; 0 where a sanitizer keeps the heap.
std::size_t heapBytes();

/// Runs `function` on a thread of its own and says whether it came back in time. If not, the test
/// fails and the program ends: a thread that never returns cannot be taken back.
void expectToReturn(const std::string& what, std::int64_t limitMs,
                    const std::function<void()>& function);

}  // namespace syncline::conformance
