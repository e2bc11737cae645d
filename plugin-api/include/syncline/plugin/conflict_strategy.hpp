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
    Value hlc() const { return host_.value(conflict_.hlc); }

    std::size_t pathCount() const noexcept { return conflict_.path_count; }
    Path path(std::size_t index) const {
        const syncline_path& path = *detail::elementAt(conflict_.paths, index);
        return {detail::toView(path.path), host_.value(path.base), host_.value(path.current),
                host_.value(path.incoming), path.stamp_seq};
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
        const syncline_path asked = {sizeof(syncline_path),   detail::toText(place.path),
                                     place.base.handle(),     place.current.handle(),
                                     place.incoming.handle(), place.stampSeq};
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
