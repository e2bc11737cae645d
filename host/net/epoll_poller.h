// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/epoll.h>

#include <array>

#include "net/poller.h"

namespace syncline::net {

/// Level-triggered epoll with an eventfd to wake it. Owned by a reactor.
class EpollPoller final : public Poller {
public:
    /// Throws std::system_error when the process has no descriptor left: that is at start-up.
    EpollPoller();
    ~EpollPoller() override;
    EpollPoller(const EpollPoller&) = delete;
    EpollPoller& operator=(const EpollPoller&) = delete;

    bool add(int descriptor, Readiness interest, Pollable& pollable) override;
    void modify(int descriptor, Readiness interest, Pollable& pollable) override;
    void remove(int descriptor) override;
    void wait(int timeoutMs) override;
    int dispatch() override;
    void wake() override;

private:
    static constexpr int kEventsMax = 512;

    int epoll_ = -1;
    int wakeUp_ = -1;
    int readyCount_ = 0;
    std::array<epoll_event, kEventsMax> events_{};
};

}  // namespace syncline::net
