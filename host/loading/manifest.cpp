// SPDX-License-Identifier: Apache-2.0
#include "loading/manifest.h"

#include <syncline/abi.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "json/parse.h"

namespace syncline::loading {
namespace {

constexpr std::array<std::pair<std::string_view, ComponentKind>, 5> kKinds = {{
    {"message_handler", ComponentKind::messageHandler},
    {"auth_provider", ComponentKind::authProvider},
    {"storage_backend", ComponentKind::storageBackend},
    {"conflict_strategy", ComponentKind::conflictStrategy},
    {"broker", ComponentKind::broker},
}};

constexpr std::array<std::pair<std::string_view, bool ComponentFlags::*>, 11> kFlags = {{
    {"opens_session", &ComponentFlags::opensSession},
    {"carries_ops", &ComponentFlags::carriesOps},
    {"carries_batches", &ComponentFlags::carriesBatches},
    {"resolves_conflicts", &ComponentFlags::resolvesConflicts},
    {"subscribes", &ComponentFlags::subscribes},
    {"reads_snapshot", &ComponentFlags::readsSnapshot},
    {"reads_history", &ComponentFlags::readsHistory},
    {"blocking", &ComponentFlags::blocking},
    {"asks_always", &ComponentFlags::asksAlways},
    {"open_to_anyone", &ComponentFlags::openToAnyone},
    {"filter", &ComponentFlags::filter},
}};

constexpr bool isLower(char c) {
    return c >= 'a' && c <= 'z';
}
constexpr bool isDigit(char c) {
    return c >= '0' && c <= '9';
}

bool isComponentName(std::string_view name) {
    return !name.empty() && name.size() <= 64 && isLower(name[0]) &&
           std::ranges::all_of(name, [](char c) { return isLower(c) || isDigit(c) || c == '_'; });
}

bool isPluginId(std::string_view id) {
    return id.size() <= 128 && id.find('.') != std::string_view::npos && id.front() != '.' &&
           id.back() != '.' && id.find("..") == std::string_view::npos &&
           std::ranges::all_of(id, [](char c) {
               return isLower(c) || isDigit(c) || c == '_' || c == '-' || c == '.';
           });
}

/// "draft.channel/1.2" -> {"draft.channel/1", 2}
std::optional<TableNeed> parseTable(std::string_view text) {
    const auto slash = text.find('/');
    if (slash == 0 || slash == std::string_view::npos) return std::nullopt;
    const auto dot = text.find('.', slash);
    const auto number = [](std::string_view digits) -> std::optional<std::uint32_t> {
        std::uint32_t value = 0;
        const auto* end = digits.data() + digits.size();
        const auto [stop, mistake] = std::from_chars(digits.data(), end, value);
        if (mistake != std::errc() || stop != end) return std::nullopt;
        return value;
    };
    if (!number(text.substr(slash + 1, dot == std::string_view::npos ? dot : dot - slash - 1))) {
        return std::nullopt;
    }
    if (dot == std::string_view::npos) return TableNeed{std::string(text), 0};
    const auto minor = number(text.substr(dot + 1));
    if (!minor) return std::nullopt;
    return TableNeed{std::string(text.substr(0, dot)), *minor};
}

/// Reads one file's manifest; knows the file for its errors.
class ManifestReader {
public:
    ManifestReader(const ElfFile& file, AbiVersion host) : file_(file), host_(host) {}

    Manifest read() {
        const json::Value root =
            parsed(manifestText(), PluginCode::manifestNotJson, "its manifest");
        Manifest manifest;
        manifest.abi = abiOf(root);
        // A newer SDK may write what this host does not know: the version is the error, not the
        // rest.
        refuseOtherAbi(manifest.abi);
        manifest.id = string(root, "id", "");
        if (!isPluginId(manifest.id)) {
            bad("its id '" + manifest.id + "' is not reverse DNS in lower case, as com.acme.echo");
        }
        manifest.version = string(root, "version", "");
        if (manifest.version.empty()) bad("its version is missing");
        readComponents(root, manifest);
        readSchemas(manifest);
        return manifest;
    }

private:
    [[noreturn]] void refuse(PluginCode code, const std::string& reason) const {
        throw PluginError(code, file_.path(), reason);
    }
    [[noreturn]] void bad(const std::string& reason) const {
        refuse(PluginCode::badManifest, "its manifest is wrong: " + reason);
    }

    std::string_view manifestText() const {
        const auto section = file_.section(SYNCLINE_MANIFEST_SECTION);
        if (!section) {
            refuse(PluginCode::noManifest,
                   "has no manifest (section " SYNCLINE_MANIFEST_SECTION
                   "): is it a Syncline plugin, built with SYNCLINE_PLUGIN or SYNCLINE_MANIFEST?");
        }
        return withoutEnd(*section);
    }

    /// A manifest that was a C string literal ends with a NUL.
    static std::string_view withoutEnd(std::string_view text) {
        while (!text.empty() && text.back() == '\0') text.remove_suffix(1);
        return text;
    }

    json::Value parsed(std::string_view text, PluginCode code, const std::string& what) const {
        auto value = json::parse(text);
        if (!value) refuse(code, what + " is not JSON: " + value.error().reason);
        if (!value->isObject()) refuse(code, what + " is not a JSON object");
        return std::move(*value);
    }

