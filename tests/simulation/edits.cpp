// SPDX-License-Identifier: Apache-2.0
#include "simulation/edits.h"

#include <array>
#include <string_view>
#include <utility>

namespace syncline::simulation {

namespace {

using Change = json::Value (*)(Dice&, const std::optional<json::Value>&, std::uint64_t);

constexpr std::array<const char*, 4> kFields = {"title", "text", "size", "owner"};

json::Value ofKind(const char* kind) {
    json::Value change = json::Value::object();
    change.set("kind", kind);
    return change;
}

json::Value set(Dice& dice, const std::optional<json::Value>&, std::uint64_t serial) {
    json::Value value = json::Value::object();
    for (const char* field : kFields)
        if (dice.chance(60)) value.set(field, serial * 10 + dice.below(10));
    json::Value change = ofKind("set");
    change.set("value", std::move(value));
    return change;
}

json::Value merge(Dice& dice, const std::optional<json::Value>&, std::uint64_t serial) {
    json::Value value = json::Value::object();
    const std::size_t fields = 1 + dice.below(2);
    for (std::size_t i = 0; i < fields; ++i)
        value.set(kFields[dice.below(kFields.size())],
                  dice.chance(10) ? json::Value() : json::Value(serial));
    json::Value change = ofKind("merge");
    change.set("value", std::move(value));
    return change;
}

json::Value remove(Dice&, const std::optional<json::Value>&, std::uint64_t) {
    return ofKind("delete");
}

json::Value increment(Dice& dice, const std::optional<json::Value>&, std::uint64_t serial) {
    json::Value change = ofKind("increment");
    change.set("path", dice.chance(80) ? "/hits" : "/size");
    change.set("by", static_cast<double>(serial % 97) + 1);
    return change;
}

json::Value patch(Dice& dice, const std::optional<json::Value>& seen, std::uint64_t serial) {
    json::Value steps = json::Value::array();
    const std::string path = "/" + std::string(kFields[dice.below(kFields.size())]);
    const json::Value* field = seen ? seen->find(path.substr(1)) : nullptr;
    if (!seen || !seen->isObject()) {
        json::Value root = ofKind("set");
        root = json::Value::object();
        root.set("op", "add");
        root.set("path", "");
        root.set("value", json::Value::object());
        steps.push(std::move(root));
    } else if (field != nullptr && dice.chance(50)) {
        json::Value test = json::Value::object();
        test.set("op", "test");
        test.set("path", path);
        test.set("value", field->clone());
        steps.push(std::move(test));
    }
    json::Value add = json::Value::object();
    add.set("op", "add");
    add.set("path", path);
    add.set("value", serial);
    steps.push(std::move(add));
    json::Value change = ofKind("patch");
    change.set("patch", std::move(steps));
    return change;
}

json::Value tag(Dice& dice, const std::optional<json::Value>&, std::uint64_t) {
    json::Value change = ofKind(dice.chance(70) ? "add" : "remove");
    change.set("path", "/tags");
    change.set("value", "tag" + std::to_string(dice.below(6)));
    return change;
}

json::Value row(Dice& dice, const std::optional<json::Value>&, std::uint64_t serial) {
    const std::uint64_t drawn = dice.below(10);
    json::Value change = ofKind(drawn < 5 ? "insert" : drawn < 8 ? "move" : "erase");
    change.set("path", "/rows");
    change.set("element", "row" + std::to_string(dice.below(5)));
    if (drawn < 8 && dice.chance(70))
        change.set("behind", dice.chance(30) ? json::Value()
                                             : json::Value("row" + std::to_string(dice.below(5))));
    if (drawn < 5) {
        json::Value value = json::Value::object();
        value.set("text", serial);
        change.set("value", std::move(value));
    }
    return change;
}

/// What is done to records of a kind, and how often.
struct Habit {
    std::string_view prefix;
    unsigned keys;  ///< how many there are
    unsigned share;
    std::array<std::pair<Change, unsigned>, 6> changes;
};

constexpr std::array<Habit, 12> kHabits = {{
    {"order:", 3, 12, {{{set, 2}, {merge, 5}, {remove, 1}, {increment, 2}, {patch, 1}}}},
    {"wins:", 3, 14, {{{set, 2}, {merge, 5}, {remove, 1}, {increment, 2}}}},
    {"doc:", 2, 12, {{{set, 1}, {merge, 6}, {remove, 1}, {increment, 2}, {patch, 2}}}},
    {"form:", 2, 8, {{{set, 1}, {merge, 6}, {remove, 1}, {patch, 1}}}},
    {"count:", 2, 10, {{{increment, 1}}}},
    {"tags:", 1, 6, {{{tag, 10}, {remove, 1}}}},
    {"list:", 1, 8, {{{row, 12}, {remove, 1}}}},
    {"mine:", 2, 6, {{{set, 1}, {merge, 6}, {remove, 2}, {increment, 1}, {patch, 1}}}},
    {"clock:", 2, 6, {{{set, 2}, {merge, 6}, {remove, 1}, {increment, 2}}}},
    {"stock:", 1, 5, {{{set, 1}, {merge, 1}, {increment, 6}}}},
    {"peak:", 1, 4, {{{set, 1}, {merge, 6}, {increment, 2}}}},
    {"kept:", 3, 9, {{{set, 1}, {merge, 6}, {remove, 1}, {increment, 1}}}},
}};

const Habit& habitOf(std::string_view key) {
    for (const Habit& habit : kHabits)
        if (key.starts_with(habit.prefix)) return habit;
    return kHabits.front();
}

}  // namespace

std::string chooseKey(Dice& dice) {
    std::uint64_t drawn = dice.below(100);
    for (const Habit& habit : kHabits) {
        if (drawn < habit.share)
            return std::string(habit.prefix) + std::to_string(dice.below(habit.keys));
        drawn -= habit.share;
    }
    return "order:0";
}

json::Value chooseChange(Dice& dice, const std::string& key, const std::optional<json::Value>& seen,
                         std::uint64_t serial) {
    const Habit& habit = habitOf(key);
    unsigned sum = 0;
    for (const auto& [change, weight] : habit.changes) sum += weight;
    std::uint64_t drawn = dice.below(sum);
    for (const auto& [change, weight] : habit.changes) {
        if (drawn < weight) return change(dice, seen, serial);
        drawn -= weight;
    }
    return set(dice, seen, serial);
}

}  // namespace syncline::simulation
