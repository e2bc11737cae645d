// SPDX-License-Identifier: Apache-2.0
#include "syncline/testing/json.h"

#include <rapidjson/encodings.h>
#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <ostream>
#include <stdexcept>

namespace syncline::conformance {
namespace {

constexpr std::size_t kDepthMax = 512;

/// Makes a value of what RapidJSON's reader tells; on the stack of parse().
class Assembler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Assembler> {
public:
    bool Null() { return take(nullptr); }
    bool Bool(bool value) { return take(value); }
    bool RawNumber(const char* digits, rapidjson::SizeType size, bool) {
        double number = 0;
        const auto read = std::from_chars(digits, digits + size, number);
        return read.ec == std::errc() && take(number);
    }
    bool String(const char* text, rapidjson::SizeType size, bool) {
        return take(std::string(text, size));
    }
    bool Key(const char* name, rapidjson::SizeType size, bool) {
        open_.back().name.assign(name, size);
        return true;
    }
    bool StartObject() { return begin(Json::Object()); }
    bool StartArray() { return begin(Json::Array()); }
    bool EndObject(rapidjson::SizeType) { return end(); }
    bool EndArray(rapidjson::SizeType) { return end(); }

    Json whole;

private:
    /// An object or array that has begun, and the name of its next member.
    struct Open {
        Json value;
        std::string name;
    };

    bool begin(Json empty) {
        open_.push_back({std::move(empty), {}});
        return open_.size() <= kDepthMax;
    }
    bool end() {
        Json value = std::move(open_.back().value);
        open_.pop_back();
        return take(std::move(value));
    }
    bool take(Json value) {
        if (open_.empty()) {
            whole = std::move(value);
        } else if (auto* elements = open_.back().value.as<Json::Array>()) {
            elements->push_back(std::move(value));
        } else {
            open_.back().value.as<Json::Object>()->emplace_back(open_.back().name,
                                                                std::move(value));
        }
        return true;
    }

    std::vector<Open> open_;
};

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void write(std::string_view text, Writer& to) {
    to.String(text.data(), static_cast<rapidjson::SizeType>(text.size()));
}

void write(double number, Writer& to) {
    char digits[32];
    // Whole numbers as people write them, others in the shortest form that comes back.
    const bool whole = std::trunc(number) == number && std::abs(number) < 1e15;
    const auto end =
        whole ? std::to_chars(digits, digits + sizeof digits, static_cast<std::int64_t>(number))
              : std::to_chars(digits, digits + sizeof digits, number);
    to.RawValue(digits, static_cast<std::size_t>(end.ptr - digits), rapidjson::kNumberType);
}

void write(const Json& value, Writer& to) {
    if (const auto* flag = value.as<bool>()) {
        to.Bool(*flag);
    } else if (const auto* number = value.as<double>()) {
        write(*number, to);
    } else if (const auto* text = value.as<std::string>()) {
        write(std::string_view(*text), to);
    } else if (const auto* array = value.as<Json::Array>()) {
        to.StartArray();
        for (const Json& element : *array) write(element, to);
        to.EndArray();
    } else if (const auto* object = value.as<Json::Object>()) {
        to.StartObject();
        for (const auto& [name, member] : *object) {
            write(std::string_view(name), to);
            write(member, to);
        }
        to.EndObject();
    } else {
        to.Null();
    }
}

/// A part of a JSON pointer, with its escapes resolved.
std::string unescaped(std::string_view part) {
    std::string name;
    for (std::size_t i = 0; i < part.size(); ++i) {
        const bool escape = part[i] == '~' && i + 1 < part.size();
        name += escape ? (part[++i] == '1' ? '/' : '~') : part[i];
    }
    return name;
}

}  // namespace

Json Json::parse(std::string_view text) {
    constexpr unsigned flags = rapidjson::kParseIterativeFlag |
                               rapidjson::kParseValidateEncodingFlag |
                               rapidjson::kParseNumbersAsStringsFlag;
    rapidjson::MemoryStream stream(text.data(), text.size());
    rapidjson::Reader reader;
    Assembler assembler;
    const rapidjson::ParseResult result = reader.Parse<flags>(stream, assembler);
    // The reader takes a zero byte for the end.
    if (result && stream.Tell() == text.size()) return std::move(assembler.whole);
    throw std::runtime_error("JSON, offset " + std::to_string(stream.Tell()) + ": " +
                             rapidjson::GetParseError_En(result.Code()));
}

std::string Json::text() const {
    rapidjson::StringBuffer buffer;
    Writer writer(buffer);
    write(*this, writer);
    return {buffer.GetString(), buffer.GetSize()};
}

const Json* Json::find(std::string_view name) const {
    const auto* members = as<Object>();
    if (members == nullptr) return nullptr;
    const auto found = std::find_if(members->begin(), members->end(),
                                    [&](const Member& member) { return member.first == name; });
    return found == members->end() ? nullptr : &found->second;
}

Json& Json::operator[](const std::string& name) {
    if (isNull()) value_ = Object();
    auto& members = std::get<Object>(value_);
    for (auto& [known, value] : members) {
        if (known == name) return value;
    }
    return members.emplace_back(name, Json()).second;
}

std::string Json::string(std::string_view name, const std::string& fallback) const {
    const Json* member = find(name);
    const auto* text = member == nullptr ? nullptr : member->as<std::string>();
    return text == nullptr ? fallback : *text;
}

bool Json::boolean(std::string_view name, bool fallback) const {
    const Json* member = find(name);
    const auto* flag = member == nullptr ? nullptr : member->as<bool>();
    return flag == nullptr ? fallback : *flag;
}

const Json::Array& Json::list(std::string_view name) const {
    static const Array none;
    const Json* member = find(name);
    const auto* elements = member == nullptr ? nullptr : member->as<Array>();
    return elements == nullptr ? none : *elements;
}

const Json* Json::at(std::string_view pointer) const {
    const Json* here = this;
    while (!pointer.empty() && here != nullptr) {
        if (pointer[0] != '/') return nullptr;
        const std::size_t end = std::min(pointer.find('/', 1), pointer.size());
        const std::string name = unescaped(pointer.substr(1, end - 1));
        pointer.remove_prefix(end);
        if (const auto* elements = here->as<Array>()) {
            std::size_t index = 0;
            const auto read = std::from_chars(name.data(), name.data() + name.size(), index);
            const bool inside = read.ec == std::errc() && index < elements->size();
            here = inside ? &(*elements)[index] : nullptr;
        } else {
            here = here->find(name);
        }
    }
    return here;
}

bool Json::operator==(const Json& other) const {
    const auto* mine = as<Object>();
    const auto* others = other.as<Object>();
    if (mine == nullptr || others == nullptr) return value_ == other.value_;
    if (mine->size() != others->size()) return false;
    return std::all_of(mine->begin(), mine->end(), [&](const Member& member) {
        const Json* found = other.find(member.first);
        return found != nullptr && *found == member.second;
    });
}

std::ostream& operator<<(std::ostream& stream, const Json& json) {
    return stream << json.text();
}

bool isUtf8(std::string_view text) {
    rapidjson::MemoryStream stream(text.data(), text.size());
    rapidjson::StringBuffer ignored;
    while (stream.Tell() < text.size()) {
        if (!rapidjson::UTF8<>::Validate(stream, ignored)) return false;
    }
    return true;
}

}  // namespace syncline::conformance
