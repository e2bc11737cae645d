// SPDX-License-Identifier: Apache-2.0
#include "settings/json_document.h"

#include <rapidjson/error/en.h>
#include <rapidjson/reader.h>

#include <string>
#include <utility>
#include <vector>

#include "settings/document.h"

namespace syncline::settings {

namespace {

/// The text as RapidJSON reads it. Unlike its own stream it is never copied while a token is read,
/// so that handlers know where the token ends.
class TextStream {
public:
    using Ch = char;

    explicit TextStream(const std::string& text) : text_(text) {}

    Ch Peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
    Ch Take() { return at_ < text_.size() ? text_[at_++] : '\0'; }
    std::size_t Tell() const { return at_; }

    // RapidJSON names these for parsing in place, which is never asked for.
    Ch* PutBegin() { return nullptr; }
    void Put(Ch) {}
    std::size_t PutEnd(Ch*) { return 0; }

private:
    const std::string& text_;
    std::size_t at_ = 0;
};

/// Makes nodes of RapidJSON's events. An event comes when its token was read, so a token's begin
/// is found from its end.
class JsonTreeBuilder : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, JsonTreeBuilder> {
public:
    JsonTreeBuilder(const SourcePtr& source, const TextStream& stream, Diagnostics& diagnostics)
        : source_(source), stream_(stream), diagnostics_(diagnostics) {}

    std::optional<Node> takeRoot() { return std::move(root_); }

    bool Null() {
        Node node;
        node.position = positionAt(source_, end() - 4);
        return attach(std::move(node));
    }
    bool Bool(bool value) { return plain(value ? "true" : "false"); }
    bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
        return plain(std::string(text, size));
    }
    bool String(const char* text, rapidjson::SizeType size, bool) {
        Node node;
        node.kind = Node::Kind::scalar;
        node.quoted = true;
        node.text.assign(text, size);
        node.position = positionAt(source_, beginOfString());
        return attach(std::move(node));
    }
    bool Key(const char* text, rapidjson::SizeType size, bool) {
        auto& map = open_.back();
        map.key.assign(text, size);
        map.keyPosition = positionAt(source_, beginOfString());
        if (map.node.find(map.key) == nullptr) return true;
        diagnostics_.error(Code::duplicateKey, map.keyPosition,
                           "the key '" + map.key + "' stands twice in this object");
        return false;
    }
    bool StartObject() { return open(Node::Kind::map); }
    bool StartArray() { return open(Node::Kind::list); }
    bool EndObject(rapidjson::SizeType) { return close(); }
    bool EndArray(rapidjson::SizeType) { return close(); }

private:
    struct Open {
        Node node;
        std::string key;
        Position keyPosition;
    };

    std::size_t end() const { return stream_.Tell(); }

    /// Back from the closing quote to the one that no backslash escapes.
    std::size_t beginOfString() const {
        const auto& text = source_->text();
        auto at = end() - 2;
        while (true) {
            at = text.rfind('"', at);
            std::size_t backslashes = 0;
            while (backslashes < at && text[at - 1 - backslashes] == '\\') ++backslashes;
            if (backslashes % 2 == 0) return at;
            --at;
        }
    }

    bool plain(std::string text) {
        Node node;
        node.kind = Node::Kind::scalar;
        node.position = positionAt(source_, end() - text.size());
        node.text = std::move(text);
        return attach(std::move(node));
    }

    bool open(Node::Kind kind) {
        Open opened;
        opened.node.kind = kind;
        opened.node.position = positionAt(source_, end());  // it is not taken yet
        if (open_.size() == depthMax) {
            diagnostics_.error(Code::tooDeep, opened.node.position,
                               "nested deeper than " + std::to_string(depthMax) + " levels");
            return false;
        }
        open_.push_back(std::move(opened));
        return true;
    }

    bool close() {
        auto node = std::move(open_.back().node);
        open_.pop_back();
        return attach(std::move(node));
    }

    bool attach(Node node) {
        if (open_.empty()) {
            root_ = std::move(node);
        } else if (open_.back().node.isList()) {
            open_.back().node.items.push_back(std::move(node));
        } else {
            auto& map = open_.back();
            map.node.members.push_back({map.key, map.keyPosition, std::move(node)});
        }
        return true;
    }

    const SourcePtr& source_;
    const TextStream& stream_;
    Diagnostics& diagnostics_;
    std::vector<Open> open_;
    std::optional<Node> root_;
};

}  // namespace

std::optional<Node> parseJsonDocument(const SourcePtr& source, Diagnostics& diagnostics) {
    TextStream stream(source->text());
    JsonTreeBuilder builder(source, stream, diagnostics);
    rapidjson::Reader reader;
    constexpr unsigned flags =
        rapidjson::kParseNumbersAsStringsFlag | rapidjson::kParseIterativeFlag;
    const auto result = reader.Parse<flags>(stream, builder);
    if (result) return builder.takeRoot();
    if (result.Code() != rapidjson::kParseErrorTermination) {
        diagnostics.error(
            Code::includedSyntax, positionAt(source, result.Offset()),
            std::string("this is not JSON: ") + rapidjson::GetParseError_En(result.Code()));
    }
    return std::nullopt;
}

}  // namespace syncline::settings
