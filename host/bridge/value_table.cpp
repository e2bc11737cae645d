// SPDX-License-Identifier: Apache-2.0
// JSON as plugins read it. Called many times per message: each function is a check and a load.
#include <algorithm>
#include <cstring>
#include <string>

#include "bridge/conduct.h"
#include "bridge/host_tables.h"
#include "bridge/plugin_error.h"
#include "bridge/thread_state.h"
#include "json/write.h"

namespace syncline::bridge {

namespace {

using json::Value;

static_assert(static_cast<int>(Value::Type::null) == SYNCLINE_NULL);
static_assert(static_cast<int>(Value::Type::boolean) == SYNCLINE_BOOLEAN);
static_assert(static_cast<int>(Value::Type::number) == SYNCLINE_NUMBER);
static_assert(static_cast<int>(Value::Type::string) == SYNCLINE_STRING);
static_assert(static_cast<int>(Value::Type::array) == SYNCLINE_ARRAY);
static_assert(static_cast<int>(Value::Type::object) == SYNCLINE_OBJECT);

[[gnu::cold, gnu::noinline]] bool blameNull() noexcept {
    blameCurrent("a null value was read");
    return false;
}

bool given(const syncline_value* value) noexcept {
    return value != nullptr || blameNull();
}

syncline_type type(const syncline_value* value) noexcept {
    return given(value) ? static_cast<syncline_type>(toValue(value)->type()) : SYNCLINE_NULL;
}

std::int32_t boolean(const syncline_value* value) noexcept {
    return given(value) && toValue(value)->isBool() && toValue(value)->asBool() ? 1 : 0;
}

double number(const syncline_value* value) noexcept {
    return given(value) && toValue(value)->isNumber() ? toValue(value)->asNumber() : 0;
}

syncline_text string(const syncline_value* value) noexcept {
    if (!given(value) || !toValue(value)->isString()) return {nullptr, 0};
    return toText(toValue(value)->asString());
}

std::size_t count(const syncline_value* value) noexcept {
    return given(value) ? toValue(value)->size() : 0;
}

const syncline_value* member(const syncline_value* object, syncline_text name) noexcept {
    return given(object) ? toHandle(toValue(object)->find(toView(name))) : nullptr;
}

/// An erased member leaves a gap, so places are not indexes: walks on from where the last look at
/// this object ended.
const json::Member& memberBehindGaps(const Value& object, std::size_t index) noexcept {
    GapWalk& walk = threadState.walk;
    if (walk.object != &object || walk.index > index) {
        walk = {&object, 0, object.members().begin()};
    }
    for (; walk.index < index; ++walk.index) ++walk.at;
    return *walk.at;
}

const json::Member& memberAt(const Value& object, std::size_t index) noexcept {
    const auto members = object.members();
    const json::Member* first = members.begin().operator->();
    const json::Member* last = members.end().operator->();
    if (static_cast<std::size_t>(last - first) == object.size()) return first[index];
    return memberBehindGaps(object, index);
}

const syncline_value* at(const syncline_value* container, std::size_t index,
                         syncline_text* name) noexcept {
    if (name != nullptr) *name = {nullptr, 0};
    if (!given(container)) return nullptr;
    const Value& value = *toValue(container);
    if (index >= value.size()) {
        blameCurrent("an index beyond the end was read");
        return nullptr;
    }
    if (value.isArray()) return toHandle(&value[index]);
    const json::Member& found = memberAt(value, index);
    if (name != nullptr) *name = toText(found.key());
    return toHandle(&found.value);
}

std::int32_t equal(const syncline_value* a, const syncline_value* b) noexcept {
    return given(a) && given(b) && *toValue(a) == *toValue(b) ? 1 : 0;
}

std::size_t serialize(const syncline_value* value, char* buffer, std::size_t capacity) noexcept {
    if (!given(value)) return 0;
    std::string text;
    json::write(*toValue(value), text);
    if (buffer != nullptr) std::memcpy(buffer, text.data(), std::min(capacity, text.size()));
    return text.size();
}

}  // namespace

const syncline_value_table kValueTable = {sizeof(syncline_value_table),
                                          0,
                                          &type,
                                          &boolean,
                                          &number,
                                          &string,
                                          &count,
                                          &member,
                                          &at,
                                          &equal,
                                          &serialize};

}  // namespace syncline::bridge
