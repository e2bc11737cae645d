// SPDX-License-Identifier: Apache-2.0
#include "settings/config_builder.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "json/pointer.h"
#include "settings/component_reader.h"
#include "settings/document.h"
#include "settings/json_document.h"
#include "settings/substitution.h"
#include "settings/suggest.h"

namespace syncline::settings {

namespace {

std::string under(const std::string& pointer, std::string_view key) {
    return pointer + "/" + json::Pointer::escape(key);
}

std::string_view markOf(const json::Value* schema, std::string_view word) {
    const auto* mark = schema == nullptr ? nullptr : schema->find(word);
    return mark != nullptr && mark->isString() ? mark->asString() : std::string_view();
}

std::string lastKeyOf(const std::string& pointer) {
    return pointer.substr(pointer.rfind('/') + 1);
}

bool isMarked(const json::Value* schema, std::string_view word) {
    const auto* mark = schema == nullptr ? nullptr : schema->find(word);
    return mark != nullptr && mark->isBool() && mark->asBool();
}

/// What YAML 1.2 (core schema) reads as a number.
std::optional<double> numberOf(const std::string& text) {
    if (text.starts_with("0x") || text.starts_with("0o")) {
        std::uint64_t number = 0;
        const auto* end = text.data() + text.size();
        const auto read = std::from_chars(text.data() + 2, end, number, text[1] == 'x' ? 16 : 8);
        if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
        return static_cast<double>(number);
    }
    const auto digits = text.find_first_not_of("+-");
    if (digits == std::string::npos || digits > 1) return std::nullopt;
    if (text.find_first_not_of("0123456789.eE+-") != std::string::npos) return std::nullopt;
    if (text.find_first_of("0123456789") == std::string::npos) return std::nullopt;
    char* end = nullptr;
    const double number = std::strtod(text.c_str(), &end);
    return end == text.c_str() + text.size() ? std::optional(number) : std::nullopt;
}

bool isWordFor(const std::string& text, std::string_view lower) {
    const auto capital = std::string(1, static_cast<char>(lower[0] - 'a' + 'A'));
    std::string upper;
    for (const char c : lower) upper += static_cast<char>(c - 'a' + 'A');
    return text == lower || text == capital + std::string(lower.substr(1)) || text == upper;
}

bool isNotFinite(const std::string& text) {
    const auto digits = text.find_first_not_of("+-");
    const auto word = digits == std::string::npos ? text : text.substr(digits);
    return word == ".inf" || word == ".Inf" || word == ".INF" || word == ".nan" || word == ".NaN" ||
           word == ".NAN";
}

}  // namespace

void ConfigBuilder::report(Code code, const Position& position, const std::string& pointer,
                           std::string message, std::string hint) {
    broken_.insert(pointer);
    reader_.diagnostics().error(code, position, std::move(message), std::move(hint));
}

json::Value ConfigBuilder::build(const Node& node, const ConfigPositions::Spot& spot) {
    return value(node, &guide_.root(), "", spot);
}

json::Value ConfigBuilder::value(const Node& node, const json::Value* schema,
                                 const std::string& pointer, const ConfigPositions::Spot& spot) {
    positions_.set(pointer, spot);
    if (node.broken) broken_.insert(pointer);
    const auto* chosen = guide_.forNode(schema, node);
    if (node.isMap() && !SchemaGuide::allows(chosen, "object") &&
        SchemaGuide::allows(chosen, "string") && node.members.size() == 1 &&
        node.members[0].key == "file") {
        return secretFile(node, pointer);
    }
    if (node.isScalar() && !node.broken && !markOf(chosen, "x-syncline-file").empty()) {
        return included(node, chosen, schema, pointer);
    }
    if (node.isMap()) return map(node, chosen, pointer);
    if (node.isList()) return list(node, chosen, pointer);
    if (node.isScalar()) return scalar(node, chosen, pointer);
    return json::Value::null();
}

json::Value ConfigBuilder::map(const Node& node, const json::Value* schema,
                               const std::string& pointer) {
    auto object = json::Value::object();
    const bool isObject = SchemaGuide::allows(schema, "object");
    for (const auto& member : node.members) {
        const auto at = under(pointer, member.key);
        if (isObject && !SchemaGuide::allowsKey(schema, member.key)) {
            report(Code::unknownKey, member.keyPosition, at,
                   "unknown key '" + member.key + "' in " + label_,
                   suggestion(member.key, SchemaGuide::keysOf(schema)));
            continue;
        }
        object.set(member.key, value(member.value, guide_.forMember(schema, member.key), at,
                                     {member.keyPosition, member.value.position}));
    }
    fillDefaults(object, schema);
    return object;
}

json::Value ConfigBuilder::list(const Node& node, const json::Value* schema,
                                const std::string& pointer) {
    auto array = json::Value::array();
    for (std::size_t i = 0; i < node.items.size(); ++i) {
        const auto& item = node.items[i];
        array.push(value(item, guide_.forItem(schema, i), under(pointer, std::to_string(i)),
                         {item.position, item.position}));
    }
    return array;
}

void ConfigBuilder::fillDefaults(json::Value& object, const json::Value* schema) {
    const auto* properties = schema == nullptr ? nullptr : schema->find("properties");
    if (properties == nullptr) return;
    for (const auto& member : properties->members()) {
        // A default beside a reference counts, though a reference hides its other neighbours.
        const auto* known = guide_.resolved(&member.value);
        const auto* fallback = member.value.find("default");
        if (fallback == nullptr && known != nullptr) fallback = known->find("default");
        if (fallback == nullptr || object.contains(member.key())) continue;
        const bool path = isMarked(known, "x-syncline-path") && fallback->isString();
        object.set(member.key(), path ? json::Value(reader_.resolve(fallback->asString()).string())
                                      : fallback->clone());
    }
}

json::Value ConfigBuilder::scalar(const Node& node, const json::Value* schema,
                                  const std::string& pointer) {
    if (node.secret || isMarked(schema, "x-syncline-secret")) positions_.markSecret(pointer);
    if (!node.quoted && !SchemaGuide::isText(schema)) return plain(node, pointer);
    checkType(node, schema, pointer);
    if (isMarked(schema, "x-syncline-path") && !node.text.empty()) {
        return json::Value(reader_.resolve(node.text).string());
    }
    return json::Value(node.text);
}

json::Value ConfigBuilder::plain(const Node& node, const std::string& pointer) {
    if (isWordFor(node.text, "true")) return json::Value(true);
    if (isWordFor(node.text, "false")) return json::Value(false);
    if (isNotFinite(node.text)) {
        report(Code::numberNotExact, node.position, pointer, described(node) + " is no number");
        return json::Value(0);
    }
    const auto number = numberOf(node.text);
    if (!number) return json::Value(node.text);
    const bool integer =
        node.text.find_first_of(".eE") == std::string::npos || node.text.starts_with("0x");
    const auto largest = static_cast<double>(json::kIntegerMax);
    if (!std::isfinite(*number) || (integer && std::abs(*number) > largest)) {
        report(Code::numberNotExact, node.position, pointer,
               described(node) + " is larger than a number can be exactly",
               "the largest whole number is 9007199254740991; quote it if it is a text");
    }
    return json::Value(*number);
}

void ConfigBuilder::checkType(const Node& node, const json::Value* schema,
                              const std::string& pointer) {
    if (node.broken) return;
    const auto kind = markOf(schema, "x-syncline-component");
    if (!kind.empty() && reader_.hasCatalog()) {
        const auto named = reader_.text(node, lastKeyOf(pointer));
        if (!named || findComponent(*named, node.position, kind, reader_) == nullptr) {
            broken_.insert(pointer);
        }
    }
    const auto type = markOf(schema, "x-syncline-type");
    if (type == "duration" && !parseDurationMs(node.text)) {
        report(Code::notADuration, node.position, pointer, described(node) + " is no duration",
               "write a number and a unit: 250ms, 30s, 5m, 12h or 7d");
    } else if (type == "size" && !parseSizeBytes(node.text)) {
        report(Code::notASize, node.position, pointer, described(node) + " is no size",
               "write a number and a unit: 512B, 64KiB or 8MiB");
    } else if (type == "rate" && !parseRate(node.text)) {
        report(Code::notARate, node.position, pointer, described(node) + " is no rate",
               "write a number per unit of time: 200/s, 30/m or 10/h");
    }
}

json::Value ConfigBuilder::secretFile(const Node& node, const std::string& pointer) {
    positions_.markSecret(pointer);
    const auto& file = node.members[0].value;
    const auto named = reader_.text(file, "file");
    if (!named) {
        broken_.insert(pointer);
        return json::Value("");
    }
    std::string content;
    std::string reason;
    if (!readFile(reader_.resolve(*named), content, reason)) {
        report(Code::secretFile, file.position, pointer,
               "cannot read the secret in " + reader_.resolve(*named).string() + ": " + reason);
        return json::Value("");
    }
    while (content.ends_with('\n') || content.ends_with('\r')) content.pop_back();
    if (content.empty() || content.size() > configBytesMax) {
        report(Code::secretFile, file.position, pointer,
               "the file of the secret is " + std::string(content.empty() ? "empty" : "too large"));
    }
    return json::Value(content);
}

std::optional<Node> ConfigBuilder::readIncluded(const Node& node, std::string_view format) {
    const auto path = reader_.resolve(node.text);
    auto& diagnostics = reader_.diagnostics();
    std::string bytes;
    std::string reason;
    if (node.text.empty() || !readFile(path, bytes, reason)) {
        diagnostics.error(Code::includedFile, node.position,
                          "cannot read the file " + described(node) + ": " +
                              (node.text.empty() ? "it has no name" : reason),
                          node.secret ? "" : "looked for " + path.string());
        return std::nullopt;
    }
    const auto source = checkSource(node.text, std::move(bytes), diagnostics);
    if (!source) return std::nullopt;
    if (format == "text") {
        Node text;
        text.kind = Node::Kind::scalar;
        text.quoted = true;
        text.text = source->text();
        text.position = {source, 1, 1};
        return text;
    }
    if (format == "json") return parseJsonDocument(source, diagnostics);
    auto tree = parseDocument(source, diagnostics);
    if (tree) substitute(*tree, reader_.environment(), diagnostics);
    return tree;
}

json::Value ConfigBuilder::included(const Node& node, const json::Value* chosen,
                                    const json::Value* whole, const std::string& pointer) {
    const auto format = markOf(chosen, "x-syncline-file");
    if (++includes_ > includesMax) {
        report(Code::includedFile, node.position, pointer, "files include files too deep");
        return json::Value(node.text);
    }
    auto content = readIncluded(node, format);
    if (!content) {
        broken_.insert(pointer);
        --includes_;
        return json::Value(node.text);
    }
    // The content obeys its own schema, or else the alternative of this one that has its shape.
    const auto* schema = chosen->find("x-syncline-content");
    const auto* alternative = guide_.forNode(whole, *content);
    if (schema == nullptr && alternative != chosen) schema = whole;
    if (schema == nullptr || schema != whole) fileNames_.insert_or_assign(pointer, node.text);
    const ConfigPositions::Spot spot{node.position, content->position};
    auto result =
        format == "text" ? json::Value(content->text) : value(*content, schema, pointer, spot);
    positions_.set(pointer, spot);
    --includes_;
    return result;
}

}  // namespace syncline::settings
