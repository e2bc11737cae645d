// SPDX-License-Identifier: Apache-2.0
#include "unit/settings/wrong_cases.h"

#include <algorithm>
#include <fstream>
#include <ostream>
#include <sstream>
#include <stdexcept>
#include <utility>

namespace syncline::settings {

namespace {

const std::pair<std::string, std::string> rightSections[] = {
    {"version", "version: 1\n"},
    {"listeners", "listeners: { public: { bind: \"127.0.0.1:8080\", auth: [ visitors ] } }\n"},
    {"auth", "auth: { visitors: { use: guest } }\n"},
    {"storage", "storage: { main: { use: drawer } }\n"},
    {"conflict", "conflict: [ { use: last_wins } ]\n"},
    {"channels", "channels: [ { match: \"*\" } ]\n"},
};

/// One form of a mistake, as it stands in the file of cases.
struct Form {
    std::string title;
    std::size_t number = 0;
    std::string text;
    std::map<std::string, std::string> files;
    bool alone = false;
    bool first = true;
    bool last = true;
};

constexpr std::string_view opening = "‹";
constexpr std::string_view closing = "›";

/// Takes the marks out of a text and appends what they expect.
std::string withoutMarks(const std::string& file, const std::string& text,
                         std::vector<Expected>& expected) {
    std::string clean;
    std::size_t line = 1;
    std::size_t column = 1;
    for (std::size_t at = 0; at < text.size();) {
        if (std::string_view(text).substr(at).starts_with(opening)) {
            const auto end = text.find(closing, at);
            const auto mark = text.substr(at + opening.size(), end - at - opening.size());
            at = end + closing.size();
            if (mark[0] == 'x') {
                clean += static_cast<char>(std::stoi(mark.substr(1), nullptr, 16));
                ++column;
            } else {
                expected.push_back({file, line, column, mark});
            }
            continue;
        }
        const char byte = text[at++];
        clean += byte;
        if (byte == '\n') {
            ++line;
            column = 1;
        } else if ((static_cast<unsigned char>(byte) & 0xC0u) != 0x80u) {
            ++column;
        }
    }
    return clean;
}

/// The sections of a right configuration that this form does not bring itself.
std::string restOf(const Form& form) {
    std::vector<Expected> ignored;
    const auto clean = "\n" + withoutMarks("", form.text, ignored);
    std::string rest;
    for (const auto& [key, text] : rightSections) {
        const bool there = clean.find("\n" + key + ":") != std::string::npos ||
                           clean.find("\n\"" + key + "\":") != std::string::npos;
        if (!there) rest += text;
    }
    return rest;
}

WrongConfig configOf(const Form& form, const std::string& place, const std::string& text) {
    WrongConfig config;
    config.name =
        form.title + (form.number == 0 ? "" : " " + std::to_string(form.number + 1)) + place;
    for (char& c : config.name) {
        const bool plain =
            (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!plain) c = '_';
    }
    config.files["syncline.yaml"] = withoutMarks("syncline.yaml", text, config.expected);
    for (const auto& [name, content] : form.files) {
        config.files[name] = withoutMarks(name, content, config.expected);
    }
    std::sort(config.expected.begin(), config.expected.end());
    return config;
}

void place(const Form& form, std::vector<WrongConfig>& all) {
    if (form.text.empty() && form.files.empty() && !form.alone) return;
    if (form.alone) {
        all.push_back(configOf(form, "", form.text));
        return;
    }
    const auto rest = restOf(form);
    if (form.first) all.push_back(configOf(form, " first", form.text + rest));
    if (form.last) all.push_back(configOf(form, " last", rest + form.text));
}

void readCases(const std::filesystem::path& path, std::vector<WrongConfig>& all) {
    std::ifstream in(path);
    if (!in) throw std::runtime_error("cannot read " + path.string());
    Form form;
    std::string line;
    std::string included;
    const auto next = [&](const std::string& title, std::size_t number) {
        place(form, all);
        form = Form{};
        form.title = title;
        form.number = number;
    };
    while (std::getline(in, line)) {
        if (line == "!end") {
            included.clear();
        } else if (!included.empty()) {
            form.files[included] += line + "\n";
        } else if (line.starts_with("== ")) {
            next(line.substr(3), 0);
        } else if (line == "--") {
            const auto title = form.title;
            next(title, form.number + 1);
        } else if (line.starts_with("!file ")) {
            included = line.substr(6);
            form.files[included];
        } else if (line == "!alone" || line == "!first" || line == "!last") {
            form.alone = line == "!alone";
            form.first = line != "!last";
            form.last = line != "!first";
        } else if (!form.title.empty()) {
            form.text += line + "\n";
        }
    }
    place(form, all);
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const Expected& expected) {
    return out << expected.file << ":" << expected.line << ":" << expected.column << " "
               << expected.code;
}

std::ostream& operator<<(std::ostream& out, const WrongConfig& config) {
    return out << config.name;
}

std::vector<WrongConfig> readWrongConfigs(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() == ".cases") paths.push_back(entry.path());
    }
    std::sort(paths.begin(), paths.end());
    std::vector<WrongConfig> all;
    for (const auto& path : paths) readCases(path, all);
    return all;
}

}  // namespace syncline::settings
