// SPDX-License-Identifier: Apache-2.0
#include "channel/path_stamps.h"

#include <gtest/gtest.h>

#include <array>

namespace syncline::channel {
namespace {

constexpr StreamId kAnn{1, 1};
constexpr StreamId kBob{2, 2};
constexpr StreamId kCid{3, 3};
constexpr auto kWrite = StampClass::write;
constexpr auto kCount = StampClass::count;
constexpr std::size_t kMany = 1'000;

std::uint64_t hit(const PathStamps& stamps, std::string_view path, StampClass stampClass,
                  const StreamId& stream, std::uint64_t base) {
    return stamps.conflict(path, stampClass, stream, base).seq;
}

TEST(PathStamps, ConflictOnEqualAncestorAndDescendantPaths) {
    PathStamps stamps;
    stamps.mark("/a/b", kWrite, 5, kAnn, kMany);
    EXPECT_EQ(hit(stamps, "/a/b", kWrite, kBob, 4), 5U);
    EXPECT_EQ(hit(stamps, "/a", kWrite, kBob, 4), 5U);
    EXPECT_EQ(hit(stamps, "", kWrite, kBob, 4), 5U);
    EXPECT_EQ(hit(stamps, "/a/b/c", kWrite, kBob, 4), 5U);
    EXPECT_EQ(hit(stamps, "/a/bc", kWrite, kBob, 4), 0U);
    EXPECT_EQ(hit(stamps, "/a/c", kWrite, kBob, 4), 0U);
    EXPECT_EQ(hit(stamps, "/a/b", kWrite, kBob, 5), 0U) << "the base has it";
    EXPECT_EQ(hit(stamps, "/a/b", kWrite, kAnn, 4), 0U) << "one's own";
    EXPECT_EQ(stamps.conflict("/a/b", kWrite, kBob, 4).stream, kAnn);
}

TEST(PathStamps, OneClassCommutesUnlessItIsWrite) {
    PathStamps stamps;
    stamps.mark("/n", kCount, 5, kAnn, kMany);
    EXPECT_EQ(hit(stamps, "/n", kCount, kBob, 4), 0U);
    EXPECT_EQ(hit(stamps, "/n", kWrite, kBob, 4), 5U);
    stamps.mark("/m", kWrite, 6, kAnn, kMany);
    EXPECT_EQ(hit(stamps, "/m", kCount, kBob, 4), 6U);
}

TEST(PathStamps, TwoClassesMeetWhicheverTheyAre) {
    const std::array classes = {StampClass::write, StampClass::count, StampClass::setElement,
                                StampClass::listElement};
    for (const StampClass marked : classes)
        for (const StampClass asked : classes) {
            PathStamps stamps;
            stamps.mark("/p", marked, 5, kAnn, kMany);
            const bool commute = marked == asked && asked != StampClass::write &&
                                 asked != StampClass::listElement;  // one and the same element
            EXPECT_EQ(hit(stamps, "/p", asked, kBob, 4), commute ? 0U : 5U)
                << static_cast<int>(marked) << " " << static_cast<int>(asked);
            EXPECT_EQ(hit(stamps, "/p", asked, kAnn, 4), 0U) << "never with oneself";
        }
}

TEST(PathStamps, OfCommutingOpsEveryStreamSeesTheOthers) {
    PathStamps stamps;
    stamps.mark("/n", kCount, 5, kAnn, kMany);
    stamps.mark("/n", kCount, 6, kBob, kMany);
    stamps.mark("/n", kCount, 7, kBob, kMany);
    EXPECT_EQ(hit(stamps, "/n", kWrite, kBob, 4), 5U) << "Ann's increment";
    EXPECT_EQ(hit(stamps, "/n", kWrite, kBob, 5), 0U);
    EXPECT_EQ(hit(stamps, "/n", kWrite, kAnn, 5), 7U);
    EXPECT_EQ(hit(stamps, "/n", kWrite, kCid, 6), 7U);
}

TEST(PathStamps, AWriteDropsTheStampsBeneathIt) {
    PathStamps stamps;
    for (const char* path : {"/a", "/a/b", "/a/b/c", "/a!", "/ab", "/b"})
        stamps.mark(path, kWrite, 5, kAnn, kMany);
    stamps.mark("/a/n", kCount, 5, kAnn, kMany);
    stamps.mark("/a", kWrite, 6, kBob, kMany);
    std::vector<std::string> paths;
    for (const PathStamps::Stamp& stamp : stamps.all()) paths.push_back(stamp.path);
    EXPECT_EQ(paths, (std::vector<std::string>{"/a", "/a!", "/ab", "/b"}));
    EXPECT_EQ(hit(stamps, "/a/b", kWrite, kAnn, 5), 6U);
    stamps.mark("", kWrite, 7, kAnn, kMany);
    EXPECT_EQ(stamps.all().size(), 1U);
}

TEST(PathStamps, AWriteWithAClockLeavesWhatIsLaterBeneathIt) {
    PathStamps stamps;
    const StreamId low{0, 1};
    const StreamId high{0, 2};
    stamps.mark("/a/early", StampClass::write, 1, high, 100, Hlc{10, 0});
    stamps.mark("/a/late", StampClass::write, 2, low, 100, Hlc{30, 0});
    stamps.mark("/a/tied", StampClass::write, 3, high, 100, Hlc{20, 1});
    stamps.mark("/a/plain", StampClass::write, 4, high, 100);
    stamps.mark("/a", StampClass::write, 5, low, 100, Hlc{20, 1});
    std::vector<std::string> paths;
    for (const PathStamps::Stamp& stamp : stamps.all()) paths.push_back(stamp.path);
    EXPECT_EQ(paths, (std::vector<std::string>{"/a", "/a/late", "/a/tied"}));
    stamps.mark("/a", StampClass::write, 6, low, 100);
    EXPECT_EQ(stamps.all().size(), 1U) << "without a clock everything beneath goes";
}

TEST(PathStamps, OneOfEachClassIsKeptHoweverLowTheLimitIs) {
    for (const std::size_t limit : {0U, 1U, 3U}) {
        PathStamps stamps;
        stamps.mark("/x", StampClass::listElement, 1, kAnn, limit);
        stamps.mark("/x", StampClass::setElement, 2, kAnn, limit);
        stamps.mark("/x", StampClass::count, 3, kAnn, limit);
        stamps.mark("/y", kWrite, 4, kAnn, limit);
        EXPECT_EQ(stamps.all().size(), 4U) << limit;
        EXPECT_EQ(stamps.all().back().path, "") << limit;
    }
}

TEST(PathStamps, BeyondTheLimitCollapseIntoTheirParentAsAnothers) {
    PathStamps stamps;
    for (int i = 0; i < 10; ++i)
        stamps.mark("/big/" + std::to_string(i), kWrite, 5 + static_cast<unsigned>(i), kAnn, 10);
    stamps.mark("/small", kWrite, 20, kAnn, 10);
    ASSERT_EQ(stamps.all().size(), 2U);
    EXPECT_EQ(stamps.all()[0].path, "/big");
    EXPECT_EQ(stamps.all()[0].seq, 14U);
    EXPECT_EQ(hit(stamps, "/big/3", kWrite, kAnn, 4), 14U) << "even one's own";
    EXPECT_EQ(hit(stamps, "/small", kWrite, kAnn, 4), 0U);
    EXPECT_EQ(hit(stamps, "/big/3", kWrite, kAnn, 14), 0U);
}

}  // namespace
}  // namespace syncline::channel
