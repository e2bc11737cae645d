// SPDX-License-Identifier: Apache-2.0
// What holds for any ops: generated from seeds, through the real sequencer.
#include <algorithm>
#include <array>
#include <random>

#include "unit/plugins_conflict/choices.h"
#include "unit/plugins_conflict/script.h"

namespace syncline::tests {
namespace {

/// Numbers that are the same in every run with one seed, on every machine.
class Dice {
public:
    explicit Dice(unsigned seed) : engine_(seed) {}
    std::size_t roll(std::size_t sides) { return engine_() % sides; }
    template <class Container>
    const auto& pick(const Container& from) {
        return from[roll(from.size())];
    }

private:
    std::mt19937 engine_;
};

struct Sent {
    std::string who;
    std::string op;
};

const std::array<std::string, 3> kWriters = {"ann", "bob", "cid"};
const std::array<std::string, 4> kPaths = {"/a", "/b", "/o/x", "/o/y"};

std::string scalar(Dice& dice) {
    static const std::array<std::string, 6> kScalars = {"1", "-7", "2.5", "\"t\"", "true", "[1,2]"};
    return dice.pick(kScalars);
}

std::string object(Dice& dice, bool mayRemove) {
    std::string text = "{";
    for (const char* name : {"a", "b"})
        if (dice.roll(2) == 0)
            text += (text.size() > 1 ? "," : "") + std::string("\"") + name +
                    "\":" + (mayRemove && dice.roll(4) == 0 ? "null" : scalar(dice));
    if (dice.roll(2) == 0) {
        text += (text.size() > 1 ? ",\"o\":" : "\"o\":");
        text += dice.roll(4) == 0 ? scalar(dice)
                                  : std::string("{\"") + (dice.roll(2) == 0 ? "x" : "y") +
                                        "\":" + scalar(dice) + "}";
    }
    return text + "}";
}

std::string anyOp(Dice& dice) {
    const std::string id(1, static_cast<char>('p' + dice.roll(3)));
    const std::string number = std::to_string(dice.roll(5));
    switch (dice.roll(11)) {
        case 0:
            return "set " + object(dice, false);
        case 1:
        case 2:
            return "merge " + object(dice, true);
        case 3:
            return "increment " + dice.pick(kPaths) + " " + number;
        case 4:
            return "delete";
        case 5:
            return R"(patch [{"op":"add","path":")" + dice.pick(kPaths) + R"(","value":)" +
                   scalar(dice) + "}]";
        case 6:
            return R"(patch [{"op":"test","path":"/a","value":)" + scalar(dice) +
                   R"(},{"op":"remove","path":"/b"}])";
        case 7:
            return "add /t " + number;
        case 8:
            return "remove /t " + number;
        case 9:
            return "insert /l " + id + " {\"v\":" + number + "}";
        default:
            return (dice.roll(2) == 0 ? "erase /l " + id : "move /l " + id + " null");
    }
}

std::string withBaseAndClock(Dice& dice, const std::string& op, std::uint64_t seq) {
    std::string text;
    if (dice.roll(3) != 0) text += "@" + std::to_string(dice.roll(seq + 1)) + " ";
    if (dice.roll(2) == 0) text += "!" + std::to_string(dice.roll(50)) + " ";
    return text + op;
}

class AnyStrategy : public testing::TestWithParam<StrategyChoice> {};

// Two channels and the log of one: all come to the same.
TEST_P(AnyStrategy, TheSameOpsComeToTheSame) {
    for (unsigned seed = 1; seed <= 8; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Dice dice(seed);
        Room room(GetParam());
        Room another(GetParam());
        for (int i = 0; i < 60; ++i) {
            const std::string& who = dice.pick(kWriters);
            const std::string op = members(withBaseAndClock(dice, anyOp(dice), room.seq()));
            const std::string told = room.send(who, op);
            ASSERT_EQ(another.send(who, op), told) << who << " " << op;
            ASSERT_NE(told.substr(0, 4), "1004") << who << " " << op;
            ASSERT_NE(told.substr(0, 4), "unse") << told << who << " " << op;
        }
        room.expectReplayGivesTheSame();
    }
}

// Whatever was there: a write that stands, stands unchanged when it is said twice.
TEST_P(AnyStrategy, SayingAWriteAgainAtOnceChangesNothing) {
    for (unsigned seed = 1; seed <= 8; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Dice dice(seed);
        Room room(GetParam());
        for (int i = 0; i < 40; ++i) {
            const std::string& who = dice.pick(kWriters);
            room.send(who, members(withBaseAndClock(dice, anyOp(dice), room.seq())));
            const std::string write = (dice.roll(2) == 0 ? "set " : "merge ") + object(dice, true);
            const std::string op = members("!60 " + write);
            room.send(who, op);
            const std::string once = room.value();
            room.send(who, op);
            ASSERT_EQ(room.value(), once) << op;
        }
    }
}

INSTANTIATE_TEST_SUITE_P(All, AnyStrategy, testing::ValuesIn(allStrategies()),
                         [](const auto& test) { return test.param.name; });

/// The record after the ops in this order; ops of one writer keep theirs.
std::string outcome(const StrategyChoice& choice, const char* start, const std::vector<Sent>& ops) {
    Room room(choice);
    if (start != nullptr) room.send("dot", members(start));
    for (const Sent& sent : ops) room.send(sent.who, members(sent.op));
    room.expectReplayGivesTheSame();
    return room.value();
}

/// Every order of arrival that keeps what each writer sends in its order.
void expectOneOutcome(const StrategyChoice& choice, const char* start, const std::vector<Sent>& ops,
                      const std::function<std::string(std::string)>& seen) {
    std::vector<std::size_t> order(ops.size());
    for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::string first;
    do {
        std::map<std::string, std::size_t> last;
        std::vector<Sent> row;
        bool keeps = true;
        for (const std::size_t i : order) {
            keeps = keeps && last[ops[i].who] <= i;
            last[ops[i].who] = i;
            row.push_back(ops[i]);
        }
        if (!keeps) continue;
        const std::string value = seen(outcome(choice, start, row));
        if (first.empty()) first = value;
        std::string told;
        for (const Sent& sent : row) told += sent.who + " " + sent.op + "\n";
        ASSERT_EQ(value, first) << told;
    } while (std::ranges::next_permutation(order).found);
}

std::string same(std::string value) {
    return value;
}

struct Commuting {
    StrategyChoice choice;
    /// The op of that writer.
    std::function<std::string(Dice&, const std::string& who, std::size_t index)> op;
    std::function<std::string(std::string)> seen = same;
    const char* start = nullptr;  ///< what the record is before
};

// An array as the set that it is.
std::string sorted(std::string value) {
    json::Value record = read(value == "-" ? "{}" : value);
    json::Value* array = record.find("t");
    if (array == nullptr) return value;
    std::vector<std::string> texts;
    for (const json::Value& element : array->elements()) texts.push_back(canonical(element));
    std::ranges::sort(texts);
    std::string text;
    for (const std::string& element : texts) text += element + ",";
    return text;
}

std::string number(Dice& dice) {
    return std::to_string(static_cast<int>(dice.roll(20)) - 10);
}

// With every index another clock, so that the order among one writer's own is that of its clock.
std::string timedWrite(Dice& dice, const std::string&, std::size_t index) {
    static const std::array<std::string, 3> kKinds = {"set ", "merge ", "merge "};
    const std::string clock =
        "!" + std::to_string(10 + dice.roll(3) + index) + "." + std::to_string(index) + " ";
    if (dice.roll(6) == 0) return clock + "delete";
    const std::string& kind = dice.pick(kKinds);
    std::string value = object(dice, kind == "merge ");
    if (value == "{}") value = R"({"a":9})";
    return clock + kind + value;
}

// Of one value, added by one and removed by another at once, the last to arrive stands: so what all
// remove was there before, what all add nobody removes, and what comes and goes is one writer's.
std::string addOrRemove(Dice& dice, const std::string& who, std::size_t) {
    const std::string one = std::to_string(dice.roll(4));
    switch (dice.roll(4)) {
        case 0:
            return "@1 remove /t " + one;
        case 1:
            return "@1 add /t 1" + one;
        case 2:
            return "@1 add /t \"" + who + one.back() + "\"";
        default:
            return "@1 remove /t \"" + who + one.back() + "\"";
    }
}

std::vector<Commuting> commuting() {
    return {
        {{"lww_hlc", PLUGIN_LWW_HLC, true}, timedWrite},
        {{"max", PLUGIN_MAX, true},
         [](Dice& dice, const std::string&, std::size_t) {
             return (dice.roll(3) == 0 ? "merge {\"o\":{\"b\":" : "merge {\"o\":{\"a\":") +
                    number(dice) + "}}";
         }},
        {{"min", PLUGIN_MIN, true},
         [](Dice& dice, const std::string&, std::size_t) {
             return "merge {\"a\":" + number(dice) + "}";
         }},
        {{"counter", PLUGIN_COUNTER, true},
         [](Dice& dice, const std::string&, std::size_t) {
             return "@0 increment " + dice.pick(kPaths) + " " + number(dice);
         }},
        {{"set", PLUGIN_SET, true}, addOrRemove, sorted, R"(set {"t":[0,1,2,3]})"},
        {{"list", PLUGIN_LIST, true, R"({"order":"p"})"},
         [](Dice& dice, const std::string&, std::size_t index) {
             return "@0 insert /l e" + std::to_string(index) + " {\"p\":" + number(dice) + "}";
         }},
    };
}

class OrderIndependent : public testing::TestWithParam<Commuting> {};

TEST_P(OrderIndependent, EveryOrderOfArrivalComesToTheSame) {
    for (unsigned seed = 1; seed <= 10; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Dice dice(seed);
        std::vector<Sent> ops;
        for (std::size_t i = 0; i < 5; ++i) {
            const std::string& who = dice.pick(kWriters);
            ops.push_back({who, GetParam().op(dice, who, i)});
        }
        expectOneOutcome(GetParam().choice, GetParam().start, ops, GetParam().seen);
        if (HasFatalFailure()) return;
    }
}

INSTANTIATE_TEST_SUITE_P(All, OrderIndependent, testing::ValuesIn(commuting()),
                         [](const auto& test) { return test.param.choice.name; });

}  // namespace
}  // namespace syncline::tests
