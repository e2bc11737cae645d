// SPDX-License-Identifier: Apache-2.0
#include "syncline/testing/subject.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <ostream>
#include <stdexcept>

namespace syncline::conformance {
namespace {

namespace fs = std::filesystem;

std::vector<Subject>& subjects() {
    static std::vector<Subject> all;
    return all;
}

/// The library in the folder that has the component.
std::string findLibrary(const fs::path& folder, const std::string& component) {
    for (const auto& each : fs::directory_iterator(folder)) {
        if (each.path().extension() != ".so") continue;
        if (componentIn(manifestOf(each.path().string()), component) != nullptr) {
            return each.path().string();
        }
    }
    throw std::runtime_error(folder.string() + ": no library here has a component '" + component +
                             "'");
}

}  // namespace

const Json& Subject::manifest() const {
    static const Json nothing = Json::Object();
    const Json* found = componentIn(library->manifest(), component->name);
    return found == nullptr ? nothing : *found;
}

Json Subject::configIn(const std::string& folder) const {
    return replaced(config, "FOLDER", folder);
}

Subject Subject::read(const std::string& name, const std::string& where, const Json& description) {
    const std::string component = description.string("component");
    const bool isFolder = fs::is_directory(where);
    Subject subject;
    subject.name = name;
    subject.library =
        std::make_shared<PluginLibrary>(isFolder ? findLibrary(where, component) : where);
    subject.component = &subject.library->component(component);
    if (const Json* config = description.find("config")) subject.config = *config;
    subject.facts = description;
    return subject;
}

std::ostream& operator<<(std::ostream& stream, const Subject& subject) {
    return stream << subject.name << " (" << subject.library->file() << ", "
                  << subject.component->name << ", " << subject.config.text() << ")";
}

Json replaced(const Json& value, const std::string& name, const std::string& by) {
    if (const auto* text = value.as<std::string>()) {
        const std::string variable = "${" + name + "}";
        std::string done = *text;
        for (std::size_t at = 0; (at = done.find(variable, at)) != std::string::npos;) {
            done.replace(at, variable.size(), by);
            at += by.size();
        }
        return done;
    }
    if (const auto* elements = value.as<Json::Array>()) {
        Json::Array done;
        for (const Json& element : *elements) done.push_back(replaced(element, name, by));
        return done;
    }
    if (const auto* members = value.as<Json::Object>()) {
        Json::Object done;
        for (const auto& [key, member] : *members) {
            done.emplace_back(key, replaced(member, name, by));
        }
        return done;
    }
    return value;
}

TestFolder::TestFolder() {
    path_ = (fs::temp_directory_path() / "syncline-suite-XXXXXX").string();
    if (::mkdtemp(path_.data()) == nullptr) throw std::runtime_error("no temporary folder");
}

TestFolder::~TestFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
}

void TestFolder::fill(const Subject& subject) const {
    const Json* files = subject.facts.find("files");
    if (files == nullptr) return;
    for (const auto& [name, content] : *files->as<Json::Object>()) {
        const auto* text = content.as<std::string>();
        std::ofstream(*this / name) << (text == nullptr ? content.text() : *text);
    }
}

void addSubject(Subject subject) {
    subjects().push_back(std::move(subject));
}

std::vector<Subject> subjectsOf(syncline_kind kind) {
    std::vector<Subject> found;
    for (const Subject& subject : subjects()) {
        if (subject.component->kind == kind) found.push_back(subject);
    }
    return found;
}

std::vector<Subject> allSubjects() {
    return subjects();
}

}  // namespace syncline::conformance
