// SPDX-License-Identifier: Apache-2.0
#include "channel/figures.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "channel/directory.h"
#include "json/write.h"
#include "unit/channel/world.h"

namespace syncline::channel {
namespace {

using syncline::tests::Client;
using syncline::tests::increment;
using syncline::tests::member;
using syncline::tests::parsed;
using syncline::tests::set;
using syncline::tests::World;

class RecordingSink final : public EventSink {
public:
    bool wants(EventKind kind) const override { return kind == only || only == EventKind::count_; }
    void take(EventKind kind, json::Value body) override {
        kinds.emplace_back(kEventNames[static_cast<std::size_t>(kind)]);
        bodies.push_back(json::toText(body));
    }

    EventKind only = EventKind::count_;
    std::vector<std::string> kinds;
    std::vector<std::string> bodies;
};

void submit(World& world, const std::string& user, const std::string& op,
            const std::string& channel = "c") {
    world.directory().submit(world.shard(), channel, parsed(op),
                             Author{user, user + "-client", user}, [](const std::string&) {});
    world.settle();
}

constexpr const char* kFirst = R"({"n":1,"key":"k","base":0,"kind":"set","value":{"a":1}})";

TEST(ChannelFigures, CountOpsByOutcomeAndCommitsBySizeAndTime) {
    World world;
    submit(world, "ann", kFirst);
    submit(world, "ann", kFirst);
    submit(world, "ann", R"({"n":3,"key":"k","base":0,"kind":"set","value":1})");
    submit(world, "ann", R"({"n":2,"kind":"void"})");
    const DirectoryFigures figures = world.directory().figures();
    EXPECT_EQ(figures.ops[static_cast<std::size_t>(Outcome::applied)], 1U);
    EXPECT_EQ(figures.ops[static_cast<std::size_t>(Outcome::voided)], 1U);
    EXPECT_EQ(figures.opsRepeated, 1U);
    EXPECT_EQ(figures.opsUnsettled, 1U);
    EXPECT_EQ(figures.opsApplied, 1U);
    EXPECT_EQ(figures.opsRefused, 1U);
    ASSERT_EQ(figures.storages.size(), 1U);
    EXPECT_EQ(figures.storages[0].name, "main");
    EXPECT_EQ(figures.storages[0].groupOps.counts[0], 2U) << "two commits of one op each";
    EXPECT_EQ(figures.storages[0].groupOps.sum, 2U);
    EXPECT_GT(figures.storages[0].groupBytes, 100U);
    EXPECT_EQ(figures.commits, 2U);
}

TEST(ChannelFigures, AddUpOpsCommitsAndChannels) {
    World world;
    Client ann(world, "ann");
    ann.send(set("a", "1"));
    ann.send(increment("a", "/x", 1));
    const Directory::Figures figures = world.directory().figures();
    EXPECT_EQ(figures.opsApplied, 1U);
    EXPECT_EQ(figures.opsRefused, 1U);
    EXPECT_EQ(figures.commits, 2U);
    EXPECT_EQ(figures.channels, 1U);
    EXPECT_EQ(figures.queuedOps, 0U);
}

TEST(ChannelFigures, TheBusiestChannelsComeFirstAndActivityFades) {
    World world;
    submit(world, "ann", kFirst, "quiet");
    submit(world, "ann", kFirst, "busy");
    submit(world, "bob", kFirst, "busy");
    auto found = world.directory().busiest(0, 1);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].name, "busy");
    EXPECT_EQ(found[0].records, 1U);
    EXPECT_DOUBLE_EQ(found[0].opsPerMinute, 2);
    world.clock.advanceMs(60'000);
    found = world.directory().busiest(0, 10);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_DOUBLE_EQ(found[0].opsPerMinute, 1);
}

TEST(ChannelEvents, TellWhatWasCommittedAsSubscribersGetIt) {
    World world;
    RecordingSink sink;
    world.settings.events = {&sink};
    submit(world, "ann", kFirst);
    ASSERT_EQ(sink.kinds, std::vector<std::string>{"committed"});
    EXPECT_EQ(member(sink.bodies[0], "key"), "k");
    EXPECT_EQ(member(sink.bodies[0], "seq"), "1");
    EXPECT_EQ(member(sink.bodies[0], "by"), "ann");
    EXPECT_EQ(member(sink.bodies[0], "value"), R"({"a":1})");
}

TEST(ChannelEvents, SayNothingOfWhatTookNoEffectOrIsNotWanted) {
    World world;
    RecordingSink sink;
    world.settings.events = {&sink};
    submit(world, "ann", R"({"n":1,"kind":"void"})");
    EXPECT_TRUE(sink.kinds.empty());
    sink.only = EventKind::conflict;
    submit(world, "ann", R"({"n":2,"key":"k","kind":"set","value":1})");
    EXPECT_TRUE(sink.kinds.empty());
}

TEST(ChannelEvents, AreToldBehindTheCommitAlone) {
    World world;
    RecordingSink sink;
    world.settings.events = {&sink};
    world.holdCommits = true;
    submit(world, "ann", kFirst);
    EXPECT_TRUE(sink.kinds.empty());
    world.holdCommits = false;
    world.settle();
    EXPECT_EQ(sink.kinds.size(), 1U);
}

}  // namespace
}  // namespace syncline::channel
