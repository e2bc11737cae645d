// SPDX-License-Identifier: Apache-2.0
#include "syncline/testing/plugin_library.h"

#include <dlfcn.h>
#include <elf.h>

#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace syncline::conformance {
namespace {

/// A struct of the file, or a complaint that it ends before.
template <class Struct>
Struct structAt(const std::string& bytes, std::size_t offset, const std::string& file) {
    Struct found;
    if (offset > bytes.size() || bytes.size() - offset < sizeof found) {
        throw std::runtime_error(file + ": the file is cut short");
    }
    std::memcpy(&found, bytes.data() + offset, sizeof found);
    return found;
}

std::string sectionOf(const std::string& file, const std::string& section) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream) throw std::runtime_error(file + ": cannot be read");
    std::stringstream content;
    content << stream.rdbuf();
    const std::string bytes = content.str();
    const auto head = structAt<Elf64_Ehdr>(bytes, 0, file);
    if (std::memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 || head.e_ident[EI_CLASS] != ELFCLASS64) {
        throw std::runtime_error(file + ": is no 64-bit ELF file");
    }
    const auto sectionAt = [&](std::size_t index) {
        return structAt<Elf64_Shdr>(bytes, head.e_shoff + index * sizeof(Elf64_Shdr), file);
    };
    const Elf64_Shdr names = sectionAt(head.e_shstrndx);
    for (std::size_t i = 0; i < head.e_shnum; ++i) {
        const Elf64_Shdr each = sectionAt(i);
        const std::size_t name = names.sh_offset + each.sh_name;
        if (bytes.compare(name, section.size() + 1, section.c_str(), section.size() + 1) == 0) {
            return bytes.substr(each.sh_offset, each.sh_size);
        }
    }
    throw std::runtime_error(file + ": has no section " + section + ", so it is no plugin");
}

}  // namespace

Json manifestOf(const std::string& file) {
    std::string text = sectionOf(file, SYNCLINE_MANIFEST_SECTION);
    // One in plain C ends with the literal's zero.
    while (!text.empty() && text.back() == '\0') text.pop_back();
    return Json::parse(text);
}

const Json* componentIn(const Json& manifest, const std::string& name) {
    for (const Json& component : manifest.list("components")) {
        if (component.string("name") == name) return &component;
    }
    return nullptr;
}

bool hasFlag(const Json& component, const std::string& flag) {
    for (const Json& each : component.list("flags")) {
        if (each == Json(flag)) return true;
    }
    return false;
}

std::set<std::string> tablesNeeded(const Json& component) {
    std::set<std::string> ids;
    for (const Json& need : component.list("needs")) {
        const std::string& id = *need.as<std::string>();
        ids.insert(id.substr(0, id.find('.', id.find('/'))));
    }
    return ids;
}

std::string nameOf(syncline_kind kind) {
    switch (kind) {
        case SYNCLINE_MESSAGE_HANDLER:
            return "message_handler";
        case SYNCLINE_AUTH_PROVIDER:
            return "auth_provider";
        case SYNCLINE_STORAGE_BACKEND:
            return "storage_backend";
        case SYNCLINE_CONFLICT_STRATEGY:
            return "conflict_strategy";
        case SYNCLINE_BROKER:
            return "broker";
        default:
            return "kind " + std::to_string(kind);
    }
}

PluginLibrary::PluginLibrary(const std::string& file) : file_(file), manifest_(manifestOf(file)) {
    void* handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) throw std::runtime_error(::dlerror());
    const auto entry =
        reinterpret_cast<syncline_plugin_entry>(::dlsym(handle, SYNCLINE_PLUGIN_SYMBOL));
    if (entry == nullptr) throw std::runtime_error(file + ": exports no " SYNCLINE_PLUGIN_SYMBOL);
    plugin_ = entry();
    if (plugin_ == nullptr || plugin_->size < sizeof(syncline_plugin)) {
        throw std::runtime_error(file + ": its entry answers no whole plugin");
    }
}

const syncline_component& PluginLibrary::component(const std::string& name) const {
    for (std::size_t i = 0; i < plugin_->component_count; ++i) {
        const syncline_component& component = *plugin_->components[i];
        if (name.empty() ? plugin_->component_count == 1 : component.name == name) return component;
    }
    throw std::runtime_error(file_ + (name.empty() ? ": has several components: name one"
                                                   : ": has no component '" + name + "'"));
}

}  // namespace syncline::conformance
