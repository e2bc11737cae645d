// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "syncline/testing/json.h"
#include "syncline/testing/plugin_library.h"

namespace syncline::conformance {

/// What a suite runs on: one component of one library with one configuration, and what only its
/// author can know of it (`facts`: the README beside this library lists them by kind).
struct Subject {
    std::string name;  ///< in test names: letters, digits, _
    std::shared_ptr<const PluginLibrary> library;
    const syncline_component* component = nullptr;
    Json config = Json::Object();
    Json facts = Json::Object();

    /// What the manifest says about the component.
    const Json& manifest() const;
    /// The configuration with ${FOLDER} replaced by a folder.
    Json configIn(const std::string& folder) const;

    /// Reads {"component"?,"config"?,…facts}. `where` is the library, or a folder of libraries in
    /// which that component is looked for. Throws std::runtime_error.
    static Subject read(const std::string& name, const std::string& where, const Json& description);
};

std::ostream& operator<<(std::ostream& stream, const Subject& subject);

/// `${NAME}` in every string of a value.
Json replaced(const Json& value, const std::string& name, const std::string& by);

/// A folder of its own for one test; gone with it.
class TestFolder {
public:
    TestFolder();
    ~TestFolder();
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;
    const std::string& path() const { return path_; }
    std::string operator/(const std::string& name) const { return path_ + "/" + name; }
    /// Writes the `files` of the subject: a text as it is, anything else as JSON.
    void fill(const Subject& subject) const;

private:
    std::string path_;
};

/// The subjects of this program's suites, of that kind: added before GoogleTest is initialised.
void addSubject(Subject subject);
std::vector<Subject> subjectsOf(syncline_kind kind);
std::vector<Subject> allSubjects();

/// What `main` of a test program may be: reads --library and --subject, adds the subjects, runs
/// the suites of their kinds.
int runSuites(int argc, char** argv);

}  // namespace syncline::conformance
