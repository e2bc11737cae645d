// SPDX-License-Identifier: Apache-2.0
#include "channel/op.h"

#include <string_view>
#include <utility>

#include "channel/names.h"
#include "json/write.h"

namespace syncline::channel {

namespace {

using core::Code;
using core::fail;

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
        return fail(Code::badField, std::string(name) + ": a whole number from " +
                                        std::to_string(least) + " is due");
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

core::Result<void> readOptions(json::Value& message, Op& op) {
    if (auto read = readBase(message, op.base); !read) return read;
    if (auto read = readNumber(message, "after", 1, op.after); !read) return read;
    if (op.after >= op.n) return fail(Code::badField, "after: a number before n is due");
    if (auto read = readNumber(message, "done", 0, op.done); !read) return read;
    if (auto read = readNumber(message, "born", 0, op.bornMs); !read) return read;
    if (const json::Value* epoch = message.find("epoch")) {
        if (!epoch->isString()) return fail(Code::badField, "epoch: a string is due");
        op.epoch = std::string(epoch->asString());
    }
    if (json::Value* hlc = message.find("hlc")) op.hlc = std::move(*hlc);
    return {};
}

core::Result<void> readChange(json::Value& message, Op& op) {
    const json::Value* kind = message.find("kind");
    const bool known = kind != nullptr && kind->isString() && kindNamed(kind->asString());
    if (!known)
        return fail(Code::badField, "kind: one of set, merge, increment, delete, void is due");
    if (op.kind == OpKind::none) return {};
    const json::Value* key = message.find("key");
    if (key == nullptr || !key->isString()) return fail(Code::badField, "key: a string is due");
    if (auto named = checkName("key", op.key); !named) return named;
    core::Result<Arguments> arguments = takeArguments(op.kind, message);
    if (!arguments) return fail(arguments.error());
    op.arguments = std::move(*arguments);
    return {};
}

// What even a refused op has: its number, and what tells whether a resend is the same.
core::Result<Op> readIdentity(const json::Value& message) {
    Op op;
    if (auto read = readNumber(message, "n", 1, op.n); !read) return fail(read.error());
    if (op.n == 0) return fail(Code::badField, "n: is missing");
    const std::string kind = textOf(message.find("kind"));
    op.kind = kindNamed(kind).value_or(OpKind::none);
    const bool isVoid = kind == nameOf(OpKind::none);
    if (!isVoid) op.key = textOf(message.find("key"));
    op.argumentsText = argumentsText(op.kind, message);
    op.hash = changeHash(op.key, kind, op.argumentsText);
    return op;
}

}  // namespace

core::Result<Op> parseOp(json::Value message) {
    core::Result<Op> op = readIdentity(message);
    if (!op) return op;
    core::Result<void> read = readChange(message, *op);
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

core::Result<Op> parseRefused(const json::Value& message, core::Error error) {
    core::Result<Op> op = readIdentity(message);
    if (op) op->refused = std::move(error);
    return op;
}

}  // namespace syncline::channel
