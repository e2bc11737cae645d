// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/mark.h>

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "settings/diagnostic.h"
#include "settings/node.h"

namespace syncline::settings {

/// Ends the parse: what went before is reported, nothing behind it can be read.
struct ParseStopped {};

/// Makes nodes of yaml-cpp's events, which (unlike its own tree) show every key, anchor, alias,
/// tag and document as it is written. Lives for one parse, on one thread. Its members throw
/// ParseStopped where no tree can come of the rest.
class TreeBuilder final : public YAML::EventHandler {
public:
    TreeBuilder(SourcePtr source, Diagnostics& diagnostics);

    std::optional<Node> takeRoot();

    /// Where the innermost list or map begins that is not closed; nothing if none is open.
    std::optional<Position> innermostOpen(Node::Kind kind) const;

    /// Where a quoted text begins that runs over several lines and ends in this one: after a
    /// syntax error there, its closing quote is probably missing. Nothing if there is none.
    std::optional<Position> longTextEndingIn(std::uint32_t line) const;

    void OnDocumentStart(const YAML::Mark& mark) override;
    void OnDocumentEnd() override;
    void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override;
    void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override;
    void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  const std::string& value) override;
    void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                         YAML::EmitterStyle::value style) override;
    void OnSequenceEnd() override;
    void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                    YAML::EmitterStyle::value style) override;
    void OnMapEnd() override;

private:
    /// A list or map that is not closed yet.
    struct Open {
        Node node;
        YAML::anchor_t anchor = 0;
        bool hasKey = false;   ///< of a map: the next value belongs to `key`
        bool dropped = false;  ///< of a map: the key was refused, so its value goes nowhere
        std::string key;
        Position keyPosition;
    };

    Position at(const YAML::Mark& mark) const;
    Position positionOfNothing(const YAML::Mark& mark) const;
    void noteQuoted(std::size_t begin);
    std::size_t skipProperties(std::size_t offset) const;
    void checkTag(const std::string& tag, Node& node);
    void open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag,
              YAML::anchor_t anchor);
    void close();
    [[noreturn]] void stopTooDeep(const Position& position);
    void attach(Node node);
    void takeKey(Open& map, const Node& node);
    void count(const Node& node, const Position& position);
    void remember(YAML::anchor_t anchor, const Node& node);

    SourcePtr source_;
    Diagnostics& diagnostics_;
    std::vector<Open> open_;
    std::optional<Node> root_;
    std::map<YAML::anchor_t, Node> anchors_;
    std::optional<Position> longText_;  ///< the last quoted text of several lines
    std::uint32_t longTextEnd_ = 0;     ///< the line in which it ends
    std::size_t documents_ = 0;
    std::size_t aliases_ = 0;
    std::size_t nodes_ = 0;
    std::size_t textBytes_ = 0;
};

/// The first offset behind the quoted text that begins at `offset`, or npos if it never ends.
std::size_t endOfQuoted(const std::string& text, std::size_t offset);

}  // namespace syncline::settings
