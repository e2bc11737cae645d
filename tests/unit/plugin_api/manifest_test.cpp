// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <syncline/plugin.hpp>

namespace syncline {
namespace {

class Nothing final : public MessageHandler {
public:
    Outcome onMessage(const Message&, Call&) override { return Outcome::proceed; }
};

constexpr auto kSpec = detail::describePlugin("com.acme.all", "1.0.0",
                                              handler<Nothing>("first")
                                                  .opensSession()
                                                  .filter()
                                                  .carriesOps()
                                                  .subscribes()
                                                  .readsSnapshot()
                                                  .readsHistory()
                                                  .blocking()
                                                  .asksAlways()
                                                  .openToAnyone()
                                                  .needs("draft.channel/1.2")
                                                  .uses("draft.clock/1")
                                                  .describes("says \"hi\"\\\n"),
                                              handler<Nothing>("second"));

TEST(ManifestOfTheWrapper, IsMadeWhileCompiling) {
    static constexpr auto text = detail::manifestText<detail::manifestSize(kSpec)>(kSpec);
    EXPECT_EQ(
        std::string_view(text.bytes, sizeof text.bytes),
        R"({"abi":[1,1],"id":"com.acme.all","version":"1.0.0","components":[)"
        R"({"kind":"message_handler","name":"first","flags":["opens_session","filter","carries_ops",)"
        R"("subscribes","reads_snapshot","reads_history","blocking","asks_always","open_to_anyone"],)"
        R"("needs":["draft.value/1","draft.builder/1","draft.call/1","draft.channel/1.2"],)"
        R"("uses":["draft.clock/1"],"description":"says \"hi\"\\\u000a"},)"
        R"({"kind":"message_handler","name":"second","flags":[],)"
        R"("needs":["draft.value/1","draft.builder/1","draft.call/1"],"uses":[],"description":""}]})");
}

TEST(ManifestOfTheWrapper, EqualsWhatTheCodeSays) {
    using Definition = detail::Definition<kSpec, decltype(detail::indicesOf(kSpec))>;
    const syncline_plugin& plugin = Definition::plugin;
    EXPECT_EQ(plugin.size, sizeof(syncline_plugin));
    EXPECT_STREQ(plugin.id, "com.acme.all");
    ASSERT_EQ(plugin.component_count, 2U);
    EXPECT_STREQ(plugin.components[1]->name, "second");
    EXPECT_EQ(plugin.components[1]->kind, SYNCLINE_MESSAGE_HANDLER);
}

TEST(ManifestOfTheWrapper, WrongNamesDoNotCompile) {
    // The same checks, asked directly: a failing constexpr cannot be a test.
    EXPECT_TRUE(detail::isComponentName("three_way2"));
    for (const char* name : {"", "Echo", "2way", "with-dash", "white space"}) {
        EXPECT_FALSE(detail::isComponentName(name)) << name;
    }
    EXPECT_TRUE(detail::isPluginId("com.acme.echo-2"));
    for (const char* id : {"", "echo", ".com.acme", "com.acme.", "com..acme", "com.Acme"}) {
        EXPECT_FALSE(detail::isPluginId(id)) << id;
    }
    EXPECT_THROW(detail::describePlugin("echo", "1", handler<Nothing>("a")), std::logic_error);
    EXPECT_THROW(detail::describePlugin("a.b", "", handler<Nothing>("a")), std::logic_error);
    EXPECT_THROW(detail::describePlugin("a.b", "1", handler<Nothing>("A")), std::logic_error);
}

}  // namespace
}  // namespace syncline
