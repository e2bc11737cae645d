// SPDX-License-Identifier: Apache-2.0
#include "session/concealing.h"

#include <limits>

#include "json/parse.h"
#include "json/write.h"
#include "wire/reply.h"

namespace syncline::session {

namespace {

/// What the server wrote itself is as deep and as long as it is.
constexpr json::ParseLimits kOwnText{1'000, std::numeric_limits<std::size_t>::max(), false};

// What a strategy says of its refusal may be about what it has seen.
void concealRefusal(json::Value& message) {
    json::Value* detail = message.find("detail");
    if (detail == nullptr || !detail->isObject() || !detail->contains("value")) return;
    json::Value kept = json::Value::object();
    for (const char* member : {"paths", "version"})
        if (json::Value* found = detail->find(member)) kept.set(member, std::move(*found));
    *detail = std::move(kept);
    message.set("reason", "a conflict rule refuses this change");
}

void conceal(json::Value& message) {
    const json::Value* type = message.find("type");
    const std::string_view name =
        type != nullptr && type->isString() ? type->asString() : std::string_view();
    if (name == "conflict") {
        // What the change alone would have made of the record shows what the record was.
        for (const char* member : {"base", "mine", "theirs", "user"}) message.erase(member);
    } else if (name == "error") {
        concealRefusal(message);
    } else {
        for (const char* member : {"value", "records"}) message.erase(member);
    }
    json::Value* results = message.find("results");
    if (results == nullptr || !results->isArray()) return;
    for (json::Value& result : results->elements()) conceal(result);
}

}  // namespace

std::string concealed(std::string_view body) {
    core::Result<json::Value> message = json::parse(body, kOwnText);
    if (message && message->isObject()) {
        conceal(*message);
        return json::toText(*message);
    }
    std::string text;
    wire::appendError(text, json::Value(), core::Error::of(core::Code::internal, "no answer"), {});
    return text;
}

}  // namespace syncline::session
