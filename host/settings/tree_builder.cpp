// SPDX-License-Identifier: Apache-2.0
#include "settings/tree_builder.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "settings/document.h"
#include "settings/utf8.h"

namespace syncline::settings {

namespace {

constexpr std::string_view plainTag = "?";   ///< yaml-cpp's for a scalar without quotes
constexpr std::string_view quotedTag = "!";  ///< yaml-cpp's for quotes and blocks
constexpr std::string_view secretTag = "!secret";

/// How many lists and maps lie inside each other.
std::size_t depthOf(const Node& node) {
    if (!node.isList() && !node.isMap()) return 0;
    std::size_t inside = 0;
    for (const auto& item : node.items) inside = std::max(inside, depthOf(item));
    for (const auto& member : node.members) inside = std::max(inside, depthOf(member.value));
    return inside + 1;
}

/// How many nodes and bytes of text a copy of this node costs.
void measure(const Node& node, std::size_t& nodes, std::size_t& bytes) {
    ++nodes;
    bytes += node.text.size();
    for (const auto& item : node.items) measure(item, nodes, bytes);
    for (const auto& member : node.members) {
        bytes += member.key.size();
        measure(member.value, nodes, bytes);
    }
}

}  // namespace

std::size_t endOfQuoted(const std::string& text, std::size_t offset) {
    const char quote = text[offset];
    for (auto at = offset + 1; at < text.size(); ++at) {
        if (quote == '"' && text[at] == '\\') {
            ++at;
        } else if (text[at] == quote) {
            const bool doubled = quote == '\'' && at + 1 < text.size() && text[at + 1] == quote;
            if (!doubled) return at + 1;
            ++at;
        }
    }
    return std::string::npos;
}

TreeBuilder::TreeBuilder(SourcePtr source, Diagnostics& diagnostics)
    : source_(std::move(source)), diagnostics_(diagnostics) {}

std::optional<Node> TreeBuilder::takeRoot() {
    return std::exchange(root_, std::nullopt);
}

/// yaml-cpp counts lines and columns from 0, and columns in bytes.
Position TreeBuilder::at(const YAML::Mark& mark) const {
    if (mark.is_null()) return {source_, 1, 1};
    const auto line = static_cast<std::uint32_t>(mark.line) + 1;
    const auto bytes = source_->line(line).substr(0, static_cast<std::size_t>(mark.column));
    return {source_, line, static_cast<std::uint32_t>(codePointCount(bytes)) + 1};
}

/// An absent value has yaml-cpp's mark on whatever comes next, so its key or dash stands for it.
Position TreeBuilder::positionOfNothing(const YAML::Mark& mark) const {
    const auto& text = source_->text();
    const auto offset = offsetOf(at(mark));
    const auto rest = std::string_view(text).substr(offset);
    for (const std::string_view word : {"~", "null", "Null", "NULL"}) {
        if (rest.starts_with(word)) return at(mark);
    }
    if (open_.empty()) return at(mark);
    const auto& parent = open_.back();
    if (parent.hasKey) return parent.keyPosition;
    const auto dash = offset == 0 ? std::string::npos : text.find_last_of("-[,", offset - 1);
    return dash == std::string::npos ? parent.node.position : positionAt(source_, dash);
}

/// Tag and anchor stand before a value; its quotes come behind them.
std::size_t TreeBuilder::skipProperties(std::size_t offset) const {
    const auto& text = source_->text();
    while (offset < text.size() && (text[offset] == '!' || text[offset] == '&')) {
        offset = std::min(text.find_first_of(" \t\r\n", offset), text.size());
        offset = std::min(text.find_first_not_of(" \t\r\n", offset), text.size());
    }
    return offset;
}

void TreeBuilder::checkTag(const std::string& tag, Node& node) {
    if (tag.empty() || tag == plainTag || tag == quotedTag) return;
    if (tag == secretTag && node.isScalar()) {
        node.tag = tag;
        return;
    }
    node.broken = true;
    diagnostics_.error(
        Code::unknownTag, node.position,
        tag == secretTag ? "a list or map cannot be a secret" : "unknown tag '" + tag + "'",
        "the only tag here is '!secret NAME'");
}

void TreeBuilder::OnDocumentStart(const YAML::Mark& mark) {
    if (++documents_ == 1) return;
    diagnostics_.error(Code::severalDocuments, at(mark), "a second document begins here",
                       "a configuration is one document; remove this one");
    throw ParseStopped{};
}

void TreeBuilder::OnDocumentEnd() {}

void TreeBuilder::OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) {
    Node node;
    node.position = positionOfNothing(mark);
    count(node, node.position);
    remember(anchor, node);
    attach(std::move(node));
}

void TreeBuilder::OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) {
    const auto position = at(mark);
    if (++aliases_ > aliasesMax) {
        diagnostics_.error(Code::tooManyAliases, position,
                           "more than " + std::to_string(aliasesMax) + " aliases",
                           "write the values out");
        throw ParseStopped{};
    }
    const auto named = anchors_.find(anchor);
    if (named == anchors_.end()) {
        diagnostics_.error(Code::aliasOfItself, position,
                           "an alias inside the very value that it names");
        throw ParseStopped{};
    }
    if (open_.size() + depthOf(named->second) > depthMax) stopTooDeep(position);
    Node copy = named->second;
    count(copy, position);
    attach(std::move(copy));
}

