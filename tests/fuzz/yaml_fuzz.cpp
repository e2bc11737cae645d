// SPDX-License-Identifier: Apache-2.0
// What is written as configuration: any text is read or refused, and every complaint points into
// it.
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "expect.h"
#include "settings/document.h"
#include "settings/json_document.h"
#include "settings/references.h"
#include "settings/sections.h"
#include "settings/substitution.h"
#include "settings/utf8.h"

namespace {

using namespace syncline::settings;

/// One component of each kind, so that `use:` leads somewhere.
class SmallCatalog final : public Catalog {
public:
    SmallCatalog() {
        for (const auto each : {kind::messageHandler, kind::authProvider, kind::storageBackend,
                                kind::conflictStrategy, kind::broker}) {
            ComponentInfo info;
            info.plugin = "a";
            info.name = "a";
            info.kind = each;
            info.schema = R"({"type": "object", "additionalProperties": false, "properties": {
                "a": {"type": "string", "pattern": "^a$"}, "b": {"enum": ["a", "b"]},
                "c": {"oneOf": [{"type": "integer", "maximum": 5},
                                {"type": "array", "items": {"$ref": "#"}, "uniqueItems": true}]}}})";
            info.openToAnyone = true;
            components_.push_back(std::move(info));
        }
    }

    const std::vector<ComponentInfo>& components() const override { return components_; }

private:
    std::vector<ComponentInfo> components_;
};

void checkPlaces(const Diagnostics& diagnostics, const Source& source) {
    for (const auto& diagnostic : diagnostics.all()) {
        SYNCLINE_EXPECT(diagnostic.code.size() == 4);
        if (diagnostic.line == 0) continue;
        SYNCLINE_EXPECT(diagnostic.line <= source.lineCount());
        const auto length = codePointCount(source.line(diagnostic.line));
        SYNCLINE_EXPECT(diagnostic.column >= 1 && diagnostic.column <= length + 2);
        SYNCLINE_EXPECT(!diagnostic.render().empty());
    }
}

void checkSize(const Node& node, std::size_t& left, std::size_t depth) {
    SYNCLINE_EXPECT(left-- > 0);
    SYNCLINE_EXPECT(depth <= depthMax);
    for (const auto& item : node.items) checkSize(item, left, depth + 1);
    for (const auto& member : node.members) checkSize(member.value, left, depth + 1);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
    static const SmallCatalog catalog;
    static const FixedEnvironment environment(
        std::map<std::string, std::string>{{"A", "${A}"}, {"B", ""}});
    Diagnostics diagnostics;
    const auto source = checkSource(
        "fuzz.yaml", std::string(reinterpret_cast<const char*>(bytes), size), diagnostics);
    if (!source) return 0;
    Diagnostics ofJson;
    static_cast<void>(parseJsonDocument(source, ofJson));
    checkPlaces(ofJson, *source);
    auto root = parseDocument(source, diagnostics);
    SYNCLINE_EXPECT(root || diagnostics.hasErrors());
    if (root) {
        std::size_t left = nodesMax;
        checkSize(*root, left, 0);
        substitute(*root, environment, diagnostics);
        Reader reader("/nowhere", environment, diagnostics);
        reader.setCatalog(catalog);
        Settings settings;
        rootTable().read(*root, root->position, "the configuration", settings, reader);
        if (root->isMap()) checkReferences(settings, *root, reader);
    }
    diagnostics.sort();
    checkPlaces(diagnostics, *source);
    return 0;
}
