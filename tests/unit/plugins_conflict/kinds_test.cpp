// SPDX-License-Identifier: Apache-2.0
// What every kind of op, and an atomic batch, comes to under every strategy when it meets
// another's.
#include <array>

#include "unit/plugins_conflict/choices.h"
#include "unit/plugins_conflict/script.h"

namespace syncline::tests {
namespace {

/// Ann's op, made at version 1, and what Bob did since.
struct Meeting {
    const char* bobs;
    const char* anns;
};

constexpr const char* kRecord =
    R"(set {"n":5,"s":"t","tags":["x"],"rows":[{"id":"a"},{"id":"b"}]})";

const std::vector<Meeting> kMeetings = {
    // One class, `write`: every kind that replaces values meets every other.
    {R"(merge {"n":6})", R"(set {"n":7})"},
    {R"(merge {"n":6})", R"(merge {"n":7})"},
    {R"(merge {"n":6})", R"(patch [{"op":"replace","path":"/n","value":7}])"},
    {R"(merge {"n":6})", "delete"},
    {"delete", R"(merge {"n":7})"},
    // Apart from each other nothing meets.
    {R"(merge {"s":"u"})", R"(merge {"n":7})"},
    // Increments commute with each other, not with a write.
    {"increment /n 1", "increment /n 2"},
    {R"(merge {"n":6})", "increment /n 2"},
    {"increment /n 1", R"(merge {"n":7})"},
    // So do elements of a set,
    {R"(add /tags "y")", R"(add /tags "z")"},
    {R"(merge {"tags":["y"]})", R"(add /tags "z")"},
    {R"(add /tags "y")", R"(remove /tags "x")"},
    // and different elements of a list, but not the same one.
    {"insert /rows c {}", "insert /rows d {}"},
    {"insert /rows c {}", R"(insert /rows c {"v":1})"},
    {"move /rows a b", "move /rows a b"},
    {"move /rows a b", "erase /rows a"},
    {"erase /rows a", "move /rows a b"},
    {R"(merge {"rows":[]})", "insert /rows d {}"},
};

constexpr const char* kBatch = R"([{"key":"k","base":1,"kind":"merge","value":{"s":"v"}},)"
                               R"({"key":"k","base":1,"kind":"increment","path":"/n","by":1},)"
                               R"({"key":"k","base":1,"kind":"merge","value":{"new":1}}])";

/// a: applied, m: merged, c: conflict, k: one that is kept, r: refused by the rule, -: refused for
/// itself.
char letter(const std::string& told) {
    if (told.starts_with("1212")) return 'r';
    return told[0] >= '0' && told[0] <= '9' ? '-' : told[0];
}

std::string row(const StrategyChoice& choice) {
    std::string letters;
    for (std::size_t i = 0; i < kMeetings.size(); ++i) {
        const Meeting& meeting = kMeetings[i];
        if (i == 5 || i == 6 || i == 9 || i == 12) letters += ' ';
        Room room(choice);
        room.send("ann", members(kRecord));
        room.send("bob", members(std::string("@1 ") + meeting.bobs));
        const std::string theirs = room.value();
        const std::string told = room.send("ann", members(std::string("@1 ") + meeting.anns));
        letters += letter(told);
        const bool tookEffect = letters.back() == 'a' || letters.back() == 'm';
        if (!tookEffect) {
            EXPECT_EQ(room.value(), theirs) << meeting.anns << " over " << meeting.bobs;
        }
        room.expectReplayGivesTheSame();
    }
    Room room(choice);
    room.send("ann", members(kRecord));
    room.send("bob", members(R"(@1 merge {"s":"u"})"));
    const std::string theirs = room.value();
    const std::uint64_t seq = room.seq();
    letters += ' ';
    letters += letter(room.sendBatch("ann", kBatch));
    const bool tookEffect = letters.back() == 'a' || letters.back() == 'm';
    EXPECT_EQ(room.seq(), seq + (letters.back() == 'c' || letters.back() == 'r' ? 0 : 1));
    EXPECT_EQ(room.value() == theirs, !tookEffect) << "all of a batch, or nothing";
    room.expectReplayGivesTheSame();
    return letters;
}

/// Of each class one, a delete, and a way back: what is kept, and resolved later.
const std::vector<Meeting> kKept = {
    {R"(merge {"n":6})", R"(merge {"n":7})"},
    {R"(merge {"n":8})", "increment /n 5"},
    {R"(merge {"s":"u"})", R"(merge {"s":"t"})"},
    {R"(merge {"tags":["y"]})", R"(add /tags "z")"},
    {R"(merge {"rows":[{"id":"a"}]})", "insert /rows c {}"},
    {R"(merge {"n":6})", "delete"},
};
constexpr std::array<const char*, 3> kTakes = {
    R"("take":"mine")", R"("take":"theirs")",
    R"("value":{"n":8,"s":"u","tags":["x","w"],"rows":[{"id":"a"},{"id":"b"}]})"};

/// `manual` keeps a conflict; then, as after a change of the configuration, this one is the rule,
/// and Bob resolves the conflict to mine, theirs or a value.
std::string resolutions(const StrategyChoice& choice, const Meeting& meeting) {
    std::string letters;
    for (const char* take : kTakes) {
        Room room(manual());
        room.send("ann", members(kRecord));
        room.send("bob", members(std::string("@1 ") + meeting.bobs));
        const std::string theirs = room.value();
        const std::string kept = room.send("ann", members(std::string("@1 ") + meeting.anns));
        EXPECT_TRUE(kept.starts_with("kept ")) << kept;
        EXPECT_EQ(room.value(), theirs);
        room.decideBy(choice, manual());
        const std::uint64_t seq = room.seq();
        const std::string told = room.resolve("bob", "3", take);
        letters += letter(told);
        const bool tookEffect = letters.back() == 'a' || letters.back() == 'm';
        EXPECT_EQ(room.isOpen("3"), !tookEffect) << told;
        EXPECT_EQ(room.seq(), seq + (tookEffect ? 1 : 0)) << told;
        if (!tookEffect || take == kTakes[1]) {
            EXPECT_EQ(room.value(), theirs) << take;
        } else if (letters.back() == 'a') {
            EXPECT_NE(room.value(), theirs) << take;
        }
        room.expectReplayGivesTheSame();
    }
    return letters;
}

/// Whether a strategy leaves such a conflict to `manual` as its `otherwise`.
char kept(const StrategyChoice& choice, const Meeting& meeting) {
    Room room(choice, manual());
    room.send("ann", members(kRecord));
    room.send("bob", members(std::string("@1 ") + meeting.bobs));
    const std::string theirs = room.value();
    const char told = letter(room.send("ann", members(std::string("@1 ") + meeting.anns)));
    if (told == 'k') {
        EXPECT_EQ(room.value(), theirs);
        EXPECT_TRUE(room.isOpen("3"));
        const std::string resolved = room.resolve("bob", "3", R"("take":"theirs")");
        EXPECT_TRUE(resolved.starts_with("applied")) << resolved;
        EXPECT_FALSE(room.isOpen("3"));
        EXPECT_EQ(room.value(), theirs);
    }
    room.expectReplayGivesTheSame();
    return told;
}

std::string keptRow(const StrategyChoice& choice) {
    std::string letters;
    for (const Meeting& meeting : kKept) letters += kept(choice, meeting);
    for (const Meeting& meeting : kKept) letters += " " + resolutions(choice, meeting);
    return letters;
}

struct Row {
    const char* strategy;
    const char* letters;
};

// Behind one another: writes, apart, counts, elements of sets and of lists, and the batch.
const std::vector<Row> kRows = {
    {"server_order", "aaaaa a aaa aaa aaaaca a"}, {"server_wins", "ccccc a acc aca accccc c"},
    {"client_wins", "aaaam a aaa aaa aaaaca a"},  {"lww_hlc", "mmmmm a amm ama ammmmm m"},
    {"three_way", "ccccc a acc aca aaaama c"},    {"json_patch", "ccacc a acc aca acaccc c"},
    {"counter", "ccccc a aac aca acaccc c"},      {"set", "ccccc a acc aaa acaccc c"},
    {"list", "ccccc a acc aaa acaacc c"},         {"list_in_order", "ccccc a acc aaa mcrarc c"},
    {"append_only", "rrrrr r rrr aar aarrra r"},  {"max", "aaaaa a aaa rrr aaaaca a"},
    {"min", "rmmrm m mmm rrr aaaraa m"},          {"state_machine", "aaaaa a aaa aaa aaaaca a"},
    {"delete_wins", "cccam a acc aca acaamc c"},  {"edit_revives", "cccmm a acc aca acamcc c"},
    {"manual", "kkkkk a akk aka akkkkk k"},
};

TEST(EveryKindUnderEveryStrategy, ComesToWhatTheTableSays) {
    const std::vector<StrategyChoice> choices = allStrategies();
    ASSERT_EQ(choices.size(), kRows.size());
    for (std::size_t i = 0; i < choices.size(); ++i) {
        EXPECT_STREQ(choices[i].name, kRows[i].strategy);
        EXPECT_EQ(row(choices[i]), kRows[i].letters) << choices[i].name;
    }
}

// What those of kKept come to with `otherwise: manual`; then, kept, and resolved under this
// rule: mine, theirs and a value of each.
const std::vector<Row> kKeptRows = {
    {"server_order", "aaaaaa aaa aaa aaa aaa aaa aaa"},
    {"server_wins", "cccccc aaa aaa aaa aaa aaa aaa"},
    {"client_wins", "aaaaaa aaa aaa aaa aaa aaa aaa"},
    {"lww_hlc", "mmmmmm aaa aaa aaa aaa aaa aaa"},
    {"three_way", "kkmkak aaa aaa aaa aaa aaa aaa"},
    {"json_patch", "kkkkkk aaa aaa aaa aaa aaa aaa"},
    {"counter", "kmkkkk aaa maa aaa aaa aaa aaa"},
    {"set", "kkkakk aaa aaa aaa aaa aaa aaa"},
    {"list", "kkmakk aaa aaa aaa aaa aaa aaa"},
    {"list_in_order", "kkmakk aaa aaa aaa aaa maa aaa"},
    {"append_only", "rraaar rar rar rar aar aar rar"},
    {"max", "aamraa aar aar mar rar aar aar"},
    {"min", "mmarar mar mar aar rar aar rar"},
    {"state_machine", "aaraaa aaa aaa raa aaa aaa aaa"},
    {"delete_wins", "kkkkka aaa aaa aaa aaa aaa aaa"},
    {"edit_revives", "kkkkkm aaa aaa aaa aaa aaa aaa"},
    {"manual", "kkkkkk aaa aaa aaa aaa aaa aaa"},
};

TEST(ResolvingUnderEveryStrategy, ComesToWhatTheTableSays) {
    const std::vector<StrategyChoice> choices = allStrategies();
    ASSERT_EQ(choices.size(), kKeptRows.size());
    for (std::size_t i = 0; i < choices.size(); ++i) {
        EXPECT_STREQ(choices[i].name, kKeptRows[i].strategy);
        EXPECT_EQ(keptRow(choices[i]), kKeptRows[i].letters) << choices[i].name;
    }
}

}  // namespace
}  // namespace syncline::tests
