// SPDX-License-Identifier: Apache-2.0
// The broker of a server that is alone: it tells nobody, and counts.
#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "syncline/testing/instance.h"
#include "syncline/testing/plugin_library.h"

namespace syncline::tests {
namespace {

using conformance::Instance;
using conformance::Json;
using conformance::LentText;
using conformance::PluginLibrary;
using Counters = std::vector<std::pair<std::string, std::uint64_t>>;

class LocalBroker : public testing::Test {
protected:
    std::unique_ptr<Instance> live(std::optional<std::set<std::string>> offered = std::nullopt) {
        auto life = std::make_unique<Instance>(library.component("local"), std::move(offered));
        EXPECT_TRUE(life->live(Json::Object(), 2).ok());
        return life;
    }
    static void announce(Instance& life, const char* channel, std::uint64_t seq,
                         std::uint32_t shard = 0) {
        const LentText name(channel);
        const LentText epoch("epoch-1");
        life.functions<syncline_broker>().announce(life.self(), life.shard(shard), name.view(),
                                                   epoch.view(), seq);
    }
    static void interest(Instance& life, const char* channel, bool wanted) {
        const LentText name(channel);
        life.functions<syncline_broker>().interest(life.self(), life.shard(0), name.view(),
                                                   wanted ? 1 : 0);
    }

    const PluginLibrary library{PLUGIN_LOCAL};
};

TEST_F(LocalBroker, CountsFromItsFirstMomentOn) {
    EXPECT_EQ(live()->host().counters(), (Counters{{"announcements", 0}, {"interests", 0}}));
}

TEST_F(LocalBroker, CountsEveryAnnouncementOfEveryShard) {
    const auto life = live();
    announce(*life, "room", 1);
    announce(*life, "room", 1);
    announce(*life, "hall", 7, 1);
    EXPECT_EQ(life->host().counters(), (Counters{{"announcements", 3}, {"interests", 0}}));
}

TEST_F(LocalBroker, CountsTheInterestThatIsTakenAndNotWhatIsGivenUp) {
    const auto life = live();
    interest(*life, "room", true);
    interest(*life, "room", false);
    interest(*life, "hall", true);
    EXPECT_EQ(life->host().counters(), (Counters{{"announcements", 0}, {"interests", 2}}));
}

TEST_F(LocalBroker, WorksWhereNobodyCounts) {
    const auto life = live(tablesNeeded(*componentIn(library.manifest(), "local")));
    announce(*life, "room", 1);
    interest(*life, "room", true);
    EXPECT_TRUE(life->host().counters().empty());
}

TEST_F(LocalBroker, SaysNothingToTheLog) {
    const auto life = live();
    announce(*life, "room", 1);
    interest(*life, "room", true);
    life->end();
    EXPECT_TRUE(life->host().lines().empty());
}

}  // namespace
}  // namespace syncline::tests
