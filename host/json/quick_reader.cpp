// SPDX-License-Identifier: Apache-2.0
#include "json/quick_reader.h"

#include <simdjson.h>

#include <span>
#include <utility>

namespace syncline::json {

namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

/// Makes values of simdjson's elements. The children of what is open lie on a stack, so that every
/// array and object is made once, in its final size.
class Walk {
public:
    Walk(std::vector<Value>& stack, const ParseLimits& limits)
        : stack_(stack), exactIntegers_(limits.exactIntegers) {}

    /// Leaves the element's value on the stack; false when something about it is refused.
    bool take(const element& from, std::size_t depthLeft) {
        switch (from.type()) {
            case element_type::NULL_VALUE:
                return add(Value());
            case element_type::BOOL:
                return add(bool(from.get_bool().value_unsafe()));
            case element_type::DOUBLE:
                return add(from.get_double().value_unsafe());
            case element_type::INT64:
                return takeInteger(from.get_int64().value_unsafe());
            case element_type::UINT64:
                // simdjson's word for an integer beyond 2^63 - 1.
                return !exactIntegers_ && add(from.get_uint64().value_unsafe());
            case element_type::STRING:
                return add(std::string_view(from.get_string().value_unsafe()));
            case element_type::ARRAY:
                return depthLeft > 0 && takeArray(from.get_array().value_unsafe(), depthLeft - 1);
            case element_type::OBJECT:
                return depthLeft > 0 && takeObject(from.get_object().value_unsafe(), depthLeft - 1);
        }
        return false;
    }

private:
    // Made in its place: a value that is written in parts and moved at once stalls the processor.
    template <class Content>
    bool add(Content&& content) {
        stack_.emplace_back(std::forward<Content>(content));
        return true;
    }

    bool takeInteger(std::int64_t number) {
        if (exactIntegers_ && (number > kIntegerMax || number < -kIntegerMax)) return false;
        return add(number);
    }

    bool takeArray(const simdjson::dom::array& array, std::size_t depthLeft) {
        const std::size_t start = stack_.size();
        for (const element child : array) {
            if (!take(child, depthLeft)) return false;
        }
        return close(start, Value::arrayOf(std::span<Value>(stack_).subspan(start)));
    }

    bool takeObject(const simdjson::dom::object& object, std::size_t depthLeft) {
        const std::size_t start = stack_.size();
        for (const auto& [key, child] : object) {
            add(key);
            if (!take(child, depthLeft)) return false;
        }
        auto value = Value::objectOf(std::span<Value>(stack_).subspan(start));
        return value && close(start, *std::move(value));
    }

    bool close(std::size_t start, Value value) {
        stack_.erase(stack_.begin() + static_cast<std::ptrdiff_t>(start), stack_.end());
        return add(std::move(value));
    }

    std::vector<Value>& stack_;
    const bool exactIntegers_;
};

}  // namespace

const std::size_t QuickReader::kPadding = simdjson::SIMDJSON_PADDING;

struct QuickReader::Parser {
    simdjson::dom::parser parser;
};

QuickReader::QuickReader() : parser_(std::make_unique<Parser>()) {}
QuickReader::~QuickReader() = default;

std::optional<Value> QuickReader::read(const char* paddedText, std::size_t size,
                                       const ParseLimits& limits, std::vector<Value>& stack) {
    element root;
    if (parser_->parser.parse(paddedText, size, false).get(root) != simdjson::SUCCESS) {
        return std::nullopt;
    }
    if (!Walk(stack, limits).take(root, limits.depthMax)) return std::nullopt;
    return std::move(stack.back());
}

}  // namespace syncline::json
