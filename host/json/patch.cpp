// SPDX-License-Identifier: Apache-2.0
#include "json/patch.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>

#include "json/pointer.h"

namespace syncline::json {

namespace {

using core::Code;
using core::Result;

/// A patch at work on a copy of the target. Lives for one applyPatch.
class Patching {
public:
    Patching(Value document, const PatchLimits& limits)
        : document_(std::move(document)), limits_(limits) {}

    Result<void> run(const Value& step);
    Value takeDocument() { return std::move(document_); }

private:
    Result<void> add(const Pointer& path, Value value);
    Result<void> checkDepth(const Pointer& path, const Value& value) const;
    Result<void> addElement(Value& array, const std::string& token, Value value);
    Result<void> replace(const Pointer& path, Value value);
    Result<Value> remove(const Pointer& path);
    Result<void> move(const Pointer& from, const Pointer& path);
    Result<void> copy(const Pointer& from, const Pointer& path);
    Result<void> test(const Pointer& path, const Value& expected) const;

    Result<void> runWithValue(std::string_view op, const Pointer& path, const Value& step);
    Result<void> runWithSource(std::string_view op, const Pointer& path, const Value& step);
    Result<void> spend(std::size_t bytes);

    Value document_;
    const PatchLimits& limits_;
    std::size_t spentBytes_ = 0;
};

tl::unexpected<core::Error> noPlace(const Pointer& path) {
    return core::fail(Code::badField, "nothing is at \"" + path.text() + "\"");
}

Result<Pointer> pointerAt(const Value& step, std::string_view field) {
    const Value* text = step.find(field);
    if (text == nullptr || !text->isString()) {
        return core::fail(Code::badField, "\"" + std::string(field) + "\" must be a JSON pointer");
    }
    return Pointer::parse(text->asString());
}

Result<void> Patching::run(const Value& step) {
    // By pointer: no literal in host/ equals the name of a shipped component.
    static const Pointer operation = *Pointer::parse("/op");
    const Value* op = operation.resolve(step);
    if (op == nullptr || !op->isString()) {
        return core::fail(Code::badField, "a step is an object with a string \"op\"");
    }
    const Result<Pointer> path = pointerAt(step, "path");
    if (!path) return core::fail(path.error());

    const std::string_view name = op->asString();
    if (name == "add" || name == "replace" || name == "test") {
        return runWithValue(name, *path, step);
    }
    if (name == "move" || name == "copy") return runWithSource(name, *path, step);
    if (name == "remove") return remove(*path).map([](const Value&) {});
    return core::fail(Code::badField, "\"op\" is none of add, remove, replace, move, copy, test");
}

Result<void> Patching::runWithValue(std::string_view op, const Pointer& path, const Value& step) {
    const Value* value = step.find("value");
    if (value == nullptr) return core::fail(Code::badField, "\"value\" is missing");
    if (op == "test") return test(path, *value);
    return op == "add" ? add(path, value->clone()) : replace(path, value->clone());
}

Result<void> Patching::runWithSource(std::string_view op, const Pointer& path, const Value& step) {
    const Result<Pointer> from = pointerAt(step, "from");
    if (!from) return core::fail(from.error());
    return op == "move" ? move(*from, path) : copy(*from, path);
}

Result<void> Patching::add(const Pointer& path, Value value) {
    if (const auto fits = checkDepth(path, value); !fits) return fits;
    if (path.isRoot()) {
        document_ = std::move(value);
        return {};
    }
    Value* parent = path.parent().resolve(document_);
    if (parent == nullptr) return noPlace(path.parent());
    const std::string token = path.lastToken();
    if (parent->isArray()) return addElement(*parent, token, std::move(value));
    if (!parent->isObject()) return noPlace(path);
    parent->set(token, std::move(value));
    return {};
}

Result<void> Patching::checkDepth(const Pointer& path, const Value& value) const {
    // At each step, because what walks a value recurses.
    const auto above = static_cast<std::size_t>(std::ranges::count(path.text(), '/'));
    if (above <= limits_.depthMax && value.fitsDepth(limits_.depthMax - above)) return {};
    return core::fail(Code::tooLarge, "the patched value would be nested too deep");
}

Result<void> Patching::addElement(Value& array, const std::string& token, Value value) {
    const auto index = token == "-" ? array.size() : Pointer::arrayIndex(token);
    if (!index || *index > array.size()) {
        return core::fail(Code::badField, "\"" + token + "\" is no place in an array of " +
                                              std::to_string(array.size()));
    }
    if (const auto spent = spend((array.size() - *index) * sizeof(Value)); !spent) return spent;
    array.insert(*index, std::move(value));
    return {};
}

Result<void> Patching::replace(const Pointer& path, Value value) {
    Value* place = path.resolve(document_);
    if (place == nullptr) return noPlace(path);
    if (const auto fits = checkDepth(path, value); !fits) return fits;
    *place = std::move(value);
    return {};
}

Result<Value> Patching::remove(const Pointer& path) {
    Value* place = path.resolve(document_);
    if (place == nullptr) return noPlace(path);
    Value removed = std::move(*place);
    if (path.isRoot()) return removed;
    Value& parent = *path.parent().resolve(document_);
    if (parent.isArray()) {
        const std::size_t index = *Pointer::arrayIndex(path.lastToken());
        const auto spent = spend((parent.size() - index) * sizeof(Value));
        if (!spent) return core::fail(spent.error());
        parent.erase(index);
    } else {
        parent.erase(path.lastToken());
    }
    return removed;
}

Result<void> Patching::move(const Pointer& from, const Pointer& path) {
    if (from.isAncestorOf(path)) {
        return core::fail(Code::badField, "a value cannot move into itself");
    }
    if (from == path) return from.resolve(document_) != nullptr ? Result<void>() : noPlace(from);
    Result<Value> value = remove(from);
    if (!value) return core::fail(std::move(value).error());
    return add(path, *std::move(value));
}

Result<void> Patching::copy(const Pointer& from, const Pointer& path) {
    const Value* source = from.resolve(document_);
    if (source == nullptr) return noPlace(from);
    // Before it is made: each copy may be twice the last.
    if (const auto spent = spend(sizeof(Value) + source->bytes()); !spent) return spent;
    return add(path, source->clone());
}

Result<void> Patching::test(const Pointer& path, const Value& expected) const {
    const Value* actual = path.resolve(document_);
    if (actual == nullptr) return noPlace(path);
    if (*actual == expected) return {};
    return core::fail(Code::refusedByRule, "the test of \"" + path.text() + "\" failed");
}

Result<void> Patching::spend(std::size_t bytes) {
    spentBytes_ += bytes;
    if (spentBytes_ <= limits_.workBytesMax) return {};
    return core::fail(Code::tooLarge, "the patch copies and shifts too much");
}

}  // namespace

core::Result<void> applyPatch(Value& target, const Value& patch, const PatchLimits& limits,
                              std::size_t* failedStep) {
    if (!patch.isArray()) return core::fail(Code::badField, "a JSON patch is an array of steps");
    Patching patching(target.clone(), limits);
    std::size_t number = 0;
    for (const Value& step : patch.elements()) {
        Result<void> done = patching.run(step);
        if (!done) {
            core::Error error = std::move(done).error();
            if (failedStep != nullptr) *failedStep = number;
            error.reason = "step " + std::to_string(number) + ": " + error.reason;
            return core::fail(std::move(error));
        }
        ++number;
    }
    Value outcome = patching.takeDocument();
    if (outcome.bytes() > limits.bytesMax) {
        return core::fail(Code::tooLarge, "the patched value is larger than the limit");
    }
    target = std::move(outcome);
    return {};
}

}  // namespace syncline::json
