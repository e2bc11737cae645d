// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "settings/codes.h"
#include "settings/source.h"

namespace syncline::settings {

enum class Severity : std::uint8_t { error, warning };

/// One thing that is wrong, complete in itself: it can be printed after all else is gone.
struct Diagnostic {
    Severity severity = Severity::error;
    std::string code;          ///< "C104"
    std::string file;          ///< as it was named
    std::uint32_t line = 0;    ///< from 1; 0: the file as a whole
    std::uint32_t column = 0;  ///< from 1, in code points
    std::string message;       ///< what is wrong; never holds the value of a secret
    std::string hint;          ///< what to write instead, or empty
    std::string sourceLine;    ///< the line, for the caret

    /// The message, the line with its number, and the caret with the hint:
    ///
    ///     syncline.yaml:28:17: error[C104]: unknown key 'per_conection' in stage 'x'
    ///        28 |         with: { per_conection: 50/s }
    ///           |                 ^ did you mean 'per_connection'?
    std::string render() const;
};

/// Gathers all that is wrong with one configuration, so that it is told at once. [setup]
class Diagnostics {
public:
    void error(Code code, const Position& position, std::string message, std::string hint = {});
    void warning(Code code, const Position& position, std::string message, std::string hint = {});

    bool hasErrors() const;
    const std::vector<Diagnostic>& all() const { return all_; }

    /// By file, line and column; within one place in the order of discovery.
    void sort();

    /// All of them, one after the other, with a line at the end that counts them.
    std::string render() const;

private:
    void add(Severity severity, Code code, const Position& position, std::string message,
             std::string hint);

    std::vector<Diagnostic> all_;
    std::size_t omitted_ = 0;  ///< beyond what anybody reads; they are counted
};

}  // namespace syncline::settings
