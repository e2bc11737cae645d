// SPDX-License-Identifier: Apache-2.0
#include "channel/op.h"

#include <string_view>
#include <utility>

#include "channel/hlc.h"
#include "channel/member_text.h"
#include "channel/names.h"
#include "json/write.h"

namespace syncline::channel {

namespace {

using core::Code;
using core::fail;

/// In the place of a kind.
constexpr std::string_view kResolve = "resolve";

std::string textOf(const json::Value* member) {
    if (member == nullptr) return {};
    return member->isString() ? std::string(member->asString()) : json::toText(*member);
}

// An optional whole number that is at least `least`; `into` stays when it is absent.
template <class Number>
core::Result<void> readNumber(const json::Value& message, std::string_view name, std::int64_t least,
                              Number& into) {
    const json::Value* member = message.find(name);
    if (member == nullptr) return {};
    const std::optional<std::int64_t> number = member->toInteger();
    if (!number || *number < least)
        return fail(wrongMember(name, "a whole number from " + std::to_string(least) + " is due"));
    into = static_cast<Number>(*number);
    return {};
}

core::Result<void> readBase(const json::Value& message, std::optional<std::uint64_t>& base) {
    const json::Value* member = message.find("base");
    if (member == nullptr) return {};
    base = 0;
    if (member->isNull()) return {};
    return readNumber(message, "base", 0, *base);
}

core::Result<void> readOptions(const json::Value& message, Op& op) {
    if (auto read = readNumber(message, "after", 1, op.after); !read) return read;
    if (op.after >= op.n) return fail(wrongMember("after", "a number before n is due"));
    if (auto read = readNumber(message, "done", 0, op.done); !read) return read;
    if (auto read = readNumber(message, "born", 0, op.bornMs); !read) return read;
    if (const json::Value* epoch = message.find("epoch")) {
        if (!epoch->isString()) return fail(wrongMember("epoch", "a string is due"));
        op.epoch = std::string(epoch->asString());
    }
    return {};
}

std::string kindNames() {
    std::string names = "one of";
    for (int kind = 1; kind <= static_cast<int>(kLastKind); ++kind)
        names.append(kind == 1 ? " " : ", ").append(nameOf(static_cast<OpKind>(kind)));
    return names + " is due";
}

core::Result<void> readKey(const json::Value& message, const Change& change) {
    const json::Value* key = message.find("key");
    if (key == nullptr || !key->isString()) return fail(wrongMember("key", "a string is due"));
    return checkName("key", change.key);
}

// The rest of a change whose identity was read.
core::Result<void> readClock(json::Value& message, Change& change) {
    json::Value* hlc = message.find("hlc");
    if (hlc == nullptr || hlc->isNull()) return {};
    if (auto read = readHlc(*hlc); !read) return fail(std::move(read.error()));
    change.hlc = std::move(*hlc);
    return {};
}

core::Result<void> readChange(json::Value& message, Change& change) {
    const json::Value* kind = message.find("kind");
    const bool known = kind != nullptr && kind->isString() && change.kind != OpKind::none;
    if (!known) return fail(wrongMember("kind", kindNames()));
    if (auto read = readKey(message, change); !read) return read;
    core::Result<Arguments> arguments = takeArguments(change.kind, message);
    if (!arguments) return fail(std::move(arguments.error()));
    change.arguments = std::move(*arguments);
    if (auto read = readBase(message, change.base); !read) return read;
    return readClock(message, change);
}

// What tells whether a change that is sent again is the same.
Change identityOf(const json::Value& message) {
    Change change;
    const std::string kind = textOf(message.find("kind"));
    change.kind = kindNamed(kind).value_or(OpKind::none);
    change.key = textOf(message.find("key"));
    change.argumentsText = argumentsText(change.kind, message);
    change.hash = changeHash(change.key, kind, change.argumentsText);
    return change;
}

// Whose number is to be consumed, a refusal's too, is known by `born`. If that makes no sense, it
// is said when the options are read.
core::Result<Op> readNumbered(const json::Value& message) {
    Op op;
    if (auto read = readNumber(message, "n", 1, op.n); !read) return fail(std::move(read.error()));
    if (op.n == 0) return fail(wrongMember("n", "is missing"));
    static_cast<void>(readNumber(message, "born", 0, op.bornMs));
    return op;
}

// What even a refused op has: its number, and what it is.
core::Result<Op> readIdentity(const json::Value& message) {
    core::Result<Op> op = readNumbered(message);
    if (!op) return op;
    const json::Value* kind = message.find("kind");
    const bool isVoid =
        kind != nullptr && kind->isString() && kind->asString() == nameOf(OpKind::none);
    if (isVoid) return op;
    op->hash = op->changes.emplace_back(identityOf(message)).hash;
    return op;
}

core::Result<Op> readBatchIdentity(const json::Value& message) {
    core::Result<Op> op = readNumbered(message);
    if (!op) return op;
    op->isBatch = true;
    std::vector<std::uint64_t> hashes;
    const json::Value* changes = message.find("ops");
    if (changes != nullptr && changes->isArray())
        for (const json::Value& change : changes->elements())
            hashes.push_back(op->changes.emplace_back(identityOf(change)).hash);
    op->hash = batchHash(hashes);
    return op;
}

core::Result<void> readChanges(json::Value& message, std::size_t changesMax, Op& op) {
    json::Value* changes = message.find("ops");
    if (changes == nullptr || !changes->isArray() || changes->empty())
        return fail(wrongMember("ops", "an array of changes is due"));
    if (changes->size() > changesMax) {
        core::Error error = wrongMember("ops", "at most " + std::to_string(changesMax));
        error.code = Code::tooLarge;
        return fail(std::move(error));
    }
    for (std::size_t i = 0; i < changes->size(); ++i) {
        json::Value& change = (*changes)[i];
        core::Result<void> read;
        if (change.contains("n"))
            read = fail(wrongMember("n", "an atomic batch has one number, on the batch"));
        else
            read = readChange(change, op.changes[i]);
        if (!read) return fail(withinBatch(std::move(read.error()), i));
    }
    return {};
}

// As the others, its hash is of what was asked for; the rest is read when it is taken.
core::Result<Op> readResolutionIdentity(const json::Value& message) {
    core::Result<Op> op = readNumbered(message);
    if (!op) return op;
    Resolution& resolution = op->resolution.emplace();
    resolution.conflict = textOf(message.find("conflict"));
    Change& change = op->changes.emplace_back();
    change.key = textOf(message.find("key"));
    std::string asked;
    appendMember(asked, "conflict", resolution.conflict);
    if (const json::Value* value = message.find("value")) {
        resolution.take = Take::value;
        change.kind = OpKind::set;
        change.argumentsText = argumentsText(OpKind::set, message);
        appendMember(asked, "value", *value);
    } else {
        const std::string take = textOf(message.find("take"));
        resolution.take = take == nameOf(Take::mine) ? Take::mine : Take::theirs;
        appendMember(asked, "take", take);
    }
    op->hash = change.hash = changeHash(change.key, kResolve, asked);
    return op;
}

// What says what an op does says nothing here, and stages that judge ops would go by it.
core::Result<void> refuseMembersOfOps(const json::Value& message) {
    for (const char* name : {"kind", "path", "by", "patch", "element", "behind", "ops"})
        if (message.contains(name))
            return fail(wrongMember(name, "it is for ops, not for a resolution"));
    return {};
}

core::Result<void> readResolution(json::Value& message, Op& op) {
    Change& change = op.changes.front();
    if (auto plain = refuseMembersOfOps(message); !plain) return plain;
    const json::Value* conflict = message.find("conflict");
    if (conflict == nullptr || !conflict->isString())
        return fail(wrongMember("conflict", "the id of a conflict, a string, is due"));
    if (auto read = readKey(message, change); !read) return read;
    const std::string take = textOf(message.find("take"));
    if (op.resolution->take != Take::value) {
        if (take != nameOf(Take::mine) && take != nameOf(Take::theirs))
            return fail(wrongMember("take", "mine or theirs is due, or a value"));
    } else if (message.contains("take")) {
        return fail(wrongMember("take", "there is a value to take already"));
    } else {
        core::Result<Arguments> arguments = takeArguments(OpKind::set, message);
        if (!arguments) return fail(std::move(arguments.error()));
        change.arguments = std::move(*arguments);
    }
    if (auto read = readBase(message, change.base); !read) return read;
    return readClock(message, change);
}

void appendChange(std::string& text, const Change& change) {
    appendMember(text, "kind", nameOf(change.kind));
    if (change.argumentsText.empty()) return;
    text += ',';
    text += change.argumentsText;
}

}  // namespace

std::size_t Op::argumentsBytes() const {
    std::size_t bytes = 0;
    for (const Change& change : changes) bytes += change.key.size() + change.argumentsText.size();
    return bytes;
}

core::Result<Op> parseOp(json::Value message) {
    core::Result<Op> op = readIdentity(message);
    if (!op) return op;
    core::Result<void> read;
    if (!op->changes.empty()) read = readChange(message, op->changes.front());
    if (read) read = readOptions(message, *op);
    if (!read) op->refused = std::move(read.error());
    return op;
}

core::Result<Op> parseBatch(json::Value message, std::size_t changesMax) {
    core::Result<Op> op = readBatchIdentity(message);
    if (!op) return op;
    core::Result<void> read = readChanges(message, changesMax, *op);
    if (read) read = readOptions(message, *op);
    if (!read) op->refused = std::move(read.error());
    return op;
}

core::Result<Op> parseKeyed(json::Value message) {
    message.set("n", 1);
    core::Result<Op> op = parseOp(std::move(message));
    if (op) op->keyed = true;
    return op;
}

core::Result<Op> parseResolution(json::Value message) {
    core::Result<Op> op = readResolutionIdentity(message);
    if (!op) return op;
    core::Result<void> read = readResolution(message, *op);
    if (read) read = readOptions(message, *op);
    if (!read) op->refused = std::move(read.error());
    return op;
}

core::Result<Op> parseRefusedResolution(const json::Value& message, core::Error error) {
    core::Result<Op> op = readResolutionIdentity(message);
    if (op) op->refused = std::move(error);
    return op;
}

core::Result<Op> parseRefused(const json::Value& message, core::Error error) {
    core::Result<Op> op = readIdentity(message);
    if (op) op->refused = std::move(error);
    return op;
}

core::Result<Op> parseRefusedBatch(const json::Value& message, core::Error error) {
    core::Result<Op> op = readBatchIdentity(message);
    if (op) op->refused = std::move(error);
    return op;
}

std::string_view nameOf(Take take) {
    switch (take) {
        case Take::mine:
            return "mine";
        case Take::theirs:
            return "theirs";
        case Take::value:
            break;
    }
    return "value";
}

core::Result<std::vector<Change>> changesFrom(std::string_view key, json::Value submitted) {
    std::vector<Change> changes;
    json::Value* ops = submitted.find("ops");
    const std::size_t count = ops == nullptr ? 1 : ops->size();
    for (std::size_t i = 0; i < count; ++i) {
        json::Value& each = ops == nullptr ? submitted : (*ops)[i];
        if (ops == nullptr) each.set("key", key);
        Change& change = changes.emplace_back(identityOf(each));
        if (auto read = readChange(each, change); !read) return fail(std::move(read.error()));
    }
    return changes;
}

std::string asSubmittedText(const Op& op) {
    std::string text;
    if (op.resolution) {
        const Change& change = op.changes.front();
        appendMember(text, "kind", kResolve);
        appendMember(text, "conflict", op.resolution->conflict);
        if (op.resolution->take != Take::value)
            appendMember(text, "take", nameOf(op.resolution->take));
        else if (!change.argumentsText.empty())
            text += ',' + change.argumentsText;
        return text;
    }
    if (!op.isBatch) {
        appendChange(text, op.changes.front());
        return text;
    }
    appendName(text, "ops");
    char before = '[';
    for (const Change& change : op.changes) {
        text += before;
        text += '{';
        appendMember(text, "key", change.key);
        appendChange(text, change);
        text += '}';
        before = ',';
    }
    return text + ']';
}

core::Error withinBatch(core::Error error, std::size_t index) {
    const std::string place = "/ops/" + std::to_string(index);
    error.reason = "ops[" + std::to_string(index) + "]: " + error.reason;
    static constexpr std::string_view kPointer = "{\"pointer\":\"";
    if (error.detail.starts_with(kPointer)) {
        error.detail.insert(kPointer.size(), place);
        return error;
    }
    std::string detail = "{";
    appendMember(detail, "pointer", place);
    if (error.detail.size() > 2)
        detail += ',' + error.detail.substr(1);
    else
        detail += '}';
    error.detail = std::move(detail);
    return error;
}

}  // namespace syncline::channel
