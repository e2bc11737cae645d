// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "syncline/testing/instance.h"

namespace syncline::conformance {

/// A path of a question: values that are not there are absent at that path.
struct TouchedPath {
    std::string path;
    std::optional<Json> base;
    std::optional<Json> current;
    std::optional<Json> incoming;
    std::uint64_t stampSeq = 5;
};

/// What the strategy answers that the configuration names under `otherwise`, wherever it is asked.
struct Otherwise {
    syncline_verdict verdict = SYNCLINE_CONFLICT;
    std::optional<Json> value = std::nullopt;  // of a put
};

/// What a strategy is asked.
struct Question {
    std::string kind = "set";
    bool baseKnown = true;
    std::optional<Json> base;
    std::optional<Json> current;
    std::optional<Json> incoming;
    std::vector<TouchedPath> paths;
    std::string by = "ann";
    std::string theirBy = "bob";
    std::int64_t nowMs = 1'700'000'000'000;
    Otherwise otherwise;
};

struct Verdict {
    syncline_verdict verdict = 0;
    std::optional<Json> value;  // of a put
    bool byOtherwise = false;

    bool operator==(const Verdict& other) const;
    std::string text() const;
};

struct Decided {
    Answer answer;
    std::vector<std::vector<Verdict>> verdicts;  // by path: each once, if all is well
    std::vector<std::string> wrong;              // what no host may take

    std::string text() const;
};

/// Asks the strategy of a living instance.
/// Structs in arrays are as long as a newer host's, if so asked.
Decided decide(Instance& instance, const Question& question, bool newerHost = false);

/// Both sides changed one field.
Question smallConflict();
/// A question about the whole record.
Question wholeRecord(std::optional<Json> base, std::optional<Json> current,
                     std::optional<Json> incoming);
/// One of each kind of ops on its path, where others changed it and where nobody did.
std::vector<Question> conflictsOfEveryKind();
/// Shapes of conflicts: present and absent values of all types, one path and several, every kind.
std::vector<Question> manyConflicts();
/// A large record with many paths, long arrays and deep values.
Question largeConflict();

/// What stands at the path when the host has done what the verdict says.
std::optional<Json> resultOf(const Verdict& verdict, const TouchedPath& path);

}  // namespace syncline::conformance
