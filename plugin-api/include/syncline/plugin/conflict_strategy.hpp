// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <syncline/plugin/component.hpp>
#include <utility>

namespace syncline {

/// One path that the incoming op touches. Missing values: absent at that path.
struct Path {
    std::string_view path;  ///< RFC 6901; "" is the record
    Value base;
    Value current;
    Value incoming;          ///< after the op alone; missing: the op removes it
    std::uint64_t stampSeq;  ///< when another stream last changed it; 0: no stamp
    bool conflicts = false;  ///< another stream changed it since the op's base
};

/// A hybrid logical clock: Unix milliseconds, and a counter for what happened within one.
struct Hlc {
    std::int64_t ms = 0;
    std::uint32_t counter = 0;
};

/// What a path of the record was once stamped with: Verdicts::stamp().
struct PathClock {
    std::string_view path;
    Hlc time;
    int author = 0;         ///< its client sorts before (-1) or behind (1) the op's, or is it (0)
    bool commutes = false;  ///< left by an op of a kind that commutes with this one
};

/// What a strategy is asked. Borrowed for the call.
class Conflict {
public:
    Conflict(const Host& host, const syncline_conflict* conflict) noexcept
        : host_(host), conflict_(*conflict) {}

    std::string_view channel() const noexcept { return detail::toView(conflict_.channel); }
    std::string_view key() const noexcept { return detail::toView(conflict_.key); }
    std::string_view kind() const noexcept { return detail::toView(conflict_.kind); }
    bool baseKnown() const noexcept { return conflict_.base_known != 0; }
    Value base() const { return host_.value(conflict_.base); }
    Value current() const { return host_.value(conflict_.current); }
    /// The argument of the op; missing for a delete.
    Value incoming() const { return host_.value(conflict_.incoming); }
    std::string_view by() const noexcept { return detail::toView(conflict_.by); }
    /// The user who last changed the record.
    std::string_view theirBy() const noexcept { return detail::toView(conflict_.their_by); }
    /// Sequencing time, Unix.
    std::int64_t nowMs() const noexcept { return conflict_.now_ms; }
    /// The author's clock, `[ms, counter]`; missing when it was not sent.
    Value hlc() const { return host_.value(conflict_.hlc); }
    /// False: the op has no base, and no path conflicts.
    bool hasBase() const noexcept { return conflict_.has_base != 0; }
    std::uint64_t baseSeq() const noexcept { return conflict_.base_seq; }
    /// The record's; 0: there never was one.
    std::uint64_t version() const noexcept { return conflict_.version; }
    /// Of a patch, for strategies that are always asked: the first step that cannot be applied to
    /// what is there, the number of steps when none alone is at fault, -1 when all can.
    int misfitStep() const noexcept { return conflict_.misfit_step; }

    std::size_t pathClockCount() const noexcept { return conflict_.clock_count; }
    PathClock pathClock(std::size_t index) const {
        const syncline_clock& clock = *detail::elementAt(conflict_.clocks, index);
        return {detail::toView(clock.path),
                {clock.ms, clock.counter},
                clock.author,
                clock.commutes != 0};
    }

    std::size_t pathCount() const noexcept { return conflict_.path_count; }
    Path path(std::size_t index) const {
        const syncline_path& path = *detail::elementAt(conflict_.paths, index);
        return {detail::toView(path.path),  host_.value(path.base), host_.value(path.current),
                host_.value(path.incoming), path.stamp_seq,         path.conflicts != 0};
    }

private:
    const Host& host_;
    const syncline_conflict& conflict_;
};

/// Takes exactly one verdict for each path of the conflict.
class Verdicts {
public:
    Verdicts(const Host& host, const syncline_verdicts* verdicts) noexcept
        : host_(host), verdicts_(verdicts) {}

