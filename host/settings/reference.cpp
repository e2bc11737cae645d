// SPDX-License-Identifier: Apache-2.0
#include "settings/reference.h"

#include <string_view>
#include <utility>
#include <vector>

#include "json/parse.h"
#include "json/write.h"
#include "settings/codes.h"
#include "settings/component_reader.h"
#include "settings/sections.h"

namespace syncline::settings {

namespace {

constexpr std::string_view introduction = R"(# Configuration

One YAML file says everything. It is checked completely before anything starts: `syncline check`
runs the same checks without starting, and all errors are told at once, each with its line, its
column and what was expected:

```
syncline.yaml:28:17: error[C104]: unknown key 'per_conection' in stage 'rate_limit'
   28 |         with: { per_conection: 50/s }
      |                 ^ did you mean 'per_connection'?
```

`config/syncline.yaml` is complete and commented; `config/examples/` has smaller ones. This page is
generated from the tables that check the file.

## Rules for the whole file

- **Paths** that are relative start from the folder of the configuration file.
- **Durations** are a number and a unit (`250ms`, `30s`, `5m`, `12h`, `7d`), **sizes** likewise
  (`512B`, `64KiB`, `8MiB`, `1GiB`), **rates** are a number per unit of time (`200/s`, `30/m`).
- **Variables** of the environment are replaced inside texts, after the YAML is read: `${NAME}` must
  be set, `${NAME:-default}` has a default, `${NAME:?message}` fails with a message, `$${` is a plain
  `${`. Inside `[ ]` and `{ }` a text with a variable needs quotes.
- **Secrets** come from a variable (`!secret NAME`) or, in a component's configuration, from a file
  (`{ file: path }`). They are shown nowhere.
- **Patterns** match whole names; `*` stands for any run of characters.
- **Names** that the file gives (listeners, auth, storage) are snake_case.
- **`use`** names a component: by its name if only one plugin has it, else as `plugin-id/name`. What
  stands behind **`with`** is checked against the component's own schema.
- Unknown and duplicate keys are errors. YAML aliases work in small numbers; merge keys (`<<`), tags
  other than `!secret` and further documents do not.

)";

std::string headingOf(const SectionDoc& section) {
    switch (section.layout) {
        case Layout::map:
            return section.name;
        case Layout::named:
            return section.name + ".<name>";
        case Layout::list:
            return section.name + "[]";
        case Layout::namedLists:
            return section.name + ".<type>[]";
    }
    return section.name;
}

std::string cell(const std::string& text) {
    std::string escaped;
    for (const char c : text) {
        if (c == '|') escaped += '\\';
        escaped += c == '\n' ? ' ' : c;
    }
    return escaped;
}

std::string code(const std::string& text) {
    return text.empty() ? "" : "`" + cell(text) + "`";
}

void addSection(const SectionDoc& section, std::string& page) {
    page += "### `" + headingOf(section) + "`\n\n" + section.sentence + "\n\n";
    page += "| key | type | default | allowed | what it is for |\n";
    page += "| --- | --- | --- | --- | --- |\n";
    for (const auto& key : section.keys) {
        const auto fallback = key.required ? "*required*" : code(key.fallback);
        page += "| `" + key.name + "` | " + key.type + " | " + fallback + " | " + cell(key.range) +
                " | " + cell(key.sentence) + " |\n";
    }
    page += "\n";
}

std::string typeIn(const json::Value& schema) {
    const auto* type = schema.find("type");
    if (type != nullptr && type->isString()) {
        const std::string name(type->asString());
        if (name == "object") return "map";
        if (name == "array") return "list";
        return name == "string" ? "text" : name;
    }
    if (const auto* choices = schema.find("enum")) {
        std::string words;
        for (const auto& choice : choices->elements()) {
            words += (words.empty() ? "" : ", ") + json::toText(choice);
        }
        return words;
    }
    return "any of several forms";
}

void addProperties(const json::Value& schema, std::string& page) {
    const auto* properties = schema.find("properties");
    if (properties == nullptr || properties->empty()) {
        page += "It takes no configuration.\n\n";
        return;
    }
    page += "| key | type | default | what it is for |\n| --- | --- | --- | --- |\n";
    for (const auto& member : properties->members()) {
        const auto* fallback = member.value.find("default");
        const auto* text = member.value.find("description");
        std::string required;
        if (const auto* list = schema.find("required")) {
            for (const auto& name : list->elements()) {
                if (name.isString() && name.asString() == member.key()) required = "*required*";
            }
        }
        page += "| `" + std::string(member.key()) + "` | " + cell(typeIn(member.value)) + " | " +
                (fallback != nullptr ? code(json::toText(*fallback)) : required) + " | " +
                (text != nullptr && text->isString() ? cell(std::string(text->asString())) : "") +
                " |\n";
    }
    page += "\n";
}

void addComponent(const ComponentInfo& info, std::string& page) {
    page += "#### " + kindWord(info.kind) + " `" + info.name + "`\n\n";
    page += "Plugin `" + info.plugin + "`.";
    if (!info.documentation.empty()) page += " " + info.documentation;
    page += "\n\n";
    const auto schema = json::parse(info.schema.empty() ? "{}" : info.schema);
    if (schema) addProperties(*schema, page);
}

void addComponents(const Catalog& catalog, std::string& page) {
    page += "## Components\n\nWhat `use` may name, and the keys of its `with`.\n\n";
    for (const auto wanted : {kind::messageHandler, kind::authProvider, kind::storageBackend,
                              kind::conflictStrategy, kind::broker}) {
        for (const auto& info : catalog.components()) {
            if (info.kind == wanted) addComponent(info, page);
        }
    }
}

}  // namespace

std::string configurationReference(const Catalog& catalog) {
    std::string page(introduction);
    page +=
        "## Sections\n\n`version: 1` comes first. Every section but `listeners` may be left "
        "out.\n\n";
    for (const auto& section : sectionDocs()) addSection(section, page);
    addComponents(catalog, page);
    page += "## Codes\n\n| code | what is wrong |\n| --- | --- |\n";
    for (const auto& meaning : codeMeanings()) {
        page += "| " + codeText(meaning.code) + " | " + cell(std::string(meaning.meaning)) + " |\n";
    }
    return page;
}

}  // namespace syncline::settings
