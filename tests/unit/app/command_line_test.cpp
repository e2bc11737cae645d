// SPDX-License-Identifier: Apache-2.0
#include "app/command_line.h"

#include <gtest/gtest.h>

namespace syncline::app {
namespace {

using Arguments = std::vector<std::string>;

TEST(CommandLineTest, RunTakesTheConfiguration) {
    const Command command = parseCommandLine({"run", "--config", "my.yaml"});
    EXPECT_EQ(std::get<RunCommand>(command).configFile, "my.yaml");
}

TEST(CommandLineTest, RunWithoutArgumentsTakesTheShippedConfiguration) {
    EXPECT_EQ(std::get<RunCommand>(parseCommandLine({"run"})).configFile, "config/syncline.yaml");
}

TEST(CommandLineTest, CheckListInspectAndVersionAreCommands) {
    EXPECT_EQ(std::get<CheckCommand>(parseCommandLine({"check", "-c", "x"})).configFile, "x");
    EXPECT_EQ(
        std::get<PluginListCommand>(parseCommandLine({"plugin", "list", "-c", "x"})).configFile,
        "x");
    EXPECT_EQ(
        std::get<PluginInspectCommand>(parseCommandLine({"plugin", "inspect", "a.so"})).pluginFile,
        "a.so");
    EXPECT_TRUE(std::holds_alternative<VersionCommand>(parseCommandLine({"version"})));
}

TEST(CommandLineTest, ExportImportAndStorageCheckAreCommands) {
    const Command out = parseCommandLine({"export", "-c", "x", "--channel", "a"});
    EXPECT_EQ(std::get<ExportCommand>(out).configFile, "x");
    EXPECT_EQ(std::get<ExportCommand>(out).channel, "a");
    const Command in = parseCommandLine({"import", "--channel", "a", "--storage", "main"});
    EXPECT_EQ(std::get<ImportCommand>(in).configFile, "config/syncline.yaml");
    EXPECT_EQ(std::get<ImportCommand>(in).storage, "main");
    const Command check = parseCommandLine({"storage", "check", "-c", "x"});
    EXPECT_EQ(std::get<StorageCheckCommand>(check).configFile, "x");
    EXPECT_EQ(std::get<StorageCheckCommand>(check).storage, "");
}

TEST(CommandLineTest, BackupTakesAFileOrAsksAServer) {
    const BackupCommand plain = std::get<BackupCommand>(parseCommandLine({"backup"}));
    EXPECT_EQ(plain.configFile, "config/syncline.yaml");
    EXPECT_EQ(plain.file + plain.storage + plain.url, "");
    const BackupCommand full = std::get<BackupCommand>(
        parseCommandLine({"backup", "-c", "x", "--storage", "main", "--to", "f", "--url", "u"}));
    EXPECT_EQ(full.configFile, "x");
    EXPECT_EQ(full.storage, "main");
    EXPECT_EQ(full.file, "f");
    EXPECT_EQ(full.url, "u");
}

TEST(CommandLineTest, HelpTeachesAndIsFine) {
    for (const Arguments& arguments :
         {Arguments{"--help"}, Arguments{"run", "--help"}, Arguments{"plugin", "--help"}}) {
        testing::internal::CaptureStdout();
        const Command command = parseCommandLine(arguments);
        const std::string said = testing::internal::GetCapturedStdout();
        EXPECT_EQ(std::get<Ended>(command).code, ExitCode::fine);
        EXPECT_FALSE(said.empty());
    }
    testing::internal::CaptureStdout();
    parseCommandLine({"--help"});
    const std::string help = testing::internal::GetCapturedStdout();
    EXPECT_NE(help.find("syncline run --config"), std::string::npos);
    EXPECT_NE(help.find("Exit codes"), std::string::npos);
}

TEST(CommandLineTest, WrongArgumentsAreAUsageErrorThatSaysWhatIsWrong) {
    for (const Arguments& arguments :
         {Arguments{}, Arguments{"walk"}, Arguments{"run", "--fast"}, Arguments{"plugin"},
          Arguments{"plugin", "inspect"}, Arguments{"export"}, Arguments{"storage"}}) {
        testing::internal::CaptureStderr();
        const Command command = parseCommandLine(arguments);
        EXPECT_FALSE(testing::internal::GetCapturedStderr().empty());
        EXPECT_EQ(std::get<Ended>(command).code, ExitCode::usage);
    }
}

}  // namespace
}  // namespace syncline::app
