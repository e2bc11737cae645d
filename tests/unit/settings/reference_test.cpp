// SPDX-License-Identifier: Apache-2.0
// What is shipped fits together: configuration files, component schemas, reference, editor schema.
#include "settings/reference.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "json/parse.h"
#include "json/pointer.h"
#include "settings/load.h"
#include "settings/schema_check.h"
#include "support/temporary_folder.h"

namespace syncline::settings {
namespace {

const std::filesystem::path sourceFolder = SYNCLINE_SOURCE_DIR;

std::string contentOf(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// The shipped components as their folders describe them: plugins/<kind>/<name>/…schema.json.
class ShippedCatalog final : public Catalog {
public:
    ShippedCatalog() {
        const std::pair<const char*, std::string_view> areas[] = {
            {"messages", kind::messageHandler}, {"stages", kind::messageHandler},
            {"auth", kind::authProvider},       {"storage", kind::storageBackend},
            {"broker", kind::broker},           {"conflict", kind::conflictStrategy}};
        for (const auto& [area, componentKind] : areas) addArea(area, componentKind);
    }

    const std::vector<ComponentInfo>& components() const override { return components_; }

    /// The plugin that authors copy; an example loads it.
    void addTemplate() {
        add("com.acme.echo", "echo", kind::messageHandler,
            contentOf(sourceFolder / "plugins/template/echo.schema.json"));
    }

private:
    void addArea(const std::string& area, std::string_view componentKind) {
        const auto folder = sourceFolder / "plugins" / area;
        std::vector<std::filesystem::path> found;
        if (!std::filesystem::exists(folder)) return;
        for (const auto& entry : std::filesystem::directory_iterator(folder)) {
            if (entry.is_directory()) found.push_back(entry.path());
        }
        std::sort(found.begin(), found.end());
        for (const auto& path : found) {
            const auto name = path.filename().string();
            const auto schema = contentOf(path / "schema.json");
            if (schema.empty()) continue;  // a library that plugins share
            add("dev.syncline." + name, name, componentKind, schema);
            components_.back().filter = area == "stages";
        }
    }

    void add(const std::string& plugin, const std::string& name, std::string_view componentKind,
             const std::string& schema) {
        ComponentInfo info;
        info.plugin = plugin;
        info.name = name;
        info.kind = componentKind;
        info.schema = schema;
        info.openToAnyone = name == "anonymous";
        components_.push_back(std::move(info));
    }

    std::vector<ComponentInfo> components_;
};

/// Compares a generated file with the one in the tree; SYNCLINE_UPDATE=1 writes it instead.
void expectCurrent(const std::string& name, const std::string& generated) {
    const auto path = sourceFolder / name;
    if (std::getenv("SYNCLINE_UPDATE") != nullptr) {
        std::ofstream(path, std::ios::binary) << generated;
        return;
    }
    EXPECT_EQ(contentOf(path), generated)
        << name << " is out of date: run this test with SYNCLINE_UPDATE=1";
}

std::vector<std::filesystem::path> shippedConfigs() {
    const auto folder = sourceFolder / "config";
    return {folder / "syncline.yaml", folder / "examples/minimal.yaml",
            folder / "examples/custom-handler.yaml", folder / "examples/rules-and-schema.yaml"};
}

TEST(ShippedConfig, IsFineWithTheShippedComponents) {
    const tests::TemporaryFolder plugins;
    plugins.write("libacme_echo.so", "");
    std::map<std::string, std::string> variables{{"SYNCLINE_EXAMPLES", plugins.path().string()}};
    const FixedEnvironment environment(variables);
    for (const auto& file : shippedConfigs()) {
        const auto outcome = load(file, environment, [](const PluginsSettings& settings) {
            auto catalog = std::make_unique<ShippedCatalog>();
            if (!settings.load.empty()) catalog->addTemplate();
            return catalog;
        });
        EXPECT_TRUE(outcome.diagnostics.all().empty()) << outcome.diagnostics.render();
    }
}

TEST(ShippedConfig, NeedsNoVariable) {
    const auto outcome =
        load(sourceFolder / "config/syncline.yaml", FixedEnvironment(),
             [](const PluginsSettings&) { return std::make_unique<ShippedCatalog>(); });
    ASSERT_TRUE(outcome.settings) << outcome.diagnostics.render();
    EXPECT_TRUE(outcome.settings->listeners.at(0).bind.isLoopback());
    EXPECT_EQ(outcome.settings->storage.at(0).component.config.find("path")->asString(),
              (sourceFolder / "data/syncline.db").string());
}

TEST(ShippedSchemas, AreUsable) {
    const ShippedCatalog catalog;
    EXPECT_GE(catalog.components().size(), 5u);
    for (const auto& info : catalog.components()) {
        if (info.schema.empty()) continue;
        const auto schema = json::parse(info.schema);
        ASSERT_TRUE(schema) << info.name;
        const auto verdict = checkAgainstSchema(*schema, json::Value::object());
        EXPECT_EQ(verdict.brokenSchema, "") << info.name;
        const auto* closed = schema->find("additionalProperties");
        EXPECT_TRUE(closed != nullptr && closed->isBool() && !closed->asBool())
            << info.name << " takes unknown keys";
    }
}

TEST(Reference, IsCurrent) {
    expectCurrent("docs/configuration.md", configurationReference(ShippedCatalog()));
}

TEST(Reference, NamesEveryCode) {
    const auto page = configurationReference(ShippedCatalog());
    for (const auto& meaning : codeMeanings()) {
        EXPECT_NE(page.find("| " + codeText(meaning.code) + " |"), std::string::npos);
    }
}

TEST(EditorSchema, IsCurrent) {
    expectCurrent("config/syncline.schema.json", editorSchema(ShippedCatalog()));
}

json::Value yes() {
    return json::Value(true);
}

/// A small configuration as JSON, with one value replaced.
json::Value smallConfig(std::string_view pointer = "", json::Value replacement = yes()) {
    auto config = *json::parse(R"({"version": 1,
        "server": {"shards": "auto", "drain_timeout": "30s"},
        "listeners": {"main": {"bind": "127.0.0.1:0", "auth": ["keys"]}},
        "auth": {"keys": {"use": "api_key", "with": {"keys": [
            {"id": "a", "hash": "sha256:0000000000000000000000000000000000000000000000000000000000000000",
             "user": "a"}]}}},
        "storage": {"main": {"use": "memory"}},
        "conflict": [{"use": "server_order"}],
        "channels": [{"match": "*", "history": {"age": "7d"}, "slow_consumer": "recover"}],
        "pipelines": {"default": ["echo", {"use": "acl", "with": {"rules": []}}]},
        "limits": {"depth": 16}})");
    if (!pointer.empty()) *json::Pointer::parse(pointer)->resolve(config) = std::move(replacement);
    return config;
}

TEST(EditorSchema, TakesARightConfigurationAndRefusesWrongOnes) {
    const auto schema = *json::parse(editorSchema(ShippedCatalog()));
    const auto refuses = [&](const json::Value& config) {
        const auto verdict = checkAgainstSchema(schema, config);
        EXPECT_EQ(verdict.brokenSchema, "");
        return !verdict.issues.empty();
    };
    EXPECT_FALSE(refuses(smallConfig()));
    for (const char* pointer :
         {"/version", "/server/drain_timeout", "/listeners/main/bind", "/listeners/main/auth",
          "/auth/keys/with/keys/0/id", "/channels/0/history/age", "/channels/0/slow_consumer",
          "/pipelines/default/1/with/rules", "/limits/depth", "/conflict"}) {
        EXPECT_TRUE(refuses(smallConfig(pointer))) << pointer;
    }
    auto unknown = smallConfig();
    unknown.set("sever", json::Value::object());
    EXPECT_TRUE(refuses(unknown));
}

}  // namespace
}  // namespace syncline::settings
