// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "app/exit_code.h"

namespace CLI {
class App;
}

namespace syncline::app {

/// `syncline token make`: prints a signed token, for development.
struct TokenMakeCommand {
    std::string user;
    std::vector<std::string> roles;
    std::vector<std::string> claims;  ///< name=value; a value that is JSON counts as JSON
    std::string secretFile;           ///< of HS256; or
    std::string keyFile;              ///< a private JWK
    std::string id;                   ///< `kid`, for the secret
    std::string issuer = "dev";
    std::vector<std::string> audiences;
    std::string expires = "1h";
};

/// `syncline token check`: says whether a token is good, and why not.
struct TokenCheckCommand {
    std::string token;       ///< "-": from standard input
    std::string secretFile;  ///< of HS256; or
    std::string keysFile;    ///< a JWK set, or one JWK
    std::string id;          ///< `kid`, for the secret
    std::string issuer;      ///< empty: whatever the token says
    std::vector<std::string> audiences;
    std::string leeway = "30s";
};

/// `syncline token key`: prints a new private JWK.
struct TokenKeyCommand {
    std::string algorithm = "ES256";
    std::string id;
};

/// `syncline token public`: prints the JWK set with the public half of private JWKs.
struct TokenPublicCommand {
    std::vector<std::string> keyFiles;
};

/// The sub-commands, as CLI11 parses them.
class TokenCommandLine {
public:
    explicit TokenCommandLine(CLI::App& app);
    TokenCommandLine(const TokenCommandLine&) = delete;
    TokenCommandLine& operator=(const TokenCommandLine&) = delete;

    CLI::App* make;
    CLI::App* check;
    CLI::App* key;
    CLI::App* publicKeys;

    TokenMakeCommand makeCommand;
    TokenCheckCommand checkCommand;
    TokenKeyCommand keyCommand;
    TokenPublicCommand publicCommand;
};

/// What they do: the result on standard output, what is wrong on standard error.
ExitCode execute(const TokenMakeCommand& command);
ExitCode execute(const TokenCheckCommand& command);
ExitCode execute(const TokenKeyCommand& command);
ExitCode execute(const TokenPublicCommand& command);

}  // namespace syncline::app
