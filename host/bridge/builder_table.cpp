// SPDX-License-Identifier: Apache-2.0
#include "bridge/builder_table.h"

#include "bridge/builder.h"
#include "bridge/conduct.h"
#include "bridge/host_tables.h"
#include "bridge/plugin_error.h"

namespace syncline::bridge {

namespace {

/// Runs `write` on the builder. The first mistake of a row is held against the plugin; a builder
/// that has failed stays so without further words.
template <class Write>
void change(syncline_builder* handle, Write&& write) noexcept {
    if (handle == nullptr) return blameCurrent("a null builder was written to");
    Builder& builder = *toBuilder(handle);
    if (builder.failed()) return;
    write(builder);
    if (builder.failed()) blameCurrent("JSON was built out of order or from bad text");
}

syncline_builder* create(const syncline_host*) noexcept {
    return toHandle(new Builder());
}

void destroy(syncline_builder* builder) noexcept {
    delete toBuilder(builder);
}

void clear(syncline_builder* builder) noexcept {
    if (builder == nullptr) return blameCurrent("a null builder was cleared");
    toBuilder(builder)->clear();
}

void null(syncline_builder* builder) noexcept {
    change(builder, [](Builder& b) { b.add(json::Value()); });
}

void boolean(syncline_builder* builder, std::int32_t value) noexcept {
    change(builder, [=](Builder& b) { b.add(value != 0); });
}

void number(syncline_builder* builder, double value) noexcept {
    change(builder, [=](Builder& b) { b.number(value); });
}

void string(syncline_builder* builder, syncline_text value) noexcept {
    change(builder, [=](Builder& b) { b.string(toView(value)); });
}

void value(syncline_builder* builder, const syncline_value* copied) noexcept {
    change(builder, [=](Builder& b) {
        if (copied == nullptr) return b.fail();
        b.add(toValue(copied)->clone());
    });
}

void json(syncline_builder* builder, syncline_text text) noexcept {
    change(builder, [=](Builder& b) { b.text(toView(text)); });
}

void beginObject(syncline_builder* builder) noexcept {
    change(builder, [](Builder& b) { b.begin(json::Value::object()); });
}

void key(syncline_builder* builder, syncline_text name) noexcept {
    change(builder, [=](Builder& b) { b.key(toView(name)); });
}

void beginArray(syncline_builder* builder) noexcept {
    change(builder, [](Builder& b) { b.begin(json::Value::array()); });
}

void end(syncline_builder* builder) noexcept {
    change(builder, [](Builder& b) { b.end(); });
}

std::int32_t failed(const syncline_builder* builder) noexcept {
    return builder == nullptr || toBuilder(builder)->failed() ? 1 : 0;
}

const syncline_value* result(const syncline_builder* builder) noexcept {
    return builder == nullptr ? nullptr : toHandle(toBuilder(builder)->result());
}

}  // namespace

const syncline_builder_table kBuilderTable = {sizeof(syncline_builder_table),
                                              0,
                                              &create,
                                              &destroy,
                                              &clear,
                                              &null,
                                              &boolean,
                                              &number,
                                              &string,
                                              &value,
                                              &json,
                                              &beginObject,
                                              &key,
                                              &beginArray,
                                              &end,
                                              &failed,
                                              &result};

}  // namespace syncline::bridge
