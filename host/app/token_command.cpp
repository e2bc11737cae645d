// SPDX-License-Identifier: Apache-2.0
#include "app/token_command.h"

#include <jose/json.h>
#include <jose/key_set.h>
#include <jose/token.h>
#include <jose/verify.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <utility>

#include "app/start_failure.h"
#include "core/clock.h"
#include "json/parse.h"
#include "json/write.h"
#include "settings/scalar.h"

namespace syncline::app {

namespace {

constexpr const char* kAlgorithmNames = "HS256, RS256, ES256, ES384, ES512 or EdDSA";

[[noreturn]] void fail(ExitCode code, const std::string& reason) {
    throw StartFailure(code, reason);
}

/// Runs one of the commands, and says why it could not.
template <class Work>
ExitCode reporting(Work&& work) {
    try {
        return std::forward<Work>(work)();
    } catch (const StartFailure& failure) {
        std::cerr << "syncline: " << failure.what() << '\n';
        return failure.code();
    }
}

std::string contentOf(const std::string& file) {
    std::ifstream stream(file, std::ios::binary);
    std::string content((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
    if (!stream) fail(ExitCode::environment, "cannot read " + file);
    return content;
}

void dropLineEnd(std::string& text) {
    while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
}

/// As the configuration reads a secret from a file.
jose::Key secretFrom(const std::string& file, const std::string& id) {
    std::string secret = contentOf(file);
    dropLineEnd(secret);
    auto key = jose::Key::fromSecret(std::move(secret), id);
    if (!key) fail(ExitCode::usage, file + ": " + key.error());
    return std::move(*key);
}

jose::Key jwkFrom(const std::string& file) {
    const auto parsed = jose::parseObject(contentOf(file));
    if (!parsed) fail(ExitCode::usage, file + ": " + parsed.error());
    auto key = jose::Key::fromJwk(*parsed);
    if (!key) fail(ExitCode::usage, file + ": " + key.error());
    return std::move(*key);
}

jose::Key signerOf(const TokenMakeCommand& command) {
    if (!command.secretFile.empty()) return secretFrom(command.secretFile, command.id);
    jose::Key key = jwkFrom(command.keyFile);
    if (!key.canSign()) fail(ExitCode::usage, command.keyFile + ": a private key is needed");
    return key;
}

/// A JWK set, or one JWK as a set.
jose::KeySet setFrom(const std::string& file) {
    const std::string text = contentOf(file);
    const auto parsed = jose::parseObject(text);
    jose::KeySet set;
    if (parsed && jose::find(*parsed, "keys") == nullptr) {
        set.add(jwkFrom(file));
        return set;
    }
    std::vector<std::string> leftOut;
    auto found = jose::KeySet::parse(text, leftOut);
    for (const std::string& sentence : leftOut) std::cerr << file << ": " << sentence << '\n';
    if (!found) fail(ExitCode::usage, file + ": " + found.error());
    return std::move(*found);
}

std::int64_t durationOf(const std::string& text, const char* option) {
    const auto ms = settings::parseDurationMs(text);
    if (!ms) fail(ExitCode::usage, std::string(option) + ": write 30s, 15m, 1h or 7d");
    return *ms;
}

json::Value listOf(const std::vector<std::string>& texts) {
    json::Value list = json::Value::array();
    for (const std::string& text : texts) list.push(text);
    return list;
}

void addClaim(json::Value& claims, const std::string& written) {
    const std::size_t equals = written.find('=');
    if (equals == std::string::npos || equals == 0) {
        fail(ExitCode::usage, "--claim: write name=value");
    }
    const std::string text = written.substr(equals + 1);
    auto value = json::parse(text);
    claims.set(written.substr(0, equals), value ? std::move(*value) : json::Value(text));
}

std::string claimsOf(const TokenMakeCommand& command) {
    const std::int64_t now = core::SystemClock().wallMs() / 1'000;
    json::Value claims = json::Value::object();
    claims.set("iss", command.issuer);
    claims.set("sub", command.user);
    if (command.audiences.size() == 1) claims.set("aud", command.audiences.front());
    if (command.audiences.size() > 1) claims.set("aud", listOf(command.audiences));
    claims.set("iat", now);
    claims.set("exp", now + durationOf(command.expires, "--expires") / 1'000);
    if (!command.roles.empty()) claims.set("roles", listOf(command.roles));
    for (const std::string& claim : command.claims) addClaim(claims, claim);
    return json::toText(claims);
}

std::string tokenOf(const TokenCheckCommand& command) {
    std::string token = command.token;
    if (token == "-") std::getline(std::cin, token);
    dropLineEnd(token);
    return token;
}

jose::Rules rulesOf(const TokenCheckCommand& command, const std::string& token) {
    jose::Rules rules;
    rules.issuer = command.issuer;
    rules.audiences = command.audiences;
    rules.algorithms.assign(jose::kAlgorithms.begin(), jose::kAlgorithms.end());
    rules.leewayMs = durationOf(command.leeway, "--leeway");
    rules.bytesMax = 65'536;
    if (!rules.issuer.empty()) return rules;
    if (const auto parsed = jose::parseToken(token, rules.bytesMax)) {
        rules.issuer = jose::findText(parsed->claims, "iss").value_or("");
    }
    return rules;
}

void addSecretOptions(CLI::App& command, std::string& file, std::string& id) {
    command.add_option("--secret-file", file, "The secret of HS256");
    command.add_option("--secret-id", id, "Its `kid`");
}

}  // namespace

TokenCommandLine::TokenCommandLine(CLI::App& app) {
    CLI::App* token = app.add_subcommand("token", "Make and check tokens, for development");
    token->require_subcommand(1);

    make = token->add_subcommand("make", "Print a signed token");
    make->add_option("--user", makeCommand.user, "Its `sub`")->required();
    make->add_option("--role", makeCommand.roles, "One of its `roles`; may stand several times");
    make->add_option("--claim", makeCommand.claims, "A further claim, name=value or name=JSON");
    make->add_option("--issuer", makeCommand.issuer, "Its `iss`")->capture_default_str();
    make->add_option("--audience", makeCommand.audiences, "Its `aud`");
    make->add_option("--expires", makeCommand.expires, "How long it counts")->capture_default_str();
    CLI::Option_group* signer = make->add_option_group("key", "What signs it");
    addSecretOptions(*signer, makeCommand.secretFile, makeCommand.id);
    signer->add_option("--key-file", makeCommand.keyFile, "A private JWK");

    check = token->add_subcommand("check", "Say whether a token is good, and why not");
    check->add_option("token", checkCommand.token, "The token; - reads it from standard input")
        ->required();
    check->add_option("--issuer", checkCommand.issuer, "Its `iss`; without it, any");
    check->add_option("--audience", checkCommand.audiences, "One of these in its `aud`");
    check->add_option("--leeway", checkCommand.leeway, "By how much clocks may differ")
        ->capture_default_str();
    CLI::Option_group* keys = check->add_option_group("keys", "What it is held against");
    addSecretOptions(*keys, checkCommand.secretFile, checkCommand.id);
    keys->add_option("--keys", checkCommand.keysFile, "A JWK set, or a JWK");

    key = token->add_subcommand("key", "Print a new private JWK");
    key->add_option("--algorithm", keyCommand.algorithm, kAlgorithmNames)->capture_default_str();
    key->add_option("--id", keyCommand.id, "Its `kid`");

    publicKeys = token->add_subcommand("public", "Print the JWK set of the public halves");
    publicKeys->add_option("files", publicCommand.keyFiles, "Private JWKs")->required();
}

ExitCode execute(const TokenMakeCommand& command) {
    return reporting([&] {
        if (command.secretFile.empty() == command.keyFile.empty()) {
            fail(ExitCode::usage, "one of --secret-file and --key-file is needed");
        }
        const jose::Key key = signerOf(command);
        const auto token = jose::makeToken(key, claimsOf(command));
        if (!token) fail(ExitCode::environment, token.error());
        std::cout << *token << '\n';
        return ExitCode::fine;
    });
}

ExitCode execute(const TokenCheckCommand& command) {
    return reporting([&] {
        if (command.secretFile.empty() == command.keysFile.empty()) {
            fail(ExitCode::usage, "one of --secret-file and --keys is needed");
        }
        jose::KeySet keys;
        if (command.secretFile.empty()) {
            keys = setFrom(command.keysFile);
        } else {
            keys.add(secretFrom(command.secretFile, command.id));
        }
        const std::string token = tokenOf(command);
        const auto verified =
            jose::verify(token, keys, rulesOf(command, token), core::SystemClock().wallMs());
        if (!verified) {
            std::cerr << "the token is refused: " << verified.error().reason << '\n';
            return ExitCode::refused;
        }
        std::cout << jose::toJson(verified->claims) << '\n';
        return ExitCode::fine;
    });
}

ExitCode execute(const TokenKeyCommand& command) {
    return reporting([&] {
        const auto algorithm = jose::algorithmOf(command.algorithm);
        if (!algorithm) fail(ExitCode::usage, std::string("--algorithm: ") + kAlgorithmNames);
        const auto key = jose::Key::generate(*algorithm, command.id);
        if (!key) fail(ExitCode::environment, key.error());
        std::cout << key->toJwk(true) << '\n';
        return ExitCode::fine;
    });
}

ExitCode execute(const TokenPublicCommand& command) {
    return reporting([&] {
        std::string set;
        for (const std::string& file : command.keyFiles) {
            const std::string jwk = jwkFrom(file).toJwk(false);
            if (jwk.empty()) fail(ExitCode::usage, file + ": a secret has no public half");
            set += (set.empty() ? "" : ",") + jwk;
        }
        std::cout << "{\"keys\":[" << set << "]}\n";
        return ExitCode::fine;
    });
}

}  // namespace syncline::app
