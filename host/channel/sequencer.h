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
#include "channel/patching.h"
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
    std::size_t patchStepsMax = 1'000;
    std::size_t batchBytesMax = 512U << 10;  ///< written and overwritten by one atomic batch
    std::size_t depthMax = 64;               ///< of a record, by ops that reach into it
    std::size_t conflictsMax = 1'000;        ///< open ones that are kept
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
        appended,  ///< its entry is in flight, the last one but for a conflict's record; its answer
                   ///< comes with the commit
        answered,  ///< `answer` is all there will be: a stored verdict, or an error that settles
                   ///< nothing
        waits,     ///< it repeats an op in flight: it is answered when that one is
    };
    Kind kind = Kind::appended;
    std::string answer;
    bool repeats = false;  ///< the answer is a stored verdict
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

    /// Resolves a conflict that has expired, as its record says, by an entry without a stream.
    /// False, and nothing happens, for one that is not open any more or may stay.
    bool expire(ChannelState& state, const std::string& key, std::int64_t nowMs) const;

    /// Whether a client that gave its first number at `bornMs` (0: not said) can be known no more:
    /// its stream is not there, and may have been forgotten for its age. The error says from when
    /// on a new client is known to be new: clocks go back, what is forgotten stays so.
    std::optional<core::Error> forgotten(const ChannelState& state, const StreamId& stream,
                                         std::int64_t bornMs, std::int64_t nowMs) const;

    const std::string& channel() const { return channel_; }
    const std::string& quotedChannel() const { return quotedChannel_; }

private:
    struct Work;

    std::optional<Decision> withoutNumber(const ChannelState& state, const Op& op,
                                          const Writer& writer, std::int64_t nowMs) const;
    Decision repeated(const ChannelState& state, const Op& op, const Writer& writer) const;
    Decision unsettled(const Op& op, const core::Error& error) const;

    static void reject(Work& work, core::Error error);

    // sequencer.cpp: what consumes the number
    std::optional<core::Error> judge(Work& work) const;
    std::optional<core::Error> judgeBatch(Work& work) const;
    void closeEntry(Work& work) const;

    // sequencer_resolving.cpp: conflicts that are kept, and what becomes of them
    void appendWithConflict(Work& work) const;
    static void openServerEntry(Work& work, std::int64_t nowMs);
    std::optional<core::Error> judgeResolution(Work& work) const;
    std::optional<core::Error> resolve(Work& work, const json::Value& conflict) const;
    static core::Result<std::vector<Change>> chosenChanges(const Op& op,
                                                           const json::Value& conflict);
    void endConflict(Work& work) const;

    // sequencer_change.cpp: one change of one record
    std::optional<core::Error> change(Work& work) const;
    std::vector<Touch> touches(const Work& work) const;
    std::optional<core::Error> settle(Work& work, const Dispute& dispute) const;
    void follow(Work& work, const Dispute& dispute, BaseValue& base, MineValue& mine,
                Ruling ruling) const;
    void applyPlain(Work& work, const Dispute& dispute, BaseValue& base, MineValue& mine,
                    const std::optional<Hlc>& clock) const;
    void applyRuling(Work& work, const Dispute& dispute, BaseValue& base, MineValue& mine,
                     Ruling ruling) const;
    void conflict(Work& work, const Dispute& dispute, BaseValue& base, MineValue& mine,
                  const std::vector<std::string>& paths, json::Value kept = {}) const;
    EffectiveChange asSubmitted(Work& work) const;
    std::optional<core::Error> misfit(const Work& work, EffectiveChange& change) const;
    void apply(Work& work, EffectiveChange change, std::span<const Touch> touches) const;
    void write(Work& work, EffectiveChange change, std::span<const Touch> touches) const;
    std::optional<core::Error> tooLarge(const Work& work, EffectiveChange& change) const;
    std::vector<PathStamps::Hit> hits(const Work& work, std::span<const Touch> touches) const;

    const std::string channel_;
    const std::string quotedChannel_;
    const SequencerLimits limits_;
    const PatchBounds bounds_;
    const ConflictRules rules_;
};

}  // namespace syncline::channel
