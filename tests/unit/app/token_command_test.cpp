// SPDX-License-Identifier: Apache-2.0
#include "app/token_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "app/command_line.h"

namespace syncline::app {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

struct Ran {
    ExitCode code;
    std::string out;
    std::string err;
};

template <class CommandType>
Ran run(const CommandType& command) {
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    const ExitCode code = execute(command);
    Ran ran{code, testing::internal::GetCapturedStdout(), testing::internal::GetCapturedStderr()};
    while (ran.out.ends_with('\n')) ran.out.pop_back();
    return ran;
}

class TokenCommandTest : public testing::Test {
protected:
    ~TokenCommandTest() override { std::filesystem::remove_all(folder); }

    std::string file(const std::string& name, const std::string& content) const {
        std::ofstream(folder + name) << content;
        return folder + name;
    }

    static std::string newFolder() {
        std::string made = testing::TempDir() + "token-" + std::to_string(::getpid()) + "/";
        std::filesystem::create_directories(made);
        return made;
    }

    const std::string folder = newFolder();
    const std::string secret = file("secret", std::string(40, 's') + "\n");
};

TEST_F(TokenCommandTest, TheOptionsAreThoseOfTheHelp) {
    const auto made = std::get<TokenMakeCommand>(
        parseCommandLine({"token", "make", "--user", "ann", "--role", "a", "--role", "b",
                          "--secret-file", "f", "--expires", "2h"}));
    EXPECT_EQ(made.user, "ann");
    EXPECT_THAT(made.roles, testing::ElementsAre("a", "b"));
    EXPECT_EQ(made.expires, "2h");
    const auto checked = std::get<TokenCheckCommand>(
        parseCommandLine({"token", "check", "--keys", "k", "--issuer", "i", "-"}));
    EXPECT_EQ(checked.token, "-");
    EXPECT_EQ(checked.issuer, "i");
    EXPECT_EQ(std::get<TokenKeyCommand>(parseCommandLine({"token", "key"})).algorithm, "ES256");
    EXPECT_THAT(
        std::get<TokenPublicCommand>(parseCommandLine({"token", "public", "a", "b"})).keyFiles,
        testing::SizeIs(2));
}

TEST_F(TokenCommandTest, WhatItMakesItFindsGood) {
    TokenMakeCommand make;
    make.user = "ann";
    make.roles = {"editor"};
    make.claims = {"tenant=7", "name=Ann B", R"(org={"id":"x"})"};
    make.secretFile = secret;
    make.audiences = {"sync"};
    const Ran made = run(make);
    ASSERT_EQ(made.code, ExitCode::fine) << made.err;
    TokenCheckCommand check;
    check.token = made.out;
    check.secretFile = secret;
    check.audiences = {"sync"};
    const Ran checked = run(check);
    EXPECT_EQ(checked.code, ExitCode::fine) << checked.err;
    EXPECT_THAT(checked.out, HasSubstr(R"("sub":"ann","aud":"sync")"));
    EXPECT_THAT(checked.out,
                HasSubstr(R"("roles":["editor"],"tenant":7,"name":"Ann B","org":{"id":"x"})"));
}

TEST_F(TokenCommandTest, SaysWhyATokenIsNotGood) {
    TokenMakeCommand make;
    make.user = "ann";
    make.secretFile = secret;
    make.expires = "0s";
    TokenCheckCommand check;
    check.token = run(make).out;
    check.secretFile = secret;
    check.leeway = "0s";
    const Ran expired = run(check);
    EXPECT_EQ(expired.code, ExitCode::refused);
    EXPECT_THAT(expired.out, IsEmpty());
    EXPECT_EQ(expired.err, "the token is refused: it has expired\n");
    check.leeway = "30s";
    check.issuer = "somebody";
    EXPECT_THAT(run(check).err, HasSubstr("it was issued by 'dev'"));
    check.issuer = "";
    check.secretFile = file("other", std::string(40, 'o'));
    EXPECT_THAT(run(check).err, HasSubstr("its signature is wrong"));
}

TEST_F(TokenCommandTest, KeysOfEveryAlgorithmGoFromHandToHand) {
    for (const char* algorithm : {"HS256", "RS256", "ES256", "ES384", "ES512", "EdDSA"}) {
        TokenKeyCommand key;
        key.algorithm = algorithm;
        key.id = "k";
        TokenMakeCommand make;
        make.user = "ann";
        make.keyFile = file("private", run(key).out);
        TokenCheckCommand check;
        check.token = run(make).out;
        TokenPublicCommand publicKeys;
        publicKeys.keyFiles = {make.keyFile};
        const Ran set = run(publicKeys);
        const bool secretKey = key.algorithm == "HS256";
        EXPECT_EQ(set.code, secretKey ? ExitCode::usage : ExitCode::fine);
        check.keysFile = secretKey ? make.keyFile : file("public", set.out);
        EXPECT_EQ(run(check).code, ExitCode::fine) << algorithm;
        if (secretKey) continue;
        make.keyFile = file("half", set.out.substr(9, set.out.size() - 11));
        EXPECT_THAT(run(make).err, HasSubstr("a private key is needed"));
    }
}

TEST_F(TokenCommandTest, SaysWhatIsWrongWithItsArguments) {
    TokenMakeCommand make;
    make.user = "ann";
    EXPECT_THAT(run(make).err, HasSubstr("one of --secret-file and --key-file"));
    make.secretFile = folder + "nothing";
    EXPECT_EQ(run(make).code, ExitCode::environment);
    make.secretFile = file("short", "short");
    EXPECT_THAT(run(make).err, HasSubstr("at least 32 bytes"));
    make.secretFile = secret;
    make.expires = "soon";
    EXPECT_THAT(run(make).err, HasSubstr("--expires: write 30s"));
    make.expires = "1h";
    make.claims = {"novalue"};
    EXPECT_THAT(run(make).err, HasSubstr("--claim: write name=value"));
    TokenKeyCommand key;
    key.algorithm = "none";
    EXPECT_EQ(run(key).code, ExitCode::usage);
    TokenCheckCommand check;
    check.token = "a.b.c";
    EXPECT_THAT(run(check).err, HasSubstr("one of --secret-file and --keys"));
    check.keysFile = file("bad", R"({"keys":[]})");
    EXPECT_THAT(run(check).err, HasSubstr("none of its keys can be used"));
}

}  // namespace
}  // namespace syncline::app
