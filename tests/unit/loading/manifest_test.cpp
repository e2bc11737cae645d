// SPDX-License-Identifier: Apache-2.0
#include "loading/manifest.h"

#include <syncline/abi.h>

#include "unit/loading/plugin_copy.h"

namespace syncline::loading {
namespace {

TEST(Manifest, IsReadWithoutOpeningTheLibrary) {
    const Manifest manifest = inspect(testPlugin("test_well_behaved"), hostOffer()).manifest;
    EXPECT_EQ(manifest.abi, (AbiVersion{SYNCLINE_ABI_MAJOR, SYNCLINE_ABI_MINOR}));
    EXPECT_EQ(manifest.id, "test.well_behaved");
    EXPECT_EQ(manifest.version, "1.2.3");
    ASSERT_EQ(manifest.components.size(), 2U);
    const ComponentManifest* describe = manifest.component("describe");
    ASSERT_NE(describe, nullptr);
    EXPECT_EQ(describe->kind, ComponentKind::messageHandler);
    EXPECT_EQ(describe->description, "answers with what it sees of a message, a \"mirror\"");
    ASSERT_EQ(describe->needs.size(), 3U);
    EXPECT_EQ(describe->needs[0].id, "draft.value/1");
    ASSERT_EQ(describe->uses.size(), 1U);
    EXPECT_EQ(describe->uses[0].id, "draft.metrics/1");
    EXPECT_NE(describe->schema.find("\"label\""), std::string::npos);
    EXPECT_EQ(manifest.component("refuse_if_asked")->schema, "");
    EXPECT_TRUE(manifest.component("refuse_if_asked")->flags.filter);
    EXPECT_FALSE(describe->flags.filter);
    EXPECT_EQ(manifest.component("absent"), nullptr);
}

TEST(Manifest, OfAPlainCPluginEndsAtItsNul) {
    const Manifest manifest = inspect(testPlugin("plain_c_echo"), hostOffer()).manifest;
    EXPECT_EQ(manifest.id, "test.plain_c");
    EXPECT_NE(manifest.component("plain_c_echo")->schema.find("prefix"), std::string::npos);
}

TEST(Manifest, TellsKindsAndFlagsApart) {
    const Manifest kinds = inspect(testPlugin("test_throwing_kinds"), hostOffer()).manifest;
    EXPECT_EQ(kinds.component("throwing_auth")->kind, ComponentKind::authProvider);
    EXPECT_EQ(kinds.component("throwing_storage")->kind, ComponentKind::storageBackend);
    EXPECT_EQ(kinds.component("throwing_conflict")->kind, ComponentKind::conflictStrategy);
    EXPECT_EQ(kinds.component("throwing_broker")->kind, ComponentKind::broker);
    const Manifest blocking = inspect(testPlugin("test_blocking"), hostOffer()).manifest;
    EXPECT_TRUE(blocking.component("blocks_as_declared")->flags.blocking);
    EXPECT_FALSE(blocking.component("blocks_undeclared")->flags.blocking);
}

/// A change of the manifest's text, and the refusal that must follow.
struct Mistake {
    std::string name;
    std::string from;
    std::string to;
    PluginCode code;
    std::string part;
};

void PrintTo(const Mistake& mistake, std::ostream* out) {
    *out << mistake.name;
}

class WrongManifest : public ::testing::TestWithParam<Mistake> {};

TEST_P(WrongManifest, IsRefusedWithTheReason) {
    const TemporaryFolder folder;
    PluginCopy copy;
    copy.manifest(GetParam().from, GetParam().to);
    expectRefused(copy.writeTo(folder / "libwrong.so"), GetParam().code, GetParam().part);
}

const std::string kNeeds = R"("needs":["draft.value/1",)";

INSTANTIATE_TEST_SUITE_P(
    Field, WrongManifest,
    ::testing::Values(
        Mistake{"OtherMajor", "[1,1]", "[2,0]", PluginCode::otherMajor,
                "host ABI 2.0, this host has 1.1"},
        Mistake{"NewerMinor", "[1,1]", "[1,4]", PluginCode::newerMinor,
                "needs host ABI 1.4, this host has 1.1: rebuild it with the SDK 1.1 or upgrade the "
                "host"},
        Mistake{"AbiIsText", "[1,1]", "\"1\"", PluginCode::badManifest, "abi is not"},
        Mistake{"AbiTooShort", "[1,1]", "[1]", PluginCode::badManifest, "abi is not"},
        Mistake{"AbiBroken", "[1,1]", "[.5]", PluginCode::manifestNotJson, "not JSON"},
        Mistake{"NotJson", "\"id\":", "\"id\" ", PluginCode::manifestNotJson, "not JSON"},
        Mistake{"DuplicateKey", "\"version\"", "\"id\"", PluginCode::manifestNotJson, "not JSON"},
        Mistake{"NoId", "\"id\":\"test.well_behaved\"", "\"i\":\"test.well_behaved\"",
                PluginCode::badManifest, "id ''"},
        Mistake{"IdWithoutDot", "test.well_behaved", "well_behaved", PluginCode::badManifest,
                "reverse DNS"},
        Mistake{"IdInCapitals", "test.well_behaved", "Test.well_behaved", PluginCode::badManifest,
                "reverse DNS"},
        Mistake{"IdIsNumber", "\"test.well_behaved\"", "17", PluginCode::badManifest,
                "id is not a string"},
        Mistake{"NoVersion", "\"1.2.3\"", "\"\"", PluginCode::badManifest, "version"},
        Mistake{"NoComponents", "\"components\"", "\"component\"", PluginCode::badManifest,
                "names no components"},
        Mistake{"UnknownKind", "message_handler", "message_holder", PluginCode::badManifest,
                "unknown kind 'message_holder'"},
        Mistake{"NameInCapitals", "\"name\":\"describe\"", "\"name\":\"Describe\"",
                PluginCode::badManifest, "'Describe' is not snake_case"},
        Mistake{"TwoOfOneName", "refuse_if_asked", "describe", PluginCode::badManifest,
                "two components are called 'describe'"},
        Mistake{"UnknownFlag", "[],\"needs\":[\"draft.value/1\",", "[\"fast\"],\"needs\":[",
                PluginCode::badManifest, "unknown flag 'fast'"},
        Mistake{"FlagIsNumber", "\"flags\":[]", "\"flags\":[1", PluginCode::manifestNotJson, ""},
        Mistake{"TableWithoutMajor", kNeeds, R"("needs":["draft.value",)", PluginCode::badManifest,
                "is not name/major"},
        Mistake{"UnknownTable", kNeeds, R"("needs":["draft.maps/1",)", PluginCode::missingTable,
                "needs the table draft.maps/1.0, this host does not offer any draft.maps"},
        Mistake{"OtherTableMajor", kNeeds, R"("needs":["draft.call/9",)", PluginCode::missingTable,
                "needs the table draft.call/9.0, this host offers draft.call/1.2"},
        Mistake{"NewerTableMinor", "\"draft.value/1\",\"draft.builder/1\"", "\"draft.call/1.3\"",
                PluginCode::missingTable,
                "needs the table draft.call/1.3, this host offers draft.call/1.2"},
        Mistake{"SchemaOfNoComponent", "\"name\":\"describe\"", "\"name\":\"rescribe\"",
                PluginCode::badSchema, "schema for 'describe', which is none"}),
    [](const auto& each) { return each.param.name; });

TEST(Manifest, ATableMinorThatTheHostHasIsFine) {
    const TemporaryFolder folder;
    PluginCopy copy;
    copy.manifest("\"draft.value/1\",\"draft.builder/1\"", "\"draft.call/1.2\"");
    EXPECT_EQ(inspect(copy.writeTo(folder / "libnewer.so"), hostOffer()).manifest.id,
              "test.well_behaved");
}

TEST(Manifest, ASchemaThatIsNoJsonIsRefused) {
    const TemporaryFolder folder;
    PluginCopy copy;
    copy.replace("\"additionalProperties\": false", "\"additionalProperties\": fals", ' ');
    expectRefused(copy.writeTo(folder / "libschema.so"), PluginCode::badSchema,
                  "the schema of 'describe' is not JSON");
}

TEST(Manifest, ALibraryWithoutOneIsRefused) {
    const TemporaryFolder folder;
    PluginCopy copy;
    copy.replace(".syncline.manifest", ".other", '\0');
    expectRefused(copy.writeTo(folder / "libother.so"), PluginCode::noManifest, "SYNCLINE_PLUGIN");
}

TEST(Manifest, ALibraryWithoutTheEntryIsRefusedUnopened) {
    expectRefused(testPlugin("test_no_entry"), PluginCode::noEntry, "syncline_plugin_v1");
}

}  // namespace
}  // namespace syncline::loading
