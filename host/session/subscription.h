// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "broadcast/topic_index.h"
#include "channel/directory.h"
#include "core/timer_wheel.h"

namespace syncline::session {

class Session;

/// One session's flow of one channel: first what the client lacks, then the live feed. Owned by its
/// session. [its shard]
///
///     ask -> the home answers -> frames go out as the outbox has room -> ask again, until the
///     answer says live -> chunks of the topic -> the outbox is full: leave, wait for room, ask
///     again (or end the session: as the channel's rule says)
///
/// A signal reaches who is live; one that finds no room makes a gap as a chunk does, so that the
/// client knows that it may have missed something. So a slow client costs its outbox and a few
/// references to frames that others share, never a queue of its own.
class Subscription final : public broadcast::Subscriber {
public:
    Subscription(Session& session, std::string channel, std::uint64_t number);
    ~Subscription() override;
    Subscription(const Subscription&) = delete;
    Subscription& operator=(const Subscription&) = delete;

    /// Asks the home. `answered` gets the first answer: the body of `subscribed`, or why not.
    void begin(channel::SubscribeRequest request,
               core::UniqueFunction<void(core::Result<std::string>)> answered);

    void deliver(const broadcast::Chunk& chunk) override;
    bool deliverSignal(const broadcast::Signal& signal) override;

    /// The outbox has room again.
    void onRoom();

    /// Nothing more is delivered; for a session that closes.
    void stop();

    /// Whether the session is present here, and whether it is told who is whenever this becomes
    /// live.
    struct Attendance {
        bool present = false;
        bool watches = false;
    };
    const Attendance& attendance() const { return attendance_; }
    void setAttendance(Attendance attendance) { attendance_ = attendance; }

    /// The session is not present here any more. `mayReturn`: it has lost its connection.
    void endPresence(bool mayReturn);

    const std::string& channel() const { return channel_; }

    /// Never reused: tells an answer for this subscription from one for its predecessor.
    std::uint64_t number() const { return number_; }

    bool live() const { return phase_ == Phase::live; }

    /// Whether the home has been asked and has not answered yet.
    bool asking() const { return phase_ == Phase::asking; }

private:
    enum class Phase {
        asking,   ///< the home has been asked
        sending,  ///< frames are left to send
        live,     ///< in the topic
        lagging,  ///< dropped from the topic for a full outbox
    };

    void ask();
    void take(core::Result<channel::CatchUp> answer);
    void count(channel::CatchUpMode mode);
    void refuse(core::Error error);
    void sendFrames();
    void lookAround();
    void fallBehind();
    void startOver();
    void askLater(const core::Error& busy);
    void leaveTopic();

    Session& session_;
    const std::string channel_;
    const std::uint64_t number_;
    Phase phase_ = Phase::asking;
    channel::SubscribeRequest request_;
    core::UniqueFunction<void(core::Result<std::string>)> answered_;
    bool resyncing_ = false;   ///< the next answer is pushed as a new `subscribed`
    bool conflating_ = false;  ///< the next answer need only say what became of the records
    bool becomesLive_ = false;
    channel::SlowConsumer slowConsumer_ = channel::SlowConsumer::recover;
    Attendance attendance_;
    core::TimerWheel::Id askTimer_;
    std::deque<core::SharedBytes> frames_;
    broadcast::TopicIndex::Membership membership_;
};

}  // namespace syncline::session
