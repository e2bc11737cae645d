// SPDX-License-Identifier: Apache-2.0
#include "vectors/vectors.h"

#include <algorithm>
#include <array>
#include <new>
#include <utility>
#include <vector>

#include "core/result.h"
#include "jose/base64url.h"
#include "jose/json.h"
#include "jose/key_set.h"
#include "jose/token.h"
#include "json/merge.h"
#include "json/parse.h"
#include "json/patch.h"
#include "json/pointer.h"
#include "json/utf8.h"
#include "json/value.h"
#include "json/write.h"

namespace syncline::vectors {

namespace {

using core::Result;
using json::Value;

constexpr json::ParseLimits kDocumentLimits;
/// A request holds documents as its members.
constexpr json::ParseLimits kRequestLimits{kDocumentLimits.depthMax + 1, kRequestBytesMax, true};
constexpr std::size_t kTokenBytesMax = 1 << 20;

tl::unexpected<core::Error> fail(std::string reason) {
    return core::fail(core::Error::of(core::Code::badField, std::move(reason)));
}

Result<Value*> memberOf(Value& request, const char* name) {
    Value* member = request.find(name);
    if (member == nullptr) return fail(std::string(name) + " is missing");
    return member;
}

Result<std::string_view> textOf(Value& request, const char* name) {
    const Result<Value*> member = memberOf(request, name);
    if (!member) return core::fail(member.error());
    if (!(*member)->isString()) return fail(std::string(name) + " is no text");
    return (*member)->asString();
}

/// RFC 4648 section 4; padding may be left out.
std::optional<std::string> decodeBase64(std::string_view text) {
    const std::size_t padding = text.size() - text.substr(0, text.find('=')).size();
    if (padding > 2 || (padding != 0 && text.size() % 4 != 0)) return std::nullopt;
    text.remove_suffix(padding);
    std::string urlSafe(text);
    if (urlSafe.find_first_of("-_") != urlSafe.npos) return std::nullopt;
    std::ranges::replace(urlSafe, '+', '-');
    std::ranges::replace(urlSafe, '/', '_');
    return jose::decodeBase64Url(urlSafe);
}

Result<Value> parse(Value& request) {
    const Result<std::string_view> data = textOf(request, "data_b64");
    if (!data) return core::fail(data.error());
    const std::optional<std::string> text = decodeBase64(*data);
    if (!text) return fail("data_b64 is no base64");
    return json::parse(*text, kDocumentLimits);
}

Result<Value> pointer(Value& request) {
    const Result<Value*> document = memberOf(request, "doc");
    if (!document) return core::fail(document.error());
    const Result<std::string_view> text = textOf(request, "pointer");
    if (!text) return core::fail(text.error());
    const Result<json::Pointer> pointer = json::Pointer::parse(*text);
    if (!pointer) return core::fail(pointer.error());
    const Value* found = pointer->resolve(**document);
    if (found == nullptr) return fail("nothing is there");
    return found->clone();
}

Result<Value> patch(Value& request) {
    const Result<Value*> document = memberOf(request, "doc");
    if (!document) return core::fail(document.error());
    const Result<Value*> steps = memberOf(request, "patch");
    if (!steps) return core::fail(steps.error());
    Value patched = (*document)->clone();
    if (auto done = json::applyPatch(patched, **steps); !done) return core::fail(done.error());
    return patched;
}

Result<Value> merge(Value& request) {
    const Result<Value*> document = memberOf(request, "doc");
    if (!document) return core::fail(document.error());
    const Result<Value*> changes = memberOf(request, "patch");
    if (!changes) return core::fail(changes.error());
    Value merged = (*document)->clone();
    json::mergePatch(merged, (*changes)->clone());
    return merged;
}

struct Compact {
    std::string header;
    std::string payload;
    std::string signature;
};

Result<Compact> partsOf(std::string_view text) {
    const std::size_t first = text.find('.');
    const std::size_t last = text.rfind('.');
    if (first == text.npos || first == last) return fail("a token has three parts");
    return Compact{std::string(text.substr(0, first)),
                   std::string(text.substr(first + 1, last - first - 1)),
                   std::string(text.substr(last + 1))};
}

Result<Value> jws(Value& request) {
    const Result<Value*> jwk = memberOf(request, "jwk");
    if (!jwk) return core::fail(jwk.error());
    const Result<std::string_view> text = textOf(request, "jws");
    if (!text) return core::fail(text.error());
    std::vector<std::string> leftOut;
    const auto keys = jose::KeySet::parse("{\"keys\":[" + json::toText(**jwk) + "]}", leftOut);
    if (!keys) return fail(leftOut.empty() ? keys.error() : leftOut.front());
    const auto compact = partsOf(*text);
    if (!compact) return core::fail(compact.error());
    // What is signed need not be claims: the rules for a token's form are asked about empty ones.
    const std::string form = compact->header + ".e30." + compact->signature;
    const auto token = jose::parseToken(form, kTokenBytesMax);
    if (!token) return fail(token.error());
    const auto key = keys->find(token->algorithm, token->keyId);
    if (!key) return fail(key.error());
    const std::string signedText = compact->header + "." + compact->payload;
    if (!(*key)->verify(signedText, token->signature)) return fail("the signature is wrong");
    const auto payload = jose::decodeBase64Url(compact->payload);
    if (!payload || !json::isUtf8(*payload)) return fail("the payload is no text");
    Result<Value> value = json::parse(*payload, kDocumentLimits);
    return value ? std::move(value) : Result<Value>(Value(*payload));
}

struct Operation {
    std::string_view name;
    Result<Value> (*run)(Value& request);
};

constexpr std::array<Operation, 5> kOperations = {{
    {"parse", parse},
    {"pointer", pointer},
    {"patch", patch},
    {"merge", merge},
    {"jws", jws},
}};

Result<Value> resultOf(std::string_view text) {
    if (text.size() > kRequestBytesMax) return fail("the request is too long");
    Result<Value> request = json::parse(text, kRequestLimits);
    if (!request) return core::fail(request.error());
    if (!request->isObject()) return fail("a request is an object");
    const Result<std::string_view> name = textOf(*request, "op");
    if (!name) return core::fail(name.error());
    const auto found = std::ranges::find(kOperations, *name, &Operation::name);
    if (found == kOperations.end()) return fail("there is no such op");
    return found->run(*request);
}

std::string replyTo(std::string_view request) {
    const Result<Value> result = resultOf(request);
    Value reply = Value::object();
    reply.set("ok", result.has_value());
    if (result) {
        reply.set("result", result->clone());
    } else {
        const std::string& reason = result.error().reason;
        reply.set("error", json::isUtf8(reason) ? reason : std::string("it is not UTF-8"));
    }
    return json::toText(reply);
}

}  // namespace

std::string answer(std::string_view request) {
    // Nothing of this throws on purpose. Memory that is not there, and a mistake in a library, are
    // answers all the same: the requests behind this one have a right to theirs.
    try {
        return replyTo(request);
    } catch (const std::bad_alloc&) {
        return R"({"ok":false,"error":"there is not enough memory for it"})";
    } catch (...) {
        return R"({"ok":false,"error":"it ended in an exception"})";
    }
}

}  // namespace syncline::vectors
