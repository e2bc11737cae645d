// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "storage_script.h"
#include "syncline/testing/mock_host.h"
#include "syncline/testing/subject.h"

namespace syncline::conformance {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUsage =
    "Runs the conformance suite of a component's kind.\n"
    "\n"
    "  --library=FILE     the plugin, or a folder of plugins in which the component is looked for\n"
    "  --subject=FILE     JSON: component, config, and what only its author knows of it\n"
    "  --component=NAME   instead of the subject's, or without a subject file\n"
    "  --leave=FOLDER     run nothing: have a storage write what a later version of it will\n"
    "                     have to bring forward (olderVersion of its subject)\n"
    "  --gtest_…          as GoogleTest knows them: --gtest_list_tests, --gtest_filter=…\n";

struct Options {
    std::string library;
    std::string subject;
    std::string component;
    std::string leave;
};

Options parse(int argc, char** argv) {
    Options options;
    const std::pair<std::string, std::string*> known[] = {{"--library=", &options.library},
                                                          {"--subject=", &options.subject},
                                                          {"--component=", &options.component},
                                                          {"--leave=", &options.leave}};
    for (int i = 1; i < argc; ++i) {
        const std::string argument = argv[i];
        bool found = argument.rfind("--gtest_", 0) == 0;
        for (const auto& [name, to] : known) {
            if (argument.rfind(name, 0) != 0) continue;
            *to = argument.substr(name.size());
            found = true;
        }
        if (!found) throw std::runtime_error(argument + " is no option\n\n" + kUsage);
    }
    if (options.library.empty()) throw std::runtime_error(std::string("no library\n\n") + kUsage);
    return options;
}

/// `subjects/echo.subject.json` is about `echo`.
std::string testNameOf(const fs::path& subject) {
    std::string name = subject.filename().string();
    name.resize(std::min(name.find('.'), name.size()));
    std::replace_if(
        name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
    return name;
}

Subject subjectOf(const Options& options) {
    Json description = Json::Object();
    std::string name = options.component;
    if (!options.subject.empty()) {
        std::ifstream stream(options.subject);
        if (!stream) throw std::runtime_error(options.subject + ": cannot be read");
        std::stringstream text;
        text << stream.rdbuf();
        const fs::path folder = fs::absolute(options.subject).parent_path();
        description = replaced(Json::parse(text.str()), "HERE", folder.string());
        if (name.empty()) name = testNameOf(options.subject);
    }
    if (!options.component.empty()) description["component"] = options.component;
    Subject subject = Subject::read(name, options.library, description);
    if (subject.name.empty()) subject.name = subject.component->name;
    return subject;
}

/// Has the subject's storage write the history that the suites know, and end in order.
int leaveFilesOf(const Subject& subject, const std::string& folder) {
    if (subject.component->kind != SYNCLINE_STORAGE_BACKEND) {
        throw std::runtime_error(subject.name + " is no storage");
    }
    fs::create_directories(folder);
    if (!fs::is_empty(folder)) throw std::runtime_error(folder + ": is not empty");
    const End end =
        carryOutElsewhere({*subject.component, subject.configIn(folder), Script::ofEverything()});
    return end.exitCode;
}

}  // namespace

int runSuites(int argc, char** argv) {
    try {
        const Options options = parse(argc, argv);
        const Subject subject = subjectOf(options);
        if (!options.leave.empty()) return leaveFilesOf(subject, options.leave);
        addSubject(subject);
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "%s\n", problem.what());
        return 2;
    }
    ::testing::InitGoogleTest(&argc, argv);
    return RUN_ALL_TESTS();
}

}  // namespace syncline::conformance
