// SPDX-License-Identifier: Apache-2.0
#include "simulation/coverage.h"

namespace syncline::simulation {

namespace {

constexpr std::array<std::string_view, kEndings> kEndingNames = {
    "aged", "resolved", "too late", "moved on", "expired", "posted", "crossed"};

void pad(std::string& text, std::size_t width) {
    text.append(text.size() < width ? width - text.size() : 0, ' ');
}

}  // namespace

std::string_view nameOf(Ending ending) {
    return kEndingNames[static_cast<std::size_t>(ending)];
}

void Coverage::add(const Coverage& other) {
    for (std::size_t fault = 0; fault < kFaults; ++fault)
        for (std::size_t phase = 0; phase < kPhases; ++phase)
            hits[fault][phase] += other.hits[fault][phase];
    for (std::size_t i = 0; i < kEndings; ++i) endings[i] += other.endings[i];
}

std::string Coverage::table() const {
    std::string line = "fault";
    pad(line, 16);
    for (std::size_t phase = 0; phase < kPhases; ++phase) {
        line += nameOf(static_cast<Phase>(phase));
        pad(line, 16 + (phase + 1) * 12);
    }
    std::string text = line + '\n';
    for (std::size_t fault = 0; fault < kFaults; ++fault) {
        line = nameOf(static_cast<Fault>(fault));
        pad(line, 16);
        for (std::size_t phase = 0; phase < kPhases; ++phase) {
            const bool can = whyNever(static_cast<Fault>(fault), static_cast<Phase>(phase)).empty();
            line += can ? std::to_string(hits[fault][phase]) : "-";
            pad(line, 16 + (phase + 1) * 12);
        }
        text += line + '\n';
    }
    for (std::size_t fault = 0; fault < kFaults; ++fault)
        for (std::size_t phase = 0; phase < kPhases; ++phase) {
            const std::string_view why =
                whyNever(static_cast<Fault>(fault), static_cast<Phase>(phase));
            if (why.empty()) continue;
            text += "-: " + std::string(nameOf(static_cast<Fault>(fault))) + ": " +
                    std::string(why) + '\n';
            break;
        }
    text += "ops:";
    for (std::size_t i = 0; i < kEndings; ++i)
        text +=
            (i == 0 ? " " : ", ") + std::to_string(endings[i]) + ' ' + std::string(kEndingNames[i]);
    return text + '\n';
}

std::string Coverage::missing() const {
    std::string text;
    const auto tell = [&text](const std::string& what) {
        text += (text.empty() ? "" : ", ") + what;
    };
    for (std::size_t fault = 0; fault < kFaults; ++fault)
        for (std::size_t phase = 0; phase < kPhases; ++phase) {
            const auto what = static_cast<Fault>(fault);
            const auto when = static_cast<Phase>(phase);
            if (hits[fault][phase] != 0 || !whyNever(what, when).empty()) continue;
            tell(std::string(nameOf(what)) + " x " + std::string(nameOf(when)));
        }
    for (std::size_t i = 0; i < kEndings; ++i)
        if (endings[i] == 0) tell(std::string(kEndingNames[i]));
    return text;
}

}  // namespace syncline::simulation
