// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "channel/channel_state.h"
#include "channel/conflict_rules.h"
#include "channel/conflict_ruling.h"
#include "channel/effective_change.h"
#include "channel/op.h"
#include "core/error.h"

namespace syncline::channel {

struct SequencerLimits {
    std::size_t recordBytesMax = 1U << 20;
    std::size_t recordsMax = 100'000;
    std::size_t stampsMax = 1'000;
    std::size_t outcomesMax = 10'000;
    std::size_t outcomesBytesMax = 8U << 20;
    std::size_t keysMax = 100'000;
    std::int64_t streamAgeMsMax = 0;
};

/// Whose op it is.
struct Writer {
    StreamId stream;
    std::string_view user;
    std::string_view origin;
};

/// Where an op went.
struct Decision {
    enum class Kind {
        appended,  ///< it is the last entry in flight; its answer comes with the commit
        answered,  ///< `answer` is all there will be: a stored verdict, or an error that settles
                   ///< nothing
        waits,     ///< it repeats an op in flight: it is answered when that one is
    };
    Kind kind = Kind::appended;
    std::string answer;
};

/// Gives the ops of one channel their order and their outcome: numbers, bases, conflicts and limits
/// as the sync model has them. A pure function of a state and an op: no clock, no I/O, no threads.
/// Owned by the home of the channel. [its shard]
class Sequencer {
public:
    /// `rules` are borrowed.
    Sequencer(std::string channel, const SequencerLimits& limits,
              std::span<const ConflictRule> rules);

    /// `op` is taken from when it is applied. `nowMs`: Unix time.
    Decision sequence(ChannelState& state, Op& op, const Writer& writer, std::int64_t nowMs) const;

    const std::string& channel() const { return channel_; }
    const std::string& quotedChannel() const { return quotedChannel_; }

private:
    struct Work;

    std::optional<Decision> withoutNumber(const ChannelState& state, const Op& op,
                                          const Writer& writer, std::int64_t nowMs) const;
    Decision repeated(const ChannelState& state, const Op& op, const Writer& writer) const;
    Decision unsettled(const Op& op, const core::Error& error) const;

    std::optional<core::Error> judge(Work& work) const;
    std::optional<core::Error> change(Work& work) const;
    std::optional<core::Error> settle(Work& work, const Dispute& dispute) const;
    void apply(Work& work, EffectiveChange change, std::span<const Touch> touches) const;
    std::optional<core::Error> tooLarge(const Work& work, const EffectiveChange& change,
                                        std::size_t& bytesMax) const;
    std::vector<PathStamps::Hit> hits(const Work& work, std::span<const Touch> touches) const;

    const std::string channel_;
    const std::string quotedChannel_;
    const SequencerLimits limits_;
    const ConflictRules rules_;
};

}  // namespace syncline::channel
