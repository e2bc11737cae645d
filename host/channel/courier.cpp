// SPDX-License-Identifier: Apache-2.0
#include "channel/courier.h"

#include <utility>

#include "core/ids.h"

namespace syncline::channel {

void Courier::send(Request&& request) {
    const std::size_t to = core::stableHash(request.channel) % homes_.size();
    if (to == from_) {
        homes_[to]->take(std::move(request));
        return;
    }
    waiting_[to].push_back(std::move(request));
    if (std::exchange(hooked_, true)) return;
    homes_[from_]->shard().atTickEnd([this] { flush(); });
}

void Courier::flush() {
    hooked_ = false;
    for (std::size_t to = 0; to < waiting_.size(); ++to)
        if (!waiting_[to].empty()) hand(*homes_[to], std::exchange(waiting_[to], {}));
}

void Courier::hand(Home& home, std::vector<Request> requests) {
    // Shared with the task, because post() drops a task that it refuses: the answers must outlive
    // it.
    auto shared = std::make_shared<std::vector<Request>>(std::move(requests));
    const bool taken = home.shard().post([&home, shared] {
        for (Request& request : *shared) home.take(std::move(request));
    });
    if (taken) return;
    // That somebody has gone must arrive.
    std::vector<Request> leaves;
    std::vector<Request> others;
    for (Request& request : *shared)
        (mustArrive(request) ? leaves : others).push_back(std::move(request));
    if (!leaves.empty())
        home.shard().postAlways([&home, leaves = std::move(leaves)]() mutable {
            for (Request& request : leaves) home.take(std::move(request));
        });
    refuseAll(std::move(others));
}

void Courier::refuseAll(std::vector<Request> requests) {
    core::Error error = core::Error::of(core::Code::busy, "the shard of this channel is busy");
    error.retryAfterMs = 100;
    Home& own = *homes_[from_];
    for (Request& request : requests) own.deliveries().refuse(std::move(request), error);
    own.soon();
}

}  // namespace syncline::channel
