// SPDX-License-Identifier: Apache-2.0
#include "channel/conflict_record.h"

#include <limits>
#include <utility>

#include "json/parse.h"

namespace syncline::channel {

namespace {

/// What the server wrote itself is as deep and as long as it is.
constexpr json::ParseLimits kOwnText{1'000, std::numeric_limits<std::size_t>::max(), false};

std::string_view textAt(const json::Value& object, std::string_view name) {
    const json::Value* found = object.find(name);
    return found != nullptr && found->isString() ? found->asString() : std::string_view();
}

json::Value valueOf(const Record* record) {
    const json::Value* current = record == nullptr ? nullptr : record->current();
    return current == nullptr ? json::Value() : current->clone();
}

// The op as it was sent, without its number.
json::Value submitted(const Op& op) {
    core::Result<json::Value> value = json::parse('{' + asSubmittedText(op) + '}', kOwnText);
    return value ? std::move(*value) : json::Value::object();
}

void setExpiry(const json::Value& strategy, std::int64_t nowMs, json::Value& value) {
    const json::Value* after = strategy.find("expireMs");
    const auto afterMs = after == nullptr ? std::nullopt : after->toInteger();
    if (!afterMs) return;
    json::Value& expires = value.set("expires", json::Value::object());
    expires.set("at", nowMs + *afterMs);
    expires.set("take", textAt(strategy, "then") == nameOf(Take::mine) ? nameOf(Take::mine)
                                                                       : nameOf(Take::theirs));
}

}  // namespace

json::Value conflictValue(const ManualConflict& conflict, const Record* theirs, const Op& op,
                          std::int64_t nowMs) {
    json::Value value = json::Value::object();
    value.set("key", conflict.key);
    json::Value& paths = value.set("paths", json::Value::array());
    for (const std::string& path : conflict.paths) paths.push(path);
    if (conflict.baseKnown) value.set("base", conflict.base.clone());
    value.set("mine", conflict.mine.clone());
    value.set("theirs", valueOf(theirs));
    value.set("version", theirs == nullptr ? std::uint64_t{0} : theirs->version);
    json::Value& authors = value.set("authors", json::Value::object());
    authors.set("mine", conflict.mineBy);
    authors.set("theirs", conflict.theirBy);
    value.set("at", nowMs);
    if (!op.keyed) {
        value.set("n", op.n);
        value.set("origin", conflict.origin);
    }
    value.set("op", submitted(op));
    setExpiry(conflict.strategy, nowMs, value);
    return value;
}

std::optional<ConflictExpiry> expiryOf(const json::Value& conflict) {
    const json::Value* expires = conflict.find("expires");
    const json::Value* at = expires == nullptr ? nullptr : expires->find("at");
    const auto atMs = at == nullptr ? std::nullopt : at->toInteger();
    if (!atMs) return std::nullopt;
    return ConflictExpiry{
        *atMs, textAt(*expires, "take") == nameOf(Take::mine) ? Take::mine : Take::theirs};
}

std::string_view disputedKey(const json::Value& conflict) {
    return textAt(conflict, "key");
}

core::Result<std::vector<Change>> disputedChanges(const json::Value& conflict) {
    const json::Value* op = conflict.find("op");
    if (op == nullptr) return core::fail(core::Code::internal, "the conflict has no op");
    return changesFrom(disputedKey(conflict), op->clone());
}

}  // namespace syncline::channel
