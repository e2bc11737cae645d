// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sstream>
#include <string>
#include <vector>

#include "unit/plugins_conflict/room.h"

namespace syncline::tests {

/// An op in short, as the members of its message. Before it may stand `@N` (its base) and `!MS` or
/// `!MS.C` (its clock). Then: `set V`, `merge V`, `patch V`, `delete`, `increment PATH BY`,
/// `add PATH V`, `remove PATH V`, `erase PATH ID`, `move PATH ID BEHIND`, `insert PATH ID V` and
/// `insert PATH ID BEHIND V`; ids are bare, BEHIND is an id or `null`.
inline std::string members(const std::string& shorthand) {
    std::istringstream words(shorthand);
    std::string word;
    std::string text;
    while (words >> word && (word[0] == '@' || word[0] == '!')) {
        if (word[0] == '@') {
            text += R"("base":)" + word.substr(1) + ",";
            continue;
        }
        const std::size_t dot = word.find('.');
        const std::string counter = dot == std::string::npos ? "0" : word.substr(dot + 1);
        text += R"("hlc":[)" + word.substr(1, dot - 1) + "," + counter + "],";
    }
    text += R"("kind":")" + word + "\"";
    const std::string kind = word;
    const auto next = [&] {
        words >> word;
        return word;
    };
    const auto id = [&] { return next() == "null" ? word : '"' + word + '"'; };
    const auto rest = [&] {
        std::getline(words >> std::ws, word);
        return word;
    };
    if (kind == "delete") return text;
    if (kind == "set" || kind == "merge") return text + R"(,"value":)" + rest();
    if (kind == "patch") return text + R"(,"patch":)" + rest();
    text += R"(,"path":")" + (next() == "." ? std::string() : word) + "\"";
    if (kind == "increment") return text + R"(,"by":)" + next();
    if (kind == "add" || kind == "remove") return text + R"(,"value":)" + rest();
    text += R"(,"element":)" + id();
    if (kind == "move") return text + R"(,"behind":)" + id();
    if (kind == "erase") return text;
    const std::string value = rest();
    if (value[0] == '{') return text + R"(,"value":)" + value;
    const std::size_t space = value.find(' ');
    const std::string behind = value.substr(0, space);
    return text + R"(,"behind":)" + (behind == "null" ? behind : '"' + behind + '"') +
           R"(,"value":)" + value.substr(space);
}

struct Step {
    const char* who;
    const char* op;
    const char* told;  ///< see Room::send
};

/// What a strategy makes of a row of ops. Each op that takes effect is one seq, from 1 on.
struct Script {
    const char* claim;
    const char* config;
    std::vector<Step> steps;
    const char* path = "";
};

inline void expectTold(StrategyChoice choice, const Script& script) {
    choice.config = script.config;
    choice.path = script.path;
    Room room(choice);
    for (const Step& step : script.steps)
        EXPECT_EQ(room.send(step.who, members(step.op)), step.told) << step.who << " " << step.op;
    room.expectReplayGivesTheSame();
}

}  // namespace syncline::tests
