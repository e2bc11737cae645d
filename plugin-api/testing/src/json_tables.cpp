// SPDX-License-Identifier: Apache-2.0
// The two tables that read and write JSON.
#include <algorithm>
#include <cstring>
#include <stdexcept>

#include "syncline/testing/lending.h"
#include "syncline/testing/mock_host.h"

namespace syncline::conformance {
namespace {

template <class Type>
const Type* readAs(const syncline_value* value) {
    const Json* json = read(value);
    return json == nullptr ? nullptr : json->as<Type>();
}

const syncline_value* part(const syncline_value* of, const Json& json) {
    return reinterpret_cast<const Handle*>(of)->loan->handle(json);
}

syncline_type typeOf(const syncline_value* value) {
    const Json* json = read(value);
    if (json == nullptr || json->isNull()) return SYNCLINE_NULL;
    if (json->as<bool>() != nullptr) return SYNCLINE_BOOLEAN;
    if (json->as<double>() != nullptr) return SYNCLINE_NUMBER;
    if (json->as<std::string>() != nullptr) return SYNCLINE_STRING;
    return json->as<Json::Array>() != nullptr ? SYNCLINE_ARRAY : SYNCLINE_OBJECT;
}

std::int32_t booleanOf(const syncline_value* value) {
    const auto* flag = readAs<bool>(value);
    return flag != nullptr && *flag ? 1 : 0;
}

double numberOf(const syncline_value* value) {
    const auto* number = readAs<double>(value);
    return number == nullptr ? 0 : *number;
}

syncline_text stringOf(const syncline_value* value) {
    const auto* text = readAs<std::string>(value);
    return text == nullptr ? syncline_text{nullptr, 0} : toText(*text);
}

std::size_t countOf(const syncline_value* value) {
    if (const auto* elements = readAs<Json::Array>(value)) return elements->size();
    const auto* members = readAs<Json::Object>(value);
    return members == nullptr ? 0 : members->size();
}

const syncline_value* memberOf(const syncline_value* object, syncline_text name) {
    const Json* json = read(object);
    const Json* found = json == nullptr ? nullptr : json->find(toView(name));
    return found == nullptr ? nullptr : part(object, *found);
}

const syncline_value* at(const syncline_value* container, std::size_t index, syncline_text* name) {
    const Json* json = read(container);
    if (json == nullptr) return nullptr;
    if (const auto* elements = json->as<Json::Array>()) {
        return index < elements->size() ? part(container, (*elements)[index]) : nullptr;
    }
    const auto* members = json->as<Json::Object>();
    if (members == nullptr || index >= members->size()) return nullptr;
    if (name != nullptr) *name = toText((*members)[index].first);
    return part(container, (*members)[index].second);
}

std::int32_t equal(const syncline_value* a, const syncline_value* b) {
    const Json* first = read(a);
    const Json* second = read(b);
    return first != nullptr && second != nullptr && *first == *second ? 1 : 0;
}

std::size_t serialize(const syncline_value* value, char* buffer, std::size_t capacity) {
    const Json* json = read(value);
    const std::string text = json == nullptr ? "null" : json->text();
    std::memcpy(buffer, text.data(), std::min(text.size(), capacity));
    return text.size();
}

/// The builder, or null when it is gone.
MockBuilder* writable(syncline_builder* builder) {
    auto* mock = reinterpret_cast<MockBuilder*>(builder);
    return mock->mayWrite() ? mock : nullptr;
}

void addTo(syncline_builder* builder, Json value) {
    if (auto* mock = writable(builder)) mock->add(std::move(value));
}

void addCopy(syncline_builder* builder, const syncline_value* value) {
    const Json* json = read(value);
    addTo(builder, json == nullptr ? Json() : *json);
}

void addParsed(syncline_builder* builder, syncline_text text) {
    auto* mock = writable(builder);
    if (mock == nullptr) return;
    try {
        mock->add(Json::parse(toView(text)));
    } catch (const std::runtime_error&) {
        mock->fail();
    }
}

}  // namespace

const syncline_value_table& valueTable() {
    static const syncline_value_table table = [] {
        syncline_value_table made = {};
        made.size = sizeof made;
        made.type = &typeOf;
        made.boolean = &booleanOf;
        made.number = &numberOf;
        made.string = &stringOf;
        made.count = &countOf;
        made.member = &memberOf;
        made.at = &at;
        made.equal = &equal;
        made.serialize = &serialize;
        return made;
    }();
    return table;
}

const syncline_builder_table& builderTable() {
    static const syncline_builder_table table = [] {
        using Builder = syncline_builder*;
        syncline_builder_table made = {};
        made.size = sizeof made;
        made.create = [](const syncline_host* host) {
            MockHost& mock = MockHost::of(host, SYNCLINE_BUILDER_TABLE);
            return mock.vault().newBuilder(MockBuilder::Owner::plugin).handle();
        };
        made.destroy = [](Builder b) { reinterpret_cast<MockBuilder*>(b)->destroy(); };
        made.clear = [](Builder b) {
            if (auto* mock = writable(b)) mock->clear();
        };
        made.null = [](Builder b) { addTo(b, nullptr); };
        made.boolean = [](Builder b, std::int32_t value) { addTo(b, value != 0); };
        made.number = [](Builder b, double value) { addTo(b, value); };
        made.string = [](Builder b, syncline_text value) {
            if (auto* mock = writable(b)) mock->addText(value);
        };
        made.value = &addCopy;
        made.json = &addParsed;
        made.begin_object = [](Builder b) {
            if (auto* mock = writable(b)) mock->begin(Json::Object());
        };
        made.key = [](Builder b, syncline_text name) {
            if (auto* mock = writable(b)) mock->key(name);
        };
        made.begin_array = [](Builder b) {
            if (auto* mock = writable(b)) mock->begin(Json::Array());
        };
        made.end = [](Builder b) {
            if (auto* mock = writable(b)) mock->end();
        };
        made.failed = [](const syncline_builder* b) -> std::int32_t {
            return reinterpret_cast<const MockBuilder*>(b)->failed() ? 1 : 0;
        };
        made.result = [](const syncline_builder* b) {
            auto* mock = writable(const_cast<syncline_builder*>(b));
            return mock == nullptr ? nullptr : mock->result();
        };
        return made;
    }();
    return table;
}

}  // namespace syncline::conformance