void TreeBuilder::OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                           const std::string& value) {
    Node node;
    node.kind = Node::Kind::scalar;
    node.text = value;
    node.position = at(mark);
    checkTag(tag, node);
    const auto begin = skipProperties(offsetOf(node.position));
    const auto& text = source_->text();
    if (begin < text.size() && (text[begin] == '"' || text[begin] == '\'')) {
        node.quoted = true;
        noteQuoted(begin);
    }
    node.quoted = node.quoted || tag == quotedTag;
    count(node, node.position);
    remember(anchor, node);
    attach(std::move(node));
}

/// yaml-cpp takes the end of the file for a closing quote.
void TreeBuilder::noteQuoted(std::size_t begin) {
    const auto& text = source_->text();
    const auto end = endOfQuoted(text, begin);
    const auto position = positionAt(source_, begin);
    if (end == std::string::npos) {
        diagnostics_.error(Code::unterminatedText, position, "this quoted text never ends",
                           std::string("close it with ") + text[begin]);
        throw ParseStopped{};
    }
    const auto lastLine = positionAt(source_, end - 1).line;
    if (lastLine == position.line) return;
    longText_ = position;
    longTextEnd_ = lastLine;
}

std::optional<Position> TreeBuilder::innermostOpen(Node::Kind kind) const {
    for (auto opened = open_.rbegin(); opened != open_.rend(); ++opened) {
        if (opened->node.kind == kind) return opened->node.position;
    }
    return std::nullopt;
}

std::optional<Position> TreeBuilder::longTextEndingIn(std::uint32_t line) const {
    return longText_ && longTextEnd_ == line ? longText_ : std::nullopt;
}

void TreeBuilder::OnSequenceStart(const YAML::Mark& mark, const std::string& tag,
                                  YAML::anchor_t anchor, YAML::EmitterStyle::value) {
    open(Node::Kind::list, mark, tag, anchor);
}

void TreeBuilder::OnSequenceEnd() {
    close();
}

void TreeBuilder::OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                             YAML::EmitterStyle::value) {
    open(Node::Kind::map, mark, tag, anchor);
}

void TreeBuilder::OnMapEnd() {
    close();
}

void TreeBuilder::stopTooDeep(const Position& position) {
    diagnostics_.error(Code::tooDeep, position,
                       "nested deeper than " + std::to_string(depthMax) + " levels");
    throw ParseStopped{};
}

void TreeBuilder::open(Node::Kind kind, const YAML::Mark& mark, const std::string& tag,
                       YAML::anchor_t anchor) {
    Open opened;
    opened.node.kind = kind;
    opened.node.position = at(mark);
    opened.anchor = anchor;
    checkTag(tag, opened.node);
    if (open_.size() == depthMax) stopTooDeep(opened.node.position);
    count(opened.node, opened.node.position);
    open_.push_back(std::move(opened));
}

void TreeBuilder::close() {
    auto closed = std::move(open_.back());
    open_.pop_back();
    remember(closed.anchor, closed.node);
    attach(std::move(closed.node));
}

void TreeBuilder::takeKey(Open& map, const Node& node) {
    map.hasKey = true;
    map.dropped = true;
    map.key = node.text;
    map.keyPosition = node.position;
    if (!node.isScalar()) {
        diagnostics_.error(Code::keyNotText, node.position, "a key must be a text");
        return;
    }
    if (node.text == "<<" && !node.quoted) {
        diagnostics_.error(Code::mergeKey, node.position, "merge keys are not supported",
                           "write the keys out");
        return;
    }
    if (const auto* first = map.node.find(node.text)) {
        diagnostics_.error(Code::duplicateKey, node.position,
                           "the key '" + node.text + "' stands twice in this map",
                           "the first is in line " + std::to_string(first->keyPosition.line));
        return;
    }
    map.dropped = false;
}

void TreeBuilder::attach(Node node) {
    if (open_.empty()) {
        root_ = std::move(node);
        return;
    }
    auto& parent = open_.back();
    if (parent.node.isList()) {
        parent.node.items.push_back(std::move(node));
    } else if (!parent.hasKey) {
        takeKey(parent, node);
    } else {
        parent.hasKey = false;
        if (parent.dropped) return;
        parent.node.members.push_back({parent.key, parent.keyPosition, std::move(node)});
    }
}

void TreeBuilder::count(const Node& node, const Position& position) {
    measure(node, nodes_, textBytes_);
    if (nodes_ <= nodesMax && textBytes_ <= textBytesMax) return;
    diagnostics_.error(Code::tooManyAliases, position,
                       "the document grows beyond " + std::to_string(nodesMax) + " values");
    throw ParseStopped{};
}

void TreeBuilder::remember(YAML::anchor_t anchor, const Node& node) {
    if (anchor != YAML::NullAnchor) anchors_.insert_or_assign(anchor, node);
}

}  // namespace syncline::settings
