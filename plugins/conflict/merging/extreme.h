// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>
#include <syncline/plugin.hpp>

namespace syncline::merging {

/// Of two values one stands, whoever came first: numbers by size, texts by their bytes, objects
/// member by member. What else differs is refused, and so is a removal unless it is allowed.
template <bool kLarger>
class Extreme final : public ConflictStrategy {
public:
    void configure(const Value& config) override {
        mayRemove_ = config["removal"].string() == "allow";
    }

    void decide(const Conflict& conflict, Verdicts& verdicts) override {
        for (std::size_t i = 0; i < conflict.pathCount(); ++i) {
            const Path path = conflict.path(i);
            if (path.current == path.incoming) {
                verdicts.take(i);
                continue;
            }
            const Sides sides = {path.base, path.current, path.incoming, conflict.baseKnown()};
            switch (compare(sides)) {
                case Stands::current:
                    verdicts.keep(i);
                    break;
                case Stands::incoming:
                    verdicts.take(i);
                    break;
                case Stands::members:
                    verdicts.put(i, [&](Builder& out) { write(sides, out); });
                    break;
                case Stands::neither:
                    verdicts.refuseOp(i, path.incoming.exists()
                                             ? "these values have no order"
                                             : "what is there is not to be removed");
                    break;
            }
        }
    }

private:
    struct Sides {
        Value base;
        Value current;
        Value incoming;
        bool baseKnown = false;

        Sides member(std::string_view name) const {
            return {base[name], current[name], incoming[name], baseKnown};
        }
    };
    enum class Stands { current, incoming, members, neither };

    template <class Ordered>
    static Stands larger(const Ordered& current, const Ordered& incoming) {
        return (kLarger ? current < incoming : incoming < current) ? Stands::incoming
                                                                   : Stands::current;
    }

    Stands compare(const Sides& sides) const {
        const auto& [base, current, incoming, baseKnown] = sides;
        if (current == incoming) return Stands::current;
        if (!current.exists()) return Stands::incoming;
        if (!incoming.exists()) return mayRemove_ ? Stands::incoming : Stands::neither;
        if (current.isNumber() && incoming.isNumber())
            return larger(current.number(), incoming.number());
        if (current.isString() && incoming.isString())
            return larger(current.string(), incoming.string());
        if (!current.isObject() || !incoming.isObject()) return Stands::neither;
        for (const auto [name, value] : current.members())
            if (compareMember(sides.member(name)) == Stands::neither) return Stands::neither;
        return Stands::members;
    }

    // A member that the author never saw is not removed by a value without it.
    Stands compareMember(const Sides& sides) const {
        const bool isNew = sides.baseKnown && !sides.base.exists();
        if (isNew && !sides.incoming.exists()) return Stands::current;
        return compare(sides);
    }

    void write(const Sides& sides, Builder& out) const {
        out.object([&](Builder& members) {
            for (const auto [name, value] : sides.current.members()) {
                const Sides member = sides.member(name);
                const Stands stands = compareMember(member);
                if (stands == Stands::incoming && !member.incoming.exists()) continue;
                members.key(name);
                if (stands == Stands::members)
                    write(member, members);
                else
                    members.add(stands == Stands::incoming ? member.incoming : value);
            }
            for (const auto [name, value] : sides.incoming.members())
                if (!sides.current.contains(name)) members.key(name).add(value);
        });
    }

    bool mayRemove_ = false;
};

}  // namespace syncline::merging
