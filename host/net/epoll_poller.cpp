// SPDX-License-Identifier: Apache-2.0
#include "net/epoll_poller.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace syncline::net {

namespace {

epoll_event eventFor(Readiness interest, Pollable* pollable) {
    epoll_event event{};
    if (interest.readable) event.events |= EPOLLIN;
    if (interest.writable) event.events |= EPOLLOUT;
    event.data.ptr = pollable;
    return event;
}

}  // namespace

EpollPoller::EpollPoller() {
    epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
    if (epoll_ < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    wakeUp_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    // The wake-up is the one event without a pollable.
    epoll_event event = eventFor({.readable = true}, nullptr);
    if (wakeUp_ < 0 || ::epoll_ctl(epoll_, EPOLL_CTL_ADD, wakeUp_, &event) < 0) {
        const int error = errno;
        if (wakeUp_ >= 0) ::close(wakeUp_);
        ::close(epoll_);
        throw std::system_error(error, std::generic_category(), "eventfd");
    }
}

EpollPoller::~EpollPoller() {
    ::close(wakeUp_);
    ::close(epoll_);
}

bool EpollPoller::add(int descriptor, Readiness interest, Pollable& pollable) {
    epoll_event event = eventFor(interest, &pollable);
    return ::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

void EpollPoller::modify(int descriptor, Readiness interest, Pollable& pollable) {
    epoll_event event = eventFor(interest, &pollable);
    ::epoll_ctl(epoll_, EPOLL_CTL_MOD, descriptor, &event);
}

void EpollPoller::remove(int descriptor) {
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, descriptor, nullptr);
}

void EpollPoller::wait(int timeoutMs) {
    readyCount_ = ::epoll_wait(epoll_, events_.data(), kEventsMax, timeoutMs);
    // Interrupted by a signal: the tick that follows is an empty one.
    if (readyCount_ < 0) readyCount_ = 0;
}

int EpollPoller::dispatch() {
    const int count = readyCount_;
    readyCount_ = 0;
    for (int i = 0; i < count; ++i) {
        const epoll_event& event = events_[static_cast<std::size_t>(i)];
        if (event.data.ptr == nullptr) {
            std::uint64_t wakeUps;
            [[maybe_unused]] const auto size = ::read(wakeUp_, &wakeUps, sizeof wakeUps);
            continue;
        }
        Readiness ready;
        ready.readable = (event.events & EPOLLIN) != 0;
        ready.writable = (event.events & EPOLLOUT) != 0;
        ready.broken = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
        static_cast<Pollable*>(event.data.ptr)->onReady(ready);
    }
    return count;
}

void EpollPoller::wake() {
    const std::uint64_t one = 1;
    // Fails only when the counter is full, and then the poller is awake already.
    [[maybe_unused]] const auto size = ::write(wakeUp_, &one, sizeof one);
}

}  // namespace syncline::net
