// SPDX-License-Identifier: Apache-2.0
#include "settings/component_config.h"

#include <gtest/gtest.h>

#include <string>

#include "json/write.h"
#include "settings/component_reader.h"
#include "settings/default_config.h"
#include "settings/document.h"
#include "settings/substitution.h"
#include "support/temporary_folder.h"
#include "unit/settings/fake_catalog.h"

namespace syncline::settings {
namespace {

class ComponentConfig : public testing::Test {
protected:
    /// Configures that component with a YAML map.
    ComponentUse configured(const std::string& kind, const std::string& name,
                            const std::string& with) {
        diagnostics_ = {};
        const auto source = checkSource("a.yaml", "with: " + with + "\n", diagnostics_);
        auto root = parseDocument(source, diagnostics_);
        substitute(*root, environment_, diagnostics_);
        Reader reader(folder_.path(), environment_, diagnostics_);
        reader.setCatalog(catalog_);
        const auto* info = findComponent(name, {source, 1, 1}, kind, reader);
        return configure(*info, root->find("with"), {source, 1, 1}, reader);
    }

    std::string jsonOf(const std::string& kind, const std::string& name, const std::string& with) {
        const auto use = configured(kind, name, with);
        EXPECT_TRUE(diagnostics_.all().empty()) << diagnostics_.render();
        return json::toText(use.config);
    }

    tests::TemporaryFolder folder_;
    FakeCatalog catalog_;
    FixedEnvironment environment_{{{"TOKEN", "s3cret"}, {"RETRIES", "4"}}};
    Diagnostics diagnostics_;
};

const std::string storage(kind::storageBackend);
const std::string handler(kind::messageHandler);
const std::string provider(kind::authProvider);

TEST_F(ComponentConfig, FillsInTheDefaultsOfTheSchema) {
    EXPECT_EQ(jsonOf(storage, "drawer", "{ path: /data/a.db }"),
              R"({"path":"/data/a.db","durability":"full","cache":"8MiB","retries":3})");
}

TEST_F(ComponentConfig, MakesPathsAbsoluteDefaultsToo) {
    const auto folder = folder_.path().string();
    EXPECT_EQ(
        configured(storage, "drawer", "{ path: ../data/x.db }").config.find("path")->asString(),
        (folder_.path() / "../data/x.db").lexically_normal().string());
    EXPECT_EQ(configured(storage, "drawer", "{}").config.find("path")->asString(),
              folder + "/drawer.db");
}

TEST_F(ComponentConfig, ReadsAPlainValueAsItsSchemaWantsIt) {
    EXPECT_EQ(jsonOf(provider, "badge", "{ keys: [ { id: a, hash: 12e45, level: 2 } ] }"),
              R"({"keys":[{"id":"a","hash":"12e45","level":2}],"greeting":"hello"})");
    EXPECT_EQ(jsonOf(handler, "throttle", "{ burst: true }"),
              R"({"burst":true,"per_connection":"100/s"})");
    EXPECT_EQ(jsonOf(storage, "drawer", "{ path: /1, ratio: 0x1F, retries: 0o4, cache: 1B }"),
              R"({"path":"/1","ratio":31,"retries":4,"cache":"1B","durability":"full"})");
}

TEST_F(ComponentConfig, ReadsAVariableAsANumberWhereTheSchemaWantsOne) {
    EXPECT_EQ(*configured(storage, "drawer", "\n  path: /a\n  retries: ${RETRIES}")
                   .config.find("retries"),
              json::Value(4));
}

TEST_F(ComponentConfig, TakesSecretsFromVariablesAndFilesAndShowsNeither) {
    folder_.write("token.txt", "fromfile\n");
    auto use = configured(handler, "throttle", "{ token: !secret TOKEN }");
    EXPECT_EQ(use.config.find("token")->asString(), "s3cret");
    EXPECT_EQ(maskedConfig(use), R"({"token":"***","per_connection":"100/s"})");
    use = configured(handler, "throttle", "{ token: { file: token.txt } }");
    EXPECT_EQ(use.config.find("token")->asString(), "fromfile");
    EXPECT_EQ(maskedConfig(use), R"({"token":"***","per_connection":"100/s"})");
}

TEST_F(ComponentConfig, MasksWhatTheSchemaCallsASecret) {
    const auto use = configured(provider, "badge", "{ keys: [ { id: a, hash: abcdef } ] }");
    EXPECT_EQ(maskedConfig(use), R"({"keys":[{"id":"a","hash":"***"}],"greeting":"hello"})");
}

TEST_F(ComponentConfig, PutsTheContentOfAnIncludedFileInItsPlace) {
    folder_.write("rules.yaml", "- allow: [ a, \"${TOKEN}\" ]\n");
    folder_.write("table.json", "{\"a\": 1}");
    folder_.write("banner.txt", "Hallo\nWelt\n");
    EXPECT_EQ(jsonOf(handler, "gate", "{ rules: rules.yaml }"),
              R"({"rules":[{"allow":["a","s3cret"]}]})");
    EXPECT_EQ(jsonOf(handler, "gate", "{ rules: [ { allow: [] } ] }"),
              R"({"rules":[{"allow":[]}]})");
    EXPECT_EQ(jsonOf(handler, "lookup", "{ table: table.json, banner: banner.txt }"),
              R"({"table":{"a":1},"banner":"Hallo\nWelt\n","columns":["a"]})");
}

TEST_F(ComponentConfig, ChecksTheNameOfAComponent) {
    EXPECT_EQ(jsonOf(handler, "lookup", "{ resolver: last_wins, columns: [] }"),
              R"({"resolver":"last_wins","columns":[]})");
    configured(handler, "lookup", "{ resolver: lost_wins }");
    ASSERT_EQ(diagnostics_.all().size(), 1u);
    EXPECT_EQ(diagnostics_.all()[0].hint, "did you mean 'last_wins'?");
}

TEST_F(ComponentConfig, LocatesWhatThePluginSaysInTheRightFile) {
    folder_.write("rules.yaml", "- allow: [ a ]\n- channel: ü\n  allow: [ x, y ]\n");
    const auto use = configured(handler, "gate", "{ rules: rules.yaml }");
    const auto inFile = locate(use, "/rules/1/allow/1", "no such channel");
    EXPECT_EQ(inFile.code, "C315");
    EXPECT_EQ(inFile.file, "rules.yaml");
    EXPECT_EQ(inFile.line, 3u);
    EXPECT_EQ(inFile.column, 15u);
    EXPECT_EQ(inFile.sourceLine, "  allow: [ x, y ]");
    const auto atFile = locate(use, "/rules", "too many");
    EXPECT_EQ(atFile.file, "rules.yaml");
    EXPECT_EQ(locate(use, "", "nothing fits").line, 1u);
}

TEST_F(ComponentConfig, LocatesADefaultAtItsParentAndMasksSecrets) {
    const auto use = configured(handler, "throttle", "{ token: !secret TOKEN }");
    const auto told = locate(use, "/per_connection", "s3cret is no token");
    EXPECT_EQ(told.column, 7u);
    EXPECT_EQ(told.message.find("s3cret"), std::string::npos);
    EXPECT_NE(told.message.find("***"), std::string::npos);
}

TEST_F(ComponentConfig, SuggestsFromTheSchema) {
    configured(handler, "throttle", "{ per_conection: 50/s }");
    ASSERT_EQ(diagnostics_.all().size(), 1u);
    EXPECT_EQ(diagnostics_.render(),
              "a.yaml:1:9: error[C104]: unknown key 'per_conection' in stage 'throttle'\n"
              "    1 | with: { per_conection: 50/s }\n"
              "      |         ^ did you mean 'per_connection'?\n"
              "1 error\n");
}

TEST_F(ComponentConfig, NeverRunsASchemaThatRefersToItself) {
    ComponentInfo info;
    info.plugin = "com.acme.loop";
    info.name = "loop";
    info.kind = handler;
    info.schema = R"({"type":"object","properties":{"a":{"$ref":"#/properties/b"},
                      "b":{"$ref":"#/properties/a"}}})";
    const auto source = checkSource("a.yaml", "with: { a: 1 }\n", diagnostics_);
    const auto root = parseDocument(source, diagnostics_);
    Reader reader(folder_.path(), environment_, diagnostics_);
    configure(info, root->find("with"), {source, 1, 1}, reader);
    ASSERT_EQ(diagnostics_.all().size(), 1u) << diagnostics_.render();
    EXPECT_EQ(diagnostics_.all()[0].code, "C304");
}

