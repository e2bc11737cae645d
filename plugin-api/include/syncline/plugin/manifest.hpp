// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <cstddef>
#include <stdexcept>
#include <string_view>
#include <syncline/plugin/spec.hpp>

namespace syncline::detail {

/// A plugin's own words, known while compiling.
template <std::size_t count>
struct PluginSpec {
    const char* id;
    const char* version;
    ComponentSpec components[count];
};

constexpr bool isLower(char c) {
    return c >= 'a' && c <= 'z';
}
constexpr bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

/// A component's name: snake_case, from a letter on.
constexpr bool isComponentName(std::string_view name) {
    if (name.empty() || name.size() > 64 || !isLower(name[0])) return false;
    for (const char c : name) {
        if (!isLower(c) && !isDigit(c) && c != '_') return false;
    }
    return true;
}

/// A plugin's id: reverse DNS, e.g. com.acme.echo.
constexpr bool isPluginId(std::string_view id) {
    bool dotted = false;
    char before = '.';
    for (const char c : id) {
        if (c == '.' && before == '.') return false;
        if (!isLower(c) && !isDigit(c) && c != '_' && c != '-' && c != '.') return false;
        dotted = dotted || c == '.';
        before = c;
    }
    return dotted && before != '.' && id.size() <= 128;
}

/// Throwing while compiling is a compile error that shows the line.
template <class... Specs>
constexpr PluginSpec<sizeof...(Specs)> describePlugin(const char* id, const char* version,
                                                      const Specs&... components) {
    static_assert(sizeof...(Specs) > 0, "a plugin has at least one component");
    if (!isPluginId(id)) throw std::logic_error("the id is not reverse DNS in lower case");
    if (std::string_view(version).empty()) throw std::logic_error("the version is empty");
    for (const char* name : {components.name...}) {
        if (!isComponentName(name)) throw std::logic_error("a component's name is not snake_case");
    }
    return {id, version, {components...}};
}

constexpr std::string_view kindName(syncline_kind kind) {
    switch (kind) {
        case SYNCLINE_MESSAGE_HANDLER:
            return "message_handler";
        case SYNCLINE_AUTH_PROVIDER:
            return "auth_provider";
        case SYNCLINE_STORAGE_BACKEND:
            return "storage_backend";
        case SYNCLINE_CONFLICT_STRATEGY:
            return "conflict_strategy";
        default:
            return "broker";
    }
}

/// Writes JSON, or only counts its bytes when there is nowhere to write to.
class ManifestWriter {
public:
    constexpr explicit ManifestWriter(char* to) : to_(to) {}

    constexpr void text(std::string_view text) {
        for (const char c : text) put(c);
    }

    constexpr void number(unsigned value) {
        if (value >= 10) number(value / 10);
        put(static_cast<char>('0' + value % 10));
    }

    constexpr void quoted(std::string_view content) {
        constexpr std::string_view digits = "0123456789abcdef";
        put('"');
        for (const char c : content) {
            const auto code = static_cast<unsigned char>(c);
            if (code < 0x20) {
                text("\\u00");
                put(digits[code / 16U]);
                put(digits[code % 16U]);
                continue;
            }
            if (c == '"' || c == '\\') put('\\');
            put(c);
        }
        put('"');
    }

    constexpr void names(std::string_view member, const Names& names) {
        text(",\"");
        text(member);
        text("\":[");
        for (std::size_t i = 0; i < names.count; ++i) {
            if (i > 0) put(',');
            quoted(names.items[i]);
        }
        put(']');
    }

    constexpr void component(const ComponentSpec& spec) {
        text("{\"kind\":");
        quoted(kindName(spec.kind));
        text(",\"name\":");
        quoted(spec.name);
        names("flags", spec.flags);
        names("needs", spec.needed);
        names("uses", spec.used);
        text(",\"description\":");
        quoted(spec.description);
        put('}');
    }

    template <std::size_t count>
    constexpr void plugin(const PluginSpec<count>& spec) {
        text("{\"abi\":[");
        number(SYNCLINE_ABI_MAJOR);
        put(',');
        number(SYNCLINE_ABI_MINOR);
        text("],\"id\":");
        quoted(spec.id);
        text(",\"version\":");
        quoted(spec.version);
        text(",\"components\":[");
        for (std::size_t i = 0; i < count; ++i) {
            if (i > 0) put(',');
            component(spec.components[i]);
        }
        text("]}");
    }

    constexpr std::size_t size() const { return size_; }

private:
    constexpr void put(char c) {
        if (to_ != nullptr) to_[size_] = c;
        ++size_;
    }

    char* to_;
    std::size_t size_ = 0;
};

template <std::size_t count>
constexpr std::size_t manifestSize(const PluginSpec<count>& spec) {
    ManifestWriter writer(nullptr);
    writer.plugin(spec);
    return writer.size();
}

/// Exactly the bytes of the section.
template <std::size_t size>
struct ManifestText {
    char bytes[size];
};

template <std::size_t size, std::size_t count>
constexpr ManifestText<size> manifestText(const PluginSpec<count>& spec) {
    ManifestText<size> text = {};
    ManifestWriter writer(text.bytes);
    writer.plugin(spec);
    return text;
}

}  // namespace syncline::detail
