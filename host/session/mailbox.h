// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "broadcast/topic_index.h"

namespace syncline::session {

class Session;

/// Where signals to a session's user arrive. Owned by its session. [its shard]
class Mailbox final : public broadcast::Subscriber {
public:
    explicit Mailbox(Session& session) : session_(session) {}
    Mailbox(const Mailbox&) = delete;
    Mailbox& operator=(const Mailbox&) = delete;

    /// `users`: the shard's index by user; borrowed.
    void open(broadcast::TopicIndex& users, const std::string& user) {
        users.add(user, *this, membership_);
    }

    /// Users have no history.
    void deliver(const broadcast::Chunk&) override {}

    /// Not taken by a client whose outbox is full, or whose session ends.
    bool deliverSignal(const broadcast::Signal& signal) override;

private:
    Session& session_;
    broadcast::TopicIndex::Membership membership_;
};

}  // namespace syncline::session
