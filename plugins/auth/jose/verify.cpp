// SPDX-License-Identifier: Apache-2.0
#include "verify.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "json.h"

namespace syncline::jose {

namespace {

using Kind = Refusal::Kind;

tl::unexpected<Refusal> refuse(std::string reason, Kind kind = Kind::invalid) {
    return tl::unexpected<Refusal>({kind, std::move(reason)});
}

/// A claim that is a point in time, as Unix milliseconds.
struct Moment {
    bool there = false;
    std::int64_t ms = 0;
};

/// Nothing for one that is no NumericDate from 1970 to 9999.
std::optional<Moment> momentOf(const rapidjson::Value& claims, std::string_view name) {
    constexpr double secondsMax = 253'402'300'799.0;
    const rapidjson::Value* found = find(claims, name);
    if (found == nullptr) return Moment{};
    if (!found->IsNumber()) return std::nullopt;
    const double seconds = found->GetDouble();
    if (!(seconds >= 0 && seconds <= secondsMax)) return std::nullopt;
    return Moment{true, static_cast<std::int64_t>(std::floor(seconds * 1'000))};
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    return result;
}

/// RFC 7515 section 4.1.9: media types, of which "application/" may be left out.
std::string typeName(std::string_view text) {
    std::string name = lower(text);
    constexpr std::string_view prefix = "application/";
    return name.rfind(prefix, 0) == 0 ? name.substr(prefix.size()) : name;
}

/// A token made for another purpose (say, to end a session) says so in its type.
bool isTypeTaken(const std::optional<std::string>& type, const std::string& wanted) {
    if (!wanted.empty()) return type && typeName(*type) == typeName(wanted);
    if (!type) return true;
    const std::string name = typeName(*type);
    return name == "jwt" || name == "at+jwt";
}

/// Why the audience does not fit, or nothing.
std::string faultOfAudience(const rapidjson::Value& claims, const Rules& rules) {
    const rapidjson::Value* found = find(claims, "aud");
    if (found == nullptr) return rules.audiences.empty() ? "" : "it has no 'aud'";
    std::vector<std::string_view> named;
    if (found->IsString()) named.push_back(textOf(*found));
    if (found->IsArray()) {
        for (const auto& one : found->GetArray()) {
            if (!one.IsString()) return "'aud' is no text and no array of texts";
            named.push_back(textOf(one));
        }
    }
    if (named.empty()) return "'aud' is no text and no array of texts";
    const bool meant = std::any_of(named.begin(), named.end(), [&](std::string_view one) {
        return std::find(rules.audiences.begin(), rules.audiences.end(), one) !=
               rules.audiences.end();
    });
    if (meant) return "";
    return "it is meant for " + forLog(named.front()) +
           (rules.audiences.empty() ? ", and no audience is configured" : "");
}

std::string faultOfLifetime(const Moment& issued, const Moment& expires, const Rules& rules) {
    if (rules.lifetimeMsMax == 0) return "";
    if (!issued.there) return "it has no 'iat', and its lifetime is limited";
    if (expires.ms - issued.ms <= rules.lifetimeMsMax) return "";
    return "its lifetime is longer than what is configured";
}

tl::expected<std::int64_t, Refusal> checkTimes(const rapidjson::Value& claims, const Rules& rules,
                                               std::int64_t nowMs) {
    const auto expires = momentOf(claims, "exp");
    const auto begins = momentOf(claims, "nbf");
    const auto issued = momentOf(claims, "iat");
    if (!expires || !begins || !issued) {
        const char* name = !expires ? "exp" : !begins ? "nbf" : "iat";
        return refuse("'" + std::string(name) + "' is no time in seconds");
    }
    if (!expires->there) return refuse("it has no 'exp'");
    if (begins->there && nowMs < begins->ms - rules.leewayMs) {
        return refuse("it does not count yet ('nbf')");
    }
    if (issued->there && nowMs < issued->ms - rules.leewayMs) {
        return refuse("it was issued in the future ('iat')");
    }
    if (std::string fault = faultOfLifetime(*issued, *expires, rules); !fault.empty()) {
        return refuse(std::move(fault));
    }
    const std::int64_t endMs = expires->ms + rules.leewayMs;
    if (nowMs >= endMs) return refuse("it has expired", Kind::expired);
    return endMs;
}

tl::expected<void, Refusal> checkIssuer(const rapidjson::Value& claims, const Rules& rules) {
    const rapidjson::Value* issuer = find(claims, "iss");
    if (issuer == nullptr) return refuse("it has no 'iss'");
    if (!issuer->IsString()) return refuse("'iss' is no text");
    if (textOf(*issuer) == rules.issuer) return {};
    return refuse("it was issued by " + forLog(textOf(*issuer)), Kind::foreign);
}

tl::expected<void, Refusal> checkSignature(const Token& token, const KeySet& keys,
                                           const Rules& rules) {
    const auto& taken = rules.algorithms;
    if (std::find(taken.begin(), taken.end(), token.algorithm) == taken.end()) {
        return refuse("the algorithm " + forLog(toText(token.algorithm)) + " is not configured");
    }
    const auto key = keys.find(token.algorithm, token.keyId);
    if (!key) return refuse(key.error(), Kind::unknownKey);
    if (!(*key)->verify(token.signedText, token.signature)) return refuse("its signature is wrong");
    return {};
}

}  // namespace

tl::expected<Verified, Refusal> verify(std::string_view text, const KeySet& keys,
                                       const Rules& rules, std::int64_t nowMs) {
    auto token = parseToken(text, rules.bytesMax);
    if (!token) return refuse(token.error());
    if (auto fine = checkIssuer(token->claims, rules); !fine) {
        return tl::unexpected<Refusal>(std::move(fine.error()));
    }
    if (!isTypeTaken(token->type, rules.type)) {
        return refuse("its type " + forLog(token->type.value_or("")) + " is not taken");
    }
    if (auto fine = checkSignature(*token, keys, rules); !fine) {
        return tl::unexpected<Refusal>(std::move(fine.error()));
    }
    auto endMs = checkTimes(token->claims, rules, nowMs);
    if (!endMs) return tl::unexpected<Refusal>(std::move(endMs.error()));
    if (std::string fault = faultOfAudience(token->claims, rules); !fault.empty()) {
        return refuse(std::move(fault));
    }
    return Verified{std::move(token->claims), *endMs};
}

}  // namespace syncline::jose