TEST_F(ComponentConfig, AlternativesBesideMembersSayOnlyWhichOfThemMustBeThere) {
    ComponentInfo info;
    info.plugin = "com.acme.core";
    info.name = "either";
    info.kind = kind::authProvider;
    info.schema = R"({"type":"object","additionalProperties":false,
        "properties":{"a":{"type":"string"},"b":{"type":"string","default":"x"}},
        "anyOf":[{"required":["a"]},{"required":["c"]}]})";
    folder_.write("secret", "s\n");
    const auto taken = [&](const std::string& with) {
        diagnostics_ = {};
        const auto source = checkSource("a.yaml", "with: " + with + "\n", diagnostics_);
        const auto root = parseDocument(source, diagnostics_);
        Reader reader(folder_.path(), environment_, diagnostics_);
        return json::toText(configure(info, root->find("with"), {source, 1, 1}, reader).config);
    };
    EXPECT_EQ(taken("{ a: { file: secret } }"), R"({"a":"s","b":"x"})");
    EXPECT_TRUE(diagnostics_.all().empty()) << diagnostics_.render();
    taken("{}");
    EXPECT_TRUE(diagnostics_.hasErrors());
}

TEST_F(ComponentConfig, OfAComponentThatIsNotMentionedIsItsDefaults) {
    for (const auto& info : catalog_.components()) {
        if (info.name == "throttle") {
            EXPECT_EQ(json::toText(defaultConfig(info)->config), R"({"per_connection":"100/s"})");
        } else if (info.name == "badge" || info.name == "cracked") {
            EXPECT_FALSE(defaultConfig(info)) << info.name;
        }
    }
}

}  // namespace
}  // namespace syncline::settings