    AbiVersion abiOf(const json::Value& root) const {
        const auto* abi = root.find("abi");
        if (abi == nullptr || !abi->isArray() || abi->size() != 2) bad("abi is not [major, minor]");
        const auto major = (*abi)[0].toInteger();
        const auto minor = (*abi)[1].toInteger();
        const auto fits = [](auto number) { return number && *number >= 0 && *number <= 65'535; };
        if (!fits(major) || !fits(minor)) bad("abi is not [major, minor]");
        return {static_cast<std::uint32_t>(*major), static_cast<std::uint32_t>(*minor)};
    }

    void refuseOtherAbi(AbiVersion abi) const {
        if (abi.major != host_.major) {
            refuse(PluginCode::otherMajor, "is built for host ABI " + toString(abi) +
                                               ", this host has " + toString(host_) +
                                               ": another major is never compatible, rebuild it "
                                               "with the SDK " +
                                               toString(host_));
        }
        if (abi.minor > host_.minor) {
            refuse(PluginCode::newerMinor, "needs host ABI " + toString(abi) + ", this host has " +
                                               toString(host_) + ": rebuild it with the SDK " +
                                               toString(host_) + " or upgrade the host");
        }
    }

    std::string string(const json::Value& object, std::string_view name,
                       std::string_view fallback) const {
        const auto* value = object.find(name);
        if (value == nullptr) return std::string(fallback);
        if (!value->isString()) bad(std::string(name) + " is not a string");
        return std::string(value->asString());
    }

    std::vector<std::string> strings(const json::Value& object, std::string_view name) const {
        std::vector<std::string> result;
        const auto* array = object.find(name);
        if (array == nullptr) return result;
        if (!array->isArray()) bad(std::string(name) + " is not an array");
        for (const json::Value& element : array->elements()) {
            if (!element.isString()) bad(std::string(name) + " holds something other than strings");
            result.emplace_back(element.asString());
        }
        return result;
    }

    void readComponents(const json::Value& root, Manifest& manifest) const {
        const auto* components = root.find("components");
        if (components == nullptr || !components->isArray() || components->empty()) {
            bad("it names no components");
        }
        for (const json::Value& entry : components->elements()) {
            if (!entry.isObject()) bad("a component is not an object");
            ComponentManifest component = componentOf(entry);
            if (manifest.component(component.name) != nullptr) {
                bad("two components are called '" + component.name + "'");
            }
            manifest.components.push_back(std::move(component));
        }
    }

    ComponentManifest componentOf(const json::Value& entry) const {
        ComponentManifest component;
        component.name = string(entry, "name", "");
        if (!isComponentName(component.name)) {
            bad("the component name '" + component.name + "' is not snake_case");
        }
        const std::string kind = string(entry, "kind", "");
        const auto* known = std::ranges::find(kKinds, std::string_view(kind),
                                              [](const auto& pair) { return pair.first; });
        if (known == kKinds.end()) {
            bad("component '" + component.name + "' is of the unknown kind '" + kind + "'");
        }
        component.kind = known->second;
        for (const std::string& flag : strings(entry, "flags")) setFlag(component, flag);
        component.needs = tables(entry, "needs");
        component.uses = tables(entry, "uses");
        component.description = string(entry, "description", "");
        return component;
    }

    void setFlag(ComponentManifest& component, const std::string& flag) const {
        const auto* known = std::ranges::find(kFlags, std::string_view(flag),
                                              [](const auto& pair) { return pair.first; });
        if (known == kFlags.end()) {
            bad("component '" + component.name + "' has the unknown flag '" + flag + "'");
        }
        component.flags.*(known->second) = true;
    }

    std::vector<TableNeed> tables(const json::Value& entry, std::string_view name) const {
        std::vector<TableNeed> result;
        for (const std::string& text : strings(entry, name)) {
            const auto table = parseTable(text);
            if (!table) bad("'" + text + "' in " + std::string(name) + " is not name/major");
            result.push_back(*table);
        }
        return result;
    }

    void readSchemas(Manifest& manifest) const {
        constexpr std::string_view prefix = SYNCLINE_SCHEMA_SECTION_PREFIX;
        for (const ElfFile::Section& section : file_.sections()) {
            if (!section.name.starts_with(prefix)) continue;
            const std::string name = section.name.substr(prefix.size());
            const auto owner =
                std::ranges::find(manifest.components, name, &ComponentManifest::name);
            if (owner == manifest.components.end()) {
                refuse(PluginCode::badSchema,
                       "has a schema for '" + name + "', which is none of its components");
            }
            const std::string_view text = withoutEnd(section.bytes);
            parsed(text, PluginCode::badSchema, "the schema of '" + name + "'");
            owner->schema = text;
        }
    }

    const ElfFile& file_;
    AbiVersion host_;
};

}  // namespace

std::string_view toString(ComponentKind kind) {
    for (const auto& [name, known] : kKinds) {
        if (known == kind) return name;
    }
    return "unknown kind";
}

std::string toString(AbiVersion version) {
    return std::to_string(version.major) + "." + std::to_string(version.minor);
}

const ComponentManifest* Manifest::component(std::string_view name) const {
    const auto found = std::ranges::find(components, name, &ComponentManifest::name);
    return found == components.end() ? nullptr : &*found;
}

Manifest readManifest(const ElfFile& file, AbiVersion host) {
    return ManifestReader(file, host).read();
}

}  // namespace syncline::loading
