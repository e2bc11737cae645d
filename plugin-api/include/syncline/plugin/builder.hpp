// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <cstddef>
#include <stdexcept>
#include <string_view>
#include <syncline/plugin/text.hpp>
#include <syncline/plugin/value.hpp>
#include <type_traits>
#include <utility>

namespace syncline {

/// Writes one JSON value in memory of the host. Borrowed: the call that gave it says how long it
/// lives.
///
///     builder.object([&](Builder& reply) {
///         reply.set("time", clock().wallMs());
///         reply.array("names", [](Builder& names) { names.add("a").add("b"); });
///     });
class Builder {
public:
    Builder(const syncline_builder_table* table, const syncline_value_table* values,
            syncline_builder* builder) noexcept
        : table_(table), values_(values), builder_(builder) {}

    Builder(const Builder&) = delete;
    Builder& operator=(const Builder&) = delete;

    /// An element of the array under construction, or the whole value: nullptr, a boolean, a
    /// number, a string or a Value (a missing one becomes null).
    template <class Content>
    Builder& add(const Content& content) {
        write(content);
        return *this;
    }

    /// A member of the object under construction.
    template <class Content>
    Builder& set(std::string_view name, const Content& content) {
        return key(name).add(content);
    }

    Builder& key(std::string_view name) {
        table_->key(builder_, detail::toText(name));
        return *this;
    }

    /// An object whose members `fill(builder)` sets.
    template <class Fill>
    Builder& object(Fill&& fill) {
        table_->begin_object(builder_);
        std::forward<Fill>(fill)(*this);
        table_->end(builder_);
        return *this;
    }

    /// An array whose elements `fill(builder)` adds.
    template <class Fill>
    Builder& array(Fill&& fill) {
        table_->begin_array(builder_);
        std::forward<Fill>(fill)(*this);
        table_->end(builder_);
        return *this;
    }

    template <class Fill>
    Builder& object(std::string_view name, Fill&& fill) {
        return key(name).object(std::forward<Fill>(fill));
    }

    template <class Fill>
    Builder& array(std::string_view name, Fill&& fill) {
        return key(name).array(std::forward<Fill>(fill));
    }

    /// A value given as JSON text; bad text fails the builder.
    Builder& json(std::string_view text) {
        table_->json(builder_, detail::toText(text));
        return *this;
    }

    void clear() { table_->clear(builder_); }
    bool failed() const noexcept { return table_->failed(builder_) != 0; }

    /// What has been built. Throws when it is incomplete or a call was out of order.
    Value result() const {
        const auto* value = failed() ? nullptr : table_->result(builder_);
        if (value == nullptr)
            throw std::logic_error("the JSON that was built is not one whole value");
        return {values_, value};
    }

    syncline_builder* handle() const noexcept { return builder_; }

protected:
    const syncline_builder_table* table_;
    const syncline_value_table* values_;
    syncline_builder* builder_;

private:
    template <class Content>
    void write(const Content& content) {
        if constexpr (std::is_same_v<Content, std::nullptr_t>) {
            table_->null(builder_);
        } else if constexpr (std::is_same_v<Content, bool>) {
            table_->boolean(builder_, content ? 1 : 0);
        } else if constexpr (std::is_arithmetic_v<Content>) {
            table_->number(builder_, static_cast<double>(content));
        } else if constexpr (std::is_same_v<Content, Value>) {
            content.exists() ? table_->value(builder_, content.handle()) : table_->null(builder_);
        } else {
            static_assert(std::is_convertible_v<const Content&, std::string_view>,
                          "JSON is nullptr, bool, a number, a string or a syncline::Value");
            table_->string(builder_, detail::toText(std::string_view(content)));
        }
    }
};

/// A builder of one's own, for any thread; its result lives as long as it does.
class Document final : public Builder {
public:
    Document(const syncline_host* host, const syncline_builder_table* table,
             const syncline_value_table* values)
        : Builder(table, values, table->create(host)) {
        if (builder_ == nullptr) throw std::runtime_error("the host has no memory for a builder");
    }
    ~Document() { table_->destroy(builder_); }
};

}  // namespace syncline
