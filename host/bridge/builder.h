// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "json/value.h"

namespace syncline::bridge {

/// A JSON value that a plugin writes from front to back. Any call out of order, a name twice in one
/// object, a number that JSON lacks, text that is not UTF-8, or a depth beyond kDepthMax fails it
/// until clear(). One thread at a time.
class Builder {
public:
    static constexpr std::size_t kDepthMax = 64;

    void clear();
    void fail();

    void add(json::Value value);
    void number(double value);
    void string(std::string_view text);
    void text(std::string_view json);
    void begin(json::Value container);  ///< an empty array or object
    void key(std::string_view name);
    void end();

    bool failed() const { return failed_; }
    /// Null unless the value is complete. Valid until the next change.
    const json::Value* result() const;
    /// Takes the value out; precondition: result() is not null.
    json::Value take();

private:
    struct Level {
        json::Value container;
        std::optional<json::Value> key;  ///< of the member whose value comes next
    };

    bool acceptsValue() const;

    std::vector<Level> open_;
    std::optional<json::Value> root_;
    bool failed_ = false;
};

}  // namespace syncline::bridge
