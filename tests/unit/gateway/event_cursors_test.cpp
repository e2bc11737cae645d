// SPDX-License-Identifier: Apache-2.0
#include "gateway/event_cursors.h"

#include <gtest/gtest.h>

#include "json/parse.h"
#include "json/write.h"

namespace syncline::gateway {
namespace {

EventCursors over(std::vector<std::string> channels) {
    std::vector<EventCursors::Place> places;
    for (std::string& channel : channels) places.push_back({std::move(channel), std::nullopt});
    return EventCursors(std::move(places));
}

void advance(EventCursors& cursors, const std::string& message) {
    cursors.advance(*json::parse(message));
}

TEST(EventCursorsTest, FollowsWhatTheClientIsSent) {
    EventCursors cursors = over({"a b", "c"});
    EXPECT_EQ(cursors.id(), "");
    struct Step {
        const char* message;
        const char* id;
    };
    const std::vector<Step> steps = {
        {R"({"type":"subscribed","channel":"a b","epoch":"e","seq":9,"mode":"snapshot"})", ""},
        {R"({"type":"snapshot","channel":"a b","epoch":"e","seq":7,"sum":"07","more":true})", ""},
        {R"({"type":"snapshot","channel":"a b","epoch":"e","seq":7,"sum":"07","more":false})",
         "a%20b:e:7:07"},
        {R"({"type":"live","channel":"a b","seq":7,"sum":"07"})", "a%20b:e:7:07"},
        {R"({"type":"update","channel":"a b","seq":8,"sum":"08"})", "a%20b:e:8:08"},
        {R"({"type":"update","channel":"stranger","seq":1,"sum":"01"})", "a%20b:e:8:08"},
        {R"({"type":"message","channel":"a b","data":{"seq":99}})", "a%20b:e:8:08"},
        {R"({"type":"records","channel":"a b","from":9,"seq":12,"sum":"12"})", "a%20b:e:12:12"},
        {R"({"type":"updates","channel":"c","epoch":"f","updates":[{"seq":1,"sum":"01"},
            {"seq":2,"sum":"02"}],"more":true})",
         "a%20b:e:12:12,c:f:2:02"},
        {R"({"type":"snapshot","channel":"a b","epoch":"g","seq":1,"sum":"11","more":false})",
         "a%20b:g:1:11,c:f:2:02"},
    };
    for (const Step& step : steps) {
        advance(cursors, step.message);
        EXPECT_EQ(cursors.id(), step.id) << step.message;
    }
}

TEST(EventCursorsTest, ComesBackFromItsId) {
    EventCursors sent = over({"a,b:c", "d"});
    advance(sent,
            R"({"type":"snapshot","channel":"a,b:c","epoch":"e","seq":7,"sum":"07","more":false})");
    EventCursors resumed = over({"d", "a,b:c"});
    ASSERT_TRUE(resumed.restore(sent.id()));
    EXPECT_EQ(json::toText(resumed.toResume()),
              R"([{"channel":"d"},{"channel":"a,b:c","epoch":"e","seq":7,"sum":"07"}])");
    EventCursors other = over({"d"});
    ASSERT_TRUE(other.restore(sent.id())) << "a channel that is not followed any more is left out";
    EXPECT_EQ(other.id(), "");
}

TEST(EventCursorsTest, RefusesWhatIsNoId) {
    for (const char* id : {"x", "a:e", "a:e:x:1", "a:e:-1:1", "a::1:1", "a%zz:e:1:1", ",",
                           "a:e:1:\"", "a:e:99999999999999999999999:1"}) {
        EXPECT_FALSE(over({"a"}).restore(id)) << id;
    }
    EXPECT_TRUE(over({"a"}).restore(""));
}

TEST(EventCursorsTest, ACursorOfTheQueryMayLeaveOutTheSum) {
    const auto whole = cursorFrom("e1:5:00ff");
    ASSERT_TRUE(whole);
    EXPECT_EQ(whole->epoch, "e1");
    EXPECT_EQ(whole->seq, 5U);
    EXPECT_EQ(whole->sum, "00ff");
    EXPECT_TRUE(cursorFrom("e1:5"));
    for (const char* text : {"", "e1", "e1:", ":5", "e1:5x", "e1:5:a b"}) {
        EXPECT_FALSE(cursorFrom(text)) << text;
    }
}

}  // namespace
}  // namespace syncline::gateway
