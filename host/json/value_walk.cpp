// SPDX-License-Identifier: Apache-2.0
// What walks a whole value: copying, comparing, measuring and destroying it.
#include <algorithm>
#include <memory>
#include <utility>

#include "json/members.h"
#include "json/value.h"

namespace syncline::json {

namespace {

// Deeper values than any text that parse() lets in are taken apart without recursion.
constexpr unsigned kRecursionMax = 128;

}  // namespace

Value Value::clone() const {
    Value copy(type());
    if (!ownsHeap()) {
        copy.storage_ = storage_;
    } else if (isString()) {
        copy = Value(asString());
    } else if (isArray() && !empty()) {
        auto elementCopies = std::make_unique<std::vector<Value>>();
        elementCopies->reserve(size());
        for (const Value& element : elements()) elementCopies->push_back(element.clone());
        copy.store(0, elementCopies.release());
    } else if (isObject() && !empty()) {
        copy.store(0, object_()->clone().release());
    }
    return copy;
}

bool Value::operator==(const Value& other) const {
    if (type() != other.type()) return false;
    switch (type()) {
        case Type::null:
            return true;
        case Type::boolean:
            return asBool() == other.asBool();
        case Type::number:
            return asNumber() == other.asNumber();
        case Type::string:
            return sameString(other);
        case Type::array:
            return std::ranges::equal(elements(), other.elements());
        case Type::object:
            break;
    }
    if (size() != other.size()) return false;
    for (const Member& member : members()) {
        const Value* counterpart = other.find(member.key());
        if (counterpart == nullptr || !(member.value == *counterpart)) return false;
    }
    return true;
}

std::size_t Value::bytes() const {
    if (!ownsHeap()) return 0;
    std::size_t total = 0;
    if (isString()) {
        total = asString().size();
    } else if (isArray() && array_() != nullptr) {
        total = sizeof(std::vector<Value>) + array_()->capacity() * sizeof(Value);
        for (const Value& element : elements()) total += element.bytes();
    } else if (isObject() && object_() != nullptr) {
        total = object_()->bytes();
        for (const Member& member : members()) total += member.value.bytes();
    }
    return total;
}

bool Value::fitsDepth(std::size_t depthMax) const {
    if (!isArray() && !isObject()) return true;
    if (depthMax == 0) return false;
    if (isArray()) {
        return std::ranges::all_of(
            elements(), [&](const Value& element) { return element.fitsDepth(depthMax - 1); });
    }
    for (const Member& member : members()) {
        if (!member.value.fitsDepth(depthMax - 1)) return false;
    }
    return true;
}

void Value::release() noexcept {
    if (isString()) {
        ::operator delete(load<char*>(0));
    } else {
        disposeTree(0);
    }
}

void Value::disposeTree(unsigned depth) noexcept {
    if (depth == kRecursionMax) {
        // Each container gives its own containers to the list before it goes, so none recurses.
        std::vector<Value> pending;
        takeContainersInto(pending);
        while (!pending.empty()) {
            Value container = std::move(pending.back());
            pending.pop_back();
            container.takeContainersInto(pending);
        }
    }
    const auto dispose = [depth](Value& child) {
        if (child.storage_.type < Type::array) return;
        child.disposeTree(depth + 1);
        child.storage_ = Storage{};
    };
    if (isArray()) {
        for (Value& element : elements()) dispose(element);
        delete array_();
    } else {
        for (Member& member : members()) dispose(member.value);
        delete object_();
    }
}

void Value::takeContainersInto(std::vector<Value>& pending) {
    const auto take = [&pending](Value& child) {
        if (child.isArray() || child.isObject()) pending.push_back(std::move(child));
    };
    if (isArray()) {
        for (Value& element : elements()) take(element);
    } else {
        for (Member& member : members()) take(member.value);
    }
}

}  // namespace syncline::json
