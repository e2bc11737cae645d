// SPDX-License-Identifier: Apache-2.0
#include "gateway/event_encoder.h"

#include <gtest/gtest.h>

#include "wire/frame.h"

namespace syncline::gateway {
namespace {

EventCursors at(std::vector<std::string> channels, std::uint64_t seq) {
    std::vector<EventCursors::Place> places;
    for (std::string& channel : channels) {
        places.push_back({std::move(channel), channel::Cursor{"e", seq, "00"}});
    }
    return EventCursors(std::move(places));
}

core::SharedBytes updates(std::uint64_t first, std::uint64_t last) {
    std::string frames;
    for (std::uint64_t seq = first; seq <= last; ++seq) {
        wire::appendFrame(frames, wire::Opcode::text,
                          R"({"type":"update","channel":"c","seq":)" + std::to_string(seq) +
                              R"(,"sum":"0)" + std::to_string(seq) + R"("})");
    }
    return core::share(std::move(frames));
}

TEST(EventEncoderTest, EveryMessageIsAnEventWithThePlaceAfterIt) {
    EventEncoder encoder;
    EventCursors cursors = at({"c"}, 0);
    EXPECT_EQ(*encoder.encode(updates(1, 2), cursors),
              "id: c:e:1:01\ndata: {\"type\":\"update\",\"channel\":\"c\",\"seq\":1,\"sum\":\"01\"}"
              "\n\nid: c:e:2:02\ndata: {\"type\":\"update\",\"channel\":\"c\",\"seq\":2,\"sum\":"
              "\"02\"}\n\n");
    EXPECT_EQ(cursors.id(), "c:e:2:02");
}

TEST(EventEncoderTest, TurnsOnceForAllThatFollowTheSame) {
    EventEncoder encoder;
    const core::SharedBytes frames = updates(1, 3);
    EventCursors one = at({"c"}, 0);
    EventCursors two = at({"c"}, 0);
    const core::SharedBytes first = encoder.encode(frames, one);
    EXPECT_EQ(encoder.encode(frames, two), first) << "the very same bytes";
    EXPECT_EQ(two.id(), one.id());
}

TEST(EventEncoderTest, WhoStandsElsewhereGetsIdsOfTheirOwn) {
    EventEncoder encoder;
    const core::SharedBytes frames = updates(1, 1);
    EventCursors alone = at({"c"}, 0);
    EventCursors both = at({"c", "d"}, 0);
    encoder.encode(frames, alone);
    const core::SharedBytes events = encoder.encode(frames, both);
    EXPECT_TRUE(events->starts_with("id: c:e:1:01,d:e:0:00\n")) << *events;
}

}  // namespace
}  // namespace syncline::gateway
