// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "broadcast/subscriber.h"
#include "channel/catch_up_mode.h"
#include "channel/figures.h"
#include "channel/shared_author.h"
#include "channel/slow_consumer.h"
#include "core/result.h"
#include "core/shard.h"
#include "core/shared_bytes.h"
#include "json/value.h"

namespace syncline::channel {

struct DirectorySettings;  // channel/directory_settings.h
class Home;                // the channels of one shard

/// A point of a channel's history, as clients echo it.
struct Cursor {
    std::string epoch;
    std::uint64_t seq = 0;
    std::string sum;  ///< 16 hex digits, or empty: not checked
};

struct SubscribeRequest {
    std::string channel;
    std::optional<Cursor> cursor;
    SharedAuthor author;
    std::uint64_t done = 0;     ///< all own numbers up to this one are settled at the client
    std::int64_t bornMs = 0;    ///< 0: not given
    std::size_t roomBytes = 0;  ///< how much the subscriber can take at once
    bool conflate = false;      ///< what changed since the cursor will do: a span of `records`
};

/// What a subscriber lacks, and whether it now is a live one.
struct CatchUp {
    std::string subscribed;  ///< the body of `subscribed`: a JSON object without `re`; empty: the
                             ///< flow goes on where it was, with a span of `records`
    /// WebSocket text frames with `snapshot` or `updates`, and at the end `live` if live.
    std::vector<core::SharedBytes> frames;
    Cursor reached;     ///< where the client stands after the frames
    bool live = false;  ///< true: everything behind `reached` comes through the shard's topic; the
                        ///< subscriber must be added to it now, and leave() called when it goes.
                        ///< false: send the frames, then ask again with `reached`.
    SlowConsumer slowConsumer = SlowConsumer::recover;
    CatchUpMode mode = CatchUpMode::tail;
};

/// What a session says of its presence in a channel.
struct PresenceChange {
    enum class Kind {
        look,    ///< who is there
        enter,   ///< is there, with `state` if it is given
        leave,   ///< is not there any more
        depart,  ///< has lost its connection: leaves unless it comes back in time
    };
    Kind kind = Kind::look;
    Author author;
    broadcast::Signal::Sender session;  ///< whose word ends the presence that it began
    std::optional<std::string> state;   ///< JSON text
    bool byUser = false;                ///< the answer has one member for each user
    bool silent = false;                ///< the answer, unless it is an error, is empty
};

/// Which records somebody wants to read; all, if nothing says otherwise.
struct Selection {
    std::optional<std::vector<std::string>> keys = std::nullopt;
    std::optional<std::string> prefix = std::nullopt;  ///< of their keys
    bool digest = false;                               ///< with the hash of all records
};

/// Which part of the log.
struct LogSpan {
    std::uint64_t fromSeq = 0;
    std::uint64_t opsMax = 0;
    bool values = false;  ///< with what each op overwrote
};

/// The front of the channel layer, one per server: finds the home shard of a channel and asks it.
/// Every function may be called on any shard; answers come back on the shard `from`. Answers are
/// never lost: a busy home answers with an error at once.
class Directory {
public:
    /// `body`: a JSON object without `re`: an ack, a conflict or an error of the protocol.
    using Answer = core::UniqueFunction<void(std::string body)>;
    using CatchUpAnswer = core::UniqueFunction<void(core::Result<CatchUp>)>;

    explicit Directory(DirectorySettings settings);
    ~Directory();
    Directory(const Directory&) = delete;
    Directory& operator=(const Directory&) = delete;

    /// Sequences an op; `message` is the client's whole message. Ops of one (from, channel) are
    /// sequenced in the order of these calls. The answer comes after the commit.
    void submit(core::Shard& from, std::string channel, json::Value message, SharedAuthor author,
                Answer answer);

    /// Sequences a write that has no number: `key` stands for it. The same key again, from the same
    /// user, gets the stored verdict; with another change it is 1208. Answers have an `n` that
    /// means nothing.
    void write(core::Shard& from, std::string channel, json::Value message, SharedAuthor author,
               std::string key, Answer answer);

    /// Records that a stage refused this op for good, so that its number is consumed (or answers
    /// with the stored verdict of an earlier attempt).
    void refuse(core::Shard& from, std::string channel, json::Value message, SharedAuthor author,
                core::Error error, Answer answer);

    /// The same two for an atomic batch: one number, one seq, one outcome for all of its `ops`.
    void submitBatch(core::Shard& from, std::string channel, json::Value message,
                     SharedAuthor author, Answer answer);
    void refuseBatch(core::Shard& from, std::string channel, json::Value message,
                     SharedAuthor author, core::Error error, Answer answer);

    /// The same two for what resolves a conflict.
    void resolve(core::Shard& from, std::string channel, json::Value message, SharedAuthor author,
                 Answer answer);
    void refuseResolution(core::Shard& from, std::string channel, json::Value message,
                          SharedAuthor author, core::Error error, Answer answer);

    void subscribe(core::Shard& from, SubscribeRequest request, CatchUpAnswer answer);

    /// One live subscriber on `from` has gone.
    void leave(core::Shard& from, std::string channel);

    /// Bodies of one or more `snapshot` messages (the last has "more":false), or an error's body.
    void snapshot(core::Shard& from, std::string channel, Selection wanted, SharedAuthor author,
                  core::UniqueFunction<void(std::vector<std::string> bodies)> answer);

    using SignalAnswer = core::UniqueFunction<void(core::Result<void>)>;

    /// Takes a signal to the live subscribers of the channel, on all shards, behind what its home
    /// published before. It is not stored; the channel need not be in memory.
    void signal(core::Shard& from, std::string channel, broadcast::Signal signal,
                SignalAnswer answer);

    /// Changes who is there, and tells the live subscribers. `answer`, if there is one, gets the
    /// bodies of one or more messages with the members, or an error's body.
    void presence(core::Shard& from, std::string channel, PresenceChange change,
                  core::UniqueFunction<void(std::vector<std::string> bodies)> answer);

    /// The body of an `updates` message, or an error's body.
    void history(core::Shard& from, std::string channel, LogSpan span,
                 core::UniqueFunction<void(std::vector<std::string> bodies)> answer);

    /// Bodies of one or more `statuses` messages: what became of the author's numbers, as far as it
    /// is committed and not forgotten; or an error's body.
    void outcomes(core::Shard& from, std::string channel, std::vector<std::uint64_t> numbers,
                  SharedAuthor author,
                  core::UniqueFunction<void(std::vector<std::string> bodies)> answer);

    /// Stops taking ops (they are answered 1502), commits what was taken, writes checkpoints; then
    /// `done` runs on any thread. [control]
    void drain(core::UniqueFunction<void()> done);

    /// Whether the storages accept commits now; the reason if not. [any]
    std::optional<std::string> unhealthy() const;

    /// Whether a writer's queue is more than half full: whoever has ops under way should wait.
    /// [any]
    bool congested() const;

    using Figures = DirectoryFigures;
    Figures figures() const;  ///< [any]

    /// Of the channels whose home is that shard the `max` most active ones, in that order. [it]
    std::vector<ChannelDescription> busiest(std::size_t shard, std::size_t max) const;

    /// Writes checkpoints of what is behind, and trims logs, without waiting for the next one that
    /// is due. [control]
    void compact();

    /// Runs one commit, read or checkpoint that waits; false when none does. Only without threads.
    bool runBackground();

private:
    class State;
    std::unique_ptr<State> state_;
};

}  // namespace syncline::channel