    /// The server's value stands at this path.
    void keep(std::size_t path) { give(path, SYNCLINE_KEEP); }
    /// The incoming value stands at this path.
    void take(std::size_t path) { give(path, SYNCLINE_TAKE); }
    /// This value stands at this path; it is copied.
    void put(std::size_t path, const Value& value) { give(path, SYNCLINE_PUT, value.handle()); }
    /// The value that `build(Builder&)` builds stands at this path.
    template <class Build, class = std::enable_if_t<std::is_invocable_v<Build, Builder&>>>
    void put(std::size_t path, Build&& build) {
        Builder builder = host_.builder(verdicts_->builder(verdicts_));
        std::forward<Build>(build)(builder);
        put(path, builder.result());
    }
    /// The whole op is refused by a rule.
    void refuseOp(std::size_t path) { give(path, SYNCLINE_REFUSE_OP); }
    /// The same with a sentence for people, and what `build(Builder&)` builds, an object, as
    /// members of the error's detail.
    template <class Build>
    void refuseOp(std::size_t path, std::string_view reason, Build&& build) {
        Builder builder = host_.builder(verdicts_->builder(verdicts_));
        std::forward<Build>(build)(builder);
        verdicts_->refuse(verdicts_, path, detail::toText(reason), builder.result().handle());
    }
    void refuseOp(std::size_t path, std::string_view reason) {
        verdicts_->refuse(verdicts_, path, detail::toText(reason), nullptr);
    }
    /// An insert or a move stands, behind the element with that id; a JSON null is the front.
    void takeBehind(std::size_t path, const Value& element) {
        verdicts_->take_behind(verdicts_, path, element.handle());
    }
    /// The incoming value stands, and a record that was deleted is what the op makes of its base.
    void revive(std::size_t path) { verdicts_->revive(verdicts_, path); }
    /// What the op writes counts as written then. Once, beside the verdicts.
    void stamp(const Hlc& time) { verdicts_->stamp(verdicts_, time.ms, time.counter); }
    /// The whole op is a conflict: the server's value stands, both are shown.
    void conflict(std::size_t path) { give(path, SYNCLINE_CONFLICT); }
    /// The same, and it is kept as a record until somebody resolves it: `build(Builder&)` builds an
    /// object, {"expireMs"?,"then"?}: after that long it is resolved to "mine" or "theirs".
    template <class Build, class = std::enable_if_t<std::is_invocable_v<Build, Builder&>>>
    void conflict(std::size_t path, Build&& build) {
        Builder builder = host_.builder(verdicts_->builder(verdicts_));
        std::forward<Build>(build)(builder);
        give(path, SYNCLINE_CONFLICT, builder.result().handle());
    }
    /// Asks the strategy that the configuration names under `otherwise`.
    void otherwise(std::size_t path) { verdicts_->otherwise(verdicts_, path); }

    /// What that strategy says about one place at or beneath the path, for what is put together.
    struct PlaceVerdict {
        syncline_verdict verdict;
        Value value;  ///< with SYNCLINE_PUT; valid until decide() returns
    };
    PlaceVerdict otherwise(std::size_t path, const Path& place) {
        const syncline_path asked = {sizeof(syncline_path),    detail::toText(place.path),
                                     place.base.handle(),      place.current.handle(),
                                     place.incoming.handle(),  place.stampSeq,
                                     place.conflicts ? 1U : 0U};
        const syncline_value* value = nullptr;
        const auto verdict = verdicts_->otherwise_at(verdicts_, path, &asked, &value);
        return {verdict, host_.value(value)};
    }
    /// Passes on what otherwise() said about a place of it: SYNCLINE_REFUSE_OP or
    /// SYNCLINE_CONFLICT.
    void stop(std::size_t path, syncline_verdict verdict) { give(path, verdict); }

private:
    void give(std::size_t path, syncline_verdict verdict, const syncline_value* value = nullptr) {
        verdicts_->give(verdicts_, path, verdict, value);
    }

    const Host& host_;
    const syncline_verdicts* verdicts_;
};

/// Decides what concurrent changes of the same paths come to: a pure function of the conflict,
/// without I/O, clock or randomness. [shard]
class ConflictStrategy : public Component {
public:
    virtual void decide(const Conflict& conflict, Verdicts& verdicts) = 0;
};

namespace detail {

inline syncline_status decide(void* self, const syncline_conflict* conflict,
                              const syncline_verdicts* verdicts, syncline_error* error) noexcept {
    return guarded(error, [&] {
        auto& strategy = instance<ConflictStrategy>(self);
        Verdicts answers(strategy.host(), verdicts);
        strategy.decide(Conflict(strategy.host(), conflict), answers);
    });
}

inline constexpr syncline_conflict_strategy conflictFunctions = {sizeof(syncline_conflict_strategy),
                                                                 &decide};

}  // namespace detail
}  // namespace syncline
