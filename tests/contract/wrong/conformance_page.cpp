// SPDX-License-Identifier: Apache-2.0
#include "conformance_page.h"

#include <fstream>
#include <regex>
#include <stdexcept>

namespace syncline::conformance {
namespace {

const std::regex kFolder("### `([a-z]+)`");
const std::regex kClaim(R"(\| `(\w+\.\w+)` \| .+ \|)");
const std::regex kWrong(R"(\| `(\w+)` \| .+ \| `(\w+\.\w+)` \|)");

bool isHeadOfTable(const std::string& line) {
    return line.rfind("| ---", 0) == 0 || line.rfind("| claim |", 0) == 0 ||
           line.rfind("| implementation |", 0) == 0;
}

}  // namespace

ConformancePage ConformancePage::read(const std::string& file) {
    std::ifstream stream(file);
    if (!stream) throw std::runtime_error(file + ": cannot be read");
    ConformancePage page;
    bool inClaims = true;
    std::string folder;
    std::string line;
    while (std::getline(stream, line)) {
        std::smatch found;
        if (line == "## Wrong on purpose") inClaims = false;
        if (std::regex_match(line, found, kFolder)) folder = found[1];
        if (line.rfind("| ", 0) != 0 || isHeadOfTable(line)) continue;
        if (!std::regex_match(line, found, inClaims ? kClaim : kWrong)) {
            throw std::runtime_error(file + ": a row of another form: " + line);
        }
        if (inClaims) {
            page.claims.insert(found[1]);
        } else {
            page.wrong.push_back({folder, found[1], found[2]});
        }
    }
    return page;
}

}  // namespace syncline::conformance
