// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "settings/reader.h"
#include "settings/scalar.h"
#include "settings/suggest.h"

namespace syncline::settings {

/// One key of a section as people and editors read of it.
struct KeyDoc {
    std::string name;
    std::string type;      ///< "duration", "list of texts", …
    std::string fallback;  ///< what holds without the key, as it would be written; may be empty
    std::string range;     ///< "1s to 1h", "recover, conflate, disconnect"; may be empty
    std::string sentence;  ///< what it is for
    std::string schema;    ///< JSON Schema of the value
    bool required = false;
};

/// All keys of one section: one description each, from which come the checks, the defaults in the
/// reference and the editor schema. The defaults themselves stand in the struct `S`.
template <class S>
class Table {
public:
    using Read = std::function<void(const Node&, S&, Reader&)>;

    Table& key(KeyDoc doc, Read read) {
        keys_.push_back({std::move(doc), std::move(read)});
        return *this;
    }

    Table& duration(const std::string& name, std::int64_t S::*member, Range range,
                    const std::string& sentence) {
        KeyDoc doc{name,
                   "duration",
                   durationText(S{}.*member),
                   span(range, durationText),
                   sentence,
                   R"({"type":"string","pattern":"^[0-9]+(ms|s|m|h|d)$"})"};
        return key(std::move(doc), [=](const Node& node, S& into, Reader& reader) {
            if (const auto value = reader.duration(node, name, range)) into.*member = *value;
        });
    }

    Table& size(const std::string& name, std::int64_t S::*member, Range range,
                const std::string& sentence) {
        KeyDoc doc{name,
                   "size",
                   sizeText(S{}.*member),
                   span(range, sizeText),
                   sentence,
                   R"({"type":"string","pattern":"^[0-9]+(B|KiB|MiB|GiB|TiB)$"})"};
        return key(std::move(doc), [=](const Node& node, S& into, Reader& reader) {
            if (const auto value = reader.size(node, name, range)) into.*member = *value;
        });
    }

    Table& count(const std::string& name, std::int64_t S::*member, Range range,
                 const std::string& sentence) {
        KeyDoc doc{name,
                   "number",
                   std::to_string(S{}.*member),
                   span(range, plain),
                   sentence,
                   R"({"type":"integer","minimum":)" + plain(range.min) + R"(,"maximum":)" +
                       plain(range.max) + "}"};
        return key(std::move(doc), [=](const Node& node, S& into, Reader& reader) {
            if (const auto value = reader.integer(node, name, range)) into.*member = *value;
        });
    }

    Table& boolean(const std::string& name, bool S::*member, const std::string& sentence) {
        KeyDoc doc{name, "true or false", S{}.*member ? "true" : "false",
                   "",   sentence,        R"({"type":"boolean"})"};
        return key(std::move(doc), [=](const Node& node, S& into, Reader& reader) {
            if (const auto value = reader.boolean(node, name)) into.*member = *value;
        });
    }

    /// The words stand in the order of the enumerators, which count from 0.
    template <class Enum>
    Table& choice(const std::string& name, Enum S::*member, const std::vector<std::string>& words,
                  const std::string& sentence) {
        std::string all;
        std::string quoted;
        for (const auto& word : words) {
            all += (all.empty() ? "" : ", ") + word;
            quoted += (quoted.empty() ? "\"" : ",\"") + word + "\"";
        }
        KeyDoc doc{name, "word",   words[static_cast<std::size_t>(S{}.*member)],
                   all,  sentence, R"({"enum":[)" + quoted + "]}"};
        return key(std::move(doc), [=](const Node& node, S& into, Reader& reader) {
            if (const auto value = reader.choice(node, name, words)) {
                into.*member = static_cast<Enum>(*value);
            }
        });
    }

    Table& pattern(const std::string& name, std::string S::*member, bool required,
                   const std::string& sentence) {
        KeyDoc doc{name,    "pattern", S{}.*member,
                   "",      sentence,  R"({"type":"string","minLength":1,"maxLength":255})",
                   required};
        return key(std::move(doc), [=](const Node& node, S& into, Reader& reader) {
            if (auto value = reader.pattern(node, name)) into.*member = std::move(*value);
        });
    }

    /// Reads a map into the struct. `owner` is where the map is introduced (its key or dash),
    /// `label` how messages call it ("listener 'public'").
    void read(const Node& node, const Position& owner, const std::string& label, S& into,
              Reader& reader) const {
        if (!reader.isMap(node, label)) return;
        for (const auto& member : node.members) {
            if (const auto* known = find(member.key)) {
                known->read(member.value, into, reader);
            } else {
                reader.diagnostics().error(Code::unknownKey, member.keyPosition,
                                           "unknown key '" + member.key + "' in " + label,
                                           suggestion(member.key, names()));
            }
        }
        for (const auto& key : keys_) {
            if (!key.doc.required || node.find(key.doc.name) != nullptr) continue;
            reader.diagnostics().error(Code::missingKey, owner,
                                       label + " has no '" + key.doc.name + "'");
        }
    }

    std::vector<KeyDoc> docs() const {
        std::vector<KeyDoc> all;
        for (const auto& key : keys_) all.push_back(key.doc);
        return all;
    }

private:
    struct Key {
        KeyDoc doc;
        Read read;
    };

    static std::string plain(std::int64_t value) { return std::to_string(value); }

    static std::string span(Range range, std::string (*show)(std::int64_t)) {
        return show(range.min) + " to " + show(range.max);
    }

    const Key* find(const std::string& name) const {
        for (const auto& key : keys_) {
            if (key.doc.name == name) return &key;
        }
        return nullptr;
    }

    std::vector<std::string> names() const {
        std::vector<std::string> all;
        for (const auto& key : keys_) all.push_back(key.doc.name);
        return all;
    }

    std::vector<Key> keys_;
};

}  // namespace syncline::settings
