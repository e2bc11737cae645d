// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "channel/entry_codec.h"
#include "unit/channel/judge.h"

namespace syncline::tests {

/// A channel in which every conflict is kept; `how` is what the strategy says of that.
struct Kept {
    explicit Kept(std::string how = "{}") : judge(channel::Verdict::conflict) {
        judge.each = [how](const channel::TouchedPath&) {
            return channel::PathVerdict{channel::Verdict::conflict, parsed(how), {}};
        };
        world.settings.conflicts.push_back({"", "", "", &judge});
    }

    /// Ann and bob change /x of the same version; bob is second.
    std::string collide() {
        ann.send(set("a", R"({"x":1,"y":1})"));
        ann.send(merge("a", R"({"x":2,"y":2})"));
        return bob.send(merge("a", R"({"x":3})", base(1)));
    }

    std::string record(const std::string& id) { return ann.value("$conflict/" + id); }

    /// The keys of those that are open.
    std::vector<std::string> open() {
        std::vector<std::string> keys;
        channel::Selection wanted;
        wanted.prefix = "$conflict/";
        world.directory().snapshot(
            world.shard(), "room", std::move(wanted), ann.author,
            [&keys](std::vector<std::string> bodies) {
                for (const std::string& body : bodies) {
                    const json::Value snapshot = parsed(body);
                    for (const json::Value& record : snapshot.find("records")->elements())
                        keys.emplace_back(record.find("key")->asString());
                }
            });
        world.settle();
        return keys;
    }

    void pass(std::int64_t ms) {
        world.clock.advanceMs(ms);
        world.settle();
    }

    Judge judge;
    World world;
    Client ann{world, "ann"};
    Client bob{world, "bob"};
};

inline std::string resolution(const std::string& id, const std::string& how,
                              const std::string& more = {}) {
    return R"("conflict":")" + id + R"(","key":"a",)" + how + more;
}
inline const std::string kMine = R"("take":"mine")";
inline const std::string kTheirs = R"("take":"theirs")";

/// Another node sets the record "n" behind what is in the storage.
inline void appendElsewhere(World& world, std::uint64_t seq) {
    const auto log = world.storage.log("room");
    const core::Result<channel::Entry> last = channel::decodeEntry(log.back());
    channel::Entry other;
    other.index = log.back().index + 1;
    other.seq = seq;
    other.atMs = 5;
    other.by = "node";
    other.verdict = {channel::Outcome::applied, 1, seq, "n", {}};
    other.effects.emplace_back().key = "n";
    other.effects[0].arguments = R"("value":1)";
    other.sum = channel::chainSum(other, last->sum);
    channel::StoredEntry stored{other.index, seq, 5, {}};
    channel::encodeEntry(other, stored.body);
    world.storage.appendElsewhere("room", std::move(stored));
}

}  // namespace syncline::tests
