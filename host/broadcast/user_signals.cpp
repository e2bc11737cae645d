// SPDX-License-Identifier: Apache-2.0
#include "broadcast/user_signals.h"

#include <memory>
#include <utility>

namespace syncline::broadcast {

namespace {

/// One signal on its way: what came back so far. Touched on the asking shard alone.
struct Round {
    std::size_t missing = 0;
    std::size_t taken = 0;
    UserSignals::Answer answer;

    void add(std::size_t count) {
        taken += count;
        if (--missing == 0) answer(taken);
    }
};

}  // namespace

void UserSignals::send(core::Shard& from, std::string user, Signal signal, Answer answer) const {
    // Shared by the tasks on all shards: whichever reports last ends it.
    const auto round = std::make_shared<Round>();
    round->missing = seats_.size();
    round->answer = std::move(answer);
    for (const Seat& seat : seats_) {
        const bool posted = seat.shard->post([&from, &users = *seat.users, user, signal, round] {
            const std::size_t taken = users.publish(user, signal);
            from.postAlways([round, taken] { round->add(taken); });
        });
        if (!posted) from.postAlways([round] { round->add(0); });
    }
}

}  // namespace syncline::broadcast
