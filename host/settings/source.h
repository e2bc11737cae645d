// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace syncline::settings {

class Diagnostics;

/// The text of one file, by line. Immutable.
class Source {
public:
    Source(std::string name, std::string text);

    const std::string& name() const { return name_; }  ///< as diagnostics print it
    const std::string& text() const { return text_; }

    /// Line `number`, counted from 1, without its line break; empty beyond the end.
    std::string_view line(std::uint32_t number) const;

    /// Where a line begins in the text.
    std::size_t lineOffset(std::uint32_t number) const;

    std::uint32_t lineCount() const { return static_cast<std::uint32_t>(starts_.size()); }

private:
    std::string name_;
    std::string text_;
    std::vector<std::size_t> starts_;
};

/// Shared because diagnostics, nodes and the positions inside a component's configuration all
/// point into the text and none of them outlives the others for certain.
using SourcePtr = std::shared_ptr<const Source>;

/// A place in a file. Lines and columns count from 1, columns in code points. A line of 0 means
/// the file as a whole.
struct Position {
    SourcePtr source;
    std::uint32_t line = 0;
    std::uint32_t column = 0;

    bool operator==(const Position&) const = default;
};

/// The position of a byte of the text.
Position positionAt(const SourcePtr& source, std::size_t offset);

/// The byte of the text that a position names.
std::size_t offsetOf(const Position& position);

inline constexpr std::size_t configBytesMax = 1u << 20;

/// Reads a file and refuses what no configuration holds: other encodings than UTF-8, control
/// characters, more than `configBytesMax`. Null, with the reasons reported, if there are any.
SourcePtr readSource(const std::filesystem::path& path, const std::string& name,
                     Diagnostics& diagnostics);

/// The same checks on a text that is already in memory.
SourcePtr checkSource(std::string name, std::string text, Diagnostics& diagnostics);

/// Reports each line whose indentation holds a tab; true if there is none.
bool checkIndentation(const SourcePtr& source, Diagnostics& diagnostics);

/// A whole file as bytes; false with a reason ("no such file") if it cannot be read.
bool readFile(const std::filesystem::path& path, std::string& bytes, std::string& reason);

}  // namespace syncline::settings
