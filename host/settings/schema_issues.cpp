// SPDX-License-Identifier: Apache-2.0
#include "settings/schema_issues.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "json/pointer.h"
#include "json/write.h"
#include "settings/suggest.h"

namespace syncline::settings {

namespace {

/// What an issue of valijson means here. `summary`: it only says that something beneath failed.
struct Meaning {
    std::string_view begins;
    Code code;
    bool summary;
};

constexpr Meaning meanings[] = {
    {"Missing required property", Code::missingKey, false},
    {"Value type not permitted", Code::wrongType, false},
    {"Failed to match against any enum", Code::notAChoice, false},
    {"Expected number", Code::outOfRange, false},
    {"Failed to match regex", Code::patternMismatch, false},
    {"Array should contain", Code::wrongLength, false},
    {"Array contains more items", Code::wrongLength, false},
    {"String should be no", Code::wrongLength, false},
    {"Object should have", Code::wrongLength, false},
    {"Elements at indexes", Code::repeatedItem, false},
    {"Object contains a property", Code::unknownKey, false},
    {"Failed to validate against any", Code::noAlternative, true},
    {"Failed to validate", Code::valueRefused, true},
};

Meaning meaningOf(const SchemaIssue& issue) {
    for (const auto& meaning : meanings) {
        if (issue.said.starts_with(meaning.begins)) return meaning;
    }
    return {"", Code::valueRefused, false};
}

/// The word between the last two single quotes of a message of valijson.
std::string quotedIn(const std::string& said) {
    const auto end = said.rfind('\'');
    const auto begin = end == std::string::npos || end == 0 ? end : said.rfind('\'', end - 1);
    if (begin == std::string::npos || begin >= end) return {};
    return said.substr(begin + 1, end - begin - 1);
}

std::string typeOf(const json::Value* value) {
    if (value == nullptr || value->isNull()) return "nothing";
    if (value->isObject()) return "a map";
    if (value->isArray()) return "a list";
    if (value->isString()) return "a text";
    return value->isBool() ? "true or false" : "a number";
}

std::string typesIn(const json::Value* schema) {
    const auto* types = schema == nullptr ? nullptr : schema->find("type");
    if (types == nullptr) return {};
    std::string text;
    const auto add = [&](const json::Value& type) {
        if (!type.isString()) return;
        const auto name = type.asString();
        text += text.empty() ? "" : " or ";
        text += name == "object"    ? "a map"
                : name == "array"   ? "a list"
                : name == "string"  ? "a text"
                : name == "integer" ? "a whole number"
                : name == "number"  ? "a number"
                : name == "boolean" ? "true or false"
                                    : "nothing";
    };
    if (types->isArray()) {
        for (const auto& type : types->elements()) add(type);
    } else {
        add(*types);
    }
    return text;
}

std::string boundsIn(const json::Value* schema) {
    std::string text;
    const std::pair<std::string_view, std::string_view> words[] = {
        {"minimum", "at least "},       {"exclusiveMinimum", "more than "},
        {"maximum", "at most "},        {"exclusiveMaximum", "less than "},
        {"minLength", "at least "},     {"maxLength", "at most "},
        {"minItems", "at least "},      {"maxItems", "at most "},
        {"minProperties", "at least "}, {"maxProperties", "at most "}};
    for (const auto& [word, phrase] : words) {
        const auto* bound = schema == nullptr ? nullptr : schema->find(word);
        if (bound == nullptr || !bound->isNumber()) continue;
        text += (text.empty() ? "allowed: " : ", ") + std::string(phrase) + json::toText(*bound);
    }
    return text;
}

std::vector<std::string> choicesIn(const json::Value* schema) {
    std::vector<std::string> choices;
    const auto* list = schema == nullptr ? nullptr : schema->find("enum");
    if (list == nullptr || !list->isArray()) return choices;
    for (const auto& choice : list->elements()) {
        choices.push_back(choice.isString() ? std::string(choice.asString())
                                            : json::toText(choice));
    }
    return choices;
}

/// How messages call the value at a pointer that is not the root.
std::string lastToken(const std::string& pointer) {
    const auto path = json::Pointer::parse(pointer);
    if (!path) return pointer;
    const auto token = path->lastToken();
    const auto index = json::Pointer::arrayIndex(token);
    if (!index) return "'" + token + "'";
    const auto item = "item " + std::to_string(*index + 1);
    const auto list = path->parent();
    return list.isRoot() ? item : item + " of " + lastToken(list.text());
}

/// How the message calls the value; never its text if that is a secret.
std::string shown(const json::Value* value, bool secret) {
    if (value == nullptr || secret) return "the value";
    if (value->isString()) return "'" + std::string(value->asString()) + "'";
    if (value->isObject() || value->isArray()) return "the value";
    return json::toText(*value);
}

/// What an issue is about.
struct Subject {
    const json::Value* schema;  ///< null: unknown
    const json::Value* value;   ///< null: not there
    bool secret;
    std::string name;  ///< "'level' of auth provider 'x'"
};

struct Text {
    std::string message;
    std::string hint;
};

/// "Elements at indexes #0 and #2 violate …": the 2.
std::string secondIndexIn(const std::string& said) {
    const auto hash = said.rfind('#');
    if (hash == std::string::npos) return {};
    return said.substr(hash + 1, said.find(' ', hash) - hash - 1);
}

Text choiceText(const Subject& subject) {
    const bool text = subject.value != nullptr && subject.value->isString() && !subject.secret;
    return {subject.name + " cannot be " + shown(subject.value, subject.secret),
            suggestion(text ? subject.value->asString() : "", choicesIn(subject.schema))};
}

Text patternText(const Subject& subject) {
    const auto* pattern = subject.schema == nullptr ? nullptr : subject.schema->find("pattern");
    const bool known = pattern != nullptr && pattern->isString();
    return {subject.name + " cannot be " + shown(subject.value, subject.secret),
            known ? "it must match " + std::string(pattern->asString()) : ""};
}

Text wordingOf(const SchemaIssue& issue, Code code, const Subject& subject) {
    switch (code) {
        case Code::missingKey:
            return {subject.name + " has no '" + quotedIn(issue.said) + "'", ""};
        case Code::wrongType:
            return {subject.name + " is " + typeOf(subject.value),
                    "expected " + typesIn(subject.schema)};
        case Code::notAChoice:
            return choiceText(subject);
        case Code::outOfRange:
            return {subject.name + " is out of range: " + shown(subject.value, subject.secret),
                    boundsIn(subject.schema)};
        case Code::wrongLength:
            return {subject.name + " is too short or too long", boundsIn(subject.schema)};
        case Code::patternMismatch:
            return patternText(subject);
        case Code::repeatedItem:
            return {subject.name + " has the same item twice", "remove one"};
        case Code::noAlternative:
            return {subject.name + " is " + typeOf(subject.value) +
                        ", which fits none of the forms it may have",
                    ""};
        default:
            return {subject.name + ": " + issue.said, ""};
    }
}

bool isBeneath(const std::string& pointer, const std::string& other) {
    return other.size() > pointer.size() && other.starts_with(pointer) &&
           other[pointer.size()] == '/';
}

/// An issue adds nothing if a summary says the same of what lies beneath, or if it is one of the
/// alternatives' complaints about the shape of a value whose inside has complaints of its own.
bool addsNothing(const SchemaIssue& issue, const std::vector<SchemaIssue>& all) {
    const auto meaning = meaningOf(issue);
    const bool shape = meaning.code == Code::wrongType || meaning.summary;
    if (shape && std::any_of(all.begin(), all.end(), [&](const SchemaIssue& other) {
            return isBeneath(issue.pointer, other.pointer);
        })) {
        return true;
    }
    const bool alternatives = std::any_of(all.begin(), all.end(), [&](const SchemaIssue& other) {
        return other.pointer == issue.pointer && meaningOf(other).code == Code::noAlternative;
    });
    if (meaning.code == Code::wrongType && alternatives) return true;
    if (!meaning.summary) return false;
    return std::any_of(all.begin(), all.end(), [&](const SchemaIssue& other) {
        const auto said = meaningOf(other);
        return other.pointer == issue.pointer && !said.summary &&
               !(said.code == Code::wrongType && meaning.code == Code::noAlternative);
    });
}

}  // namespace

bool IssueReport::isKnown(const std::string& pointer) const {
    return std::any_of(broken_.begin(), broken_.end(), [&](const std::string& known) {
        return known == pointer || isBeneath(known, pointer);
    });
}

bool IssueReport::isKnownBeneath(const std::string& pointer) const {
    return std::any_of(broken_.begin(), broken_.end(),
                       [&](const std::string& known) { return isBeneath(pointer, known); });
}

std::string IssueReport::add(const json::Value& schema, const json::Value& value,
                             const std::string& base) {
    const auto verdict = checkAgainstSchema(schema, value);
    const SchemaGuide guide(schema);
    std::set<std::pair<std::string, std::string>> said;
    for (const auto& issue : verdict.issues) {
        const auto pointer = base + issue.pointer;
        if (isKnown(pointer) || addsNothing(issue, verdict.issues)) continue;
        if (meaningOf(issue).summary && isKnownBeneath(pointer)) continue;
        if (said.insert({issue.pointer, issue.said}).second) report(issue, guide, value, base);
    }
    return verdict.brokenSchema;
}

void IssueReport::report(const SchemaIssue& issue, const SchemaGuide& guide,
                         const json::Value& value, const std::string& base) {
    const auto pointer = base + issue.pointer;
    const auto path = json::Pointer::parse(issue.pointer);
    const auto spot = use_.positions.find(pointer);
    const bool secret = use_.positions.secrets().contains(pointer);
    const Subject subject{guide.forPointer(issue.pointer, value),
                          path ? path->resolve(value) : nullptr, secret,
                          pointer.empty() ? label_ : lastToken(pointer) + " of " + label_};
    const auto code = meaningOf(issue).code;
    auto position = code == Code::missingKey ? spot.key : spot.value;
    auto text = wordingOf(issue, code, subject);
    if (code == Code::unknownKey) {
        const auto key = quotedIn(issue.said);
        position = use_.positions.find(pointer + "/" + json::Pointer::escape(key)).key;
        text = {"unknown key '" + key + "' in " + label_,
                suggestion(key, SchemaGuide::keysOf(subject.schema))};
    } else if (code == Code::repeatedItem) {
        position = use_.positions.find(pointer + "/" + secondIndexIn(issue.said)).value;
    }
    diagnostics_.error(code, position, text.message, text.hint);
}

}  // namespace syncline::settings
