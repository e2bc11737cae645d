// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace syncline::sqlite {

/// A mutex that is handed on in the order of arrival. The folder takes one slice after the other;
/// with a std::mutex, a checkpoint could wait for as long as the load goes on.
class FairMutex {
public:
    void lock() {
        std::unique_lock guard(mutex_);
        const std::uint64_t mine = nextTicket_++;
        turn_.wait(guard, [&] { return serving_ == mine; });
    }

    void unlock() {
        {
            const std::lock_guard guard(mutex_);
            ++serving_;
        }
        turn_.notify_all();
    }

private:
    std::mutex mutex_;
    std::condition_variable turn_;
    std::uint64_t nextTicket_ = 0;
    std::uint64_t serving_ = 0;
};

}  // namespace syncline::sqlite
