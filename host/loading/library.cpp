// SPDX-License-Identifier: Apache-2.0
#include "loading/library.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <boost/dll/shared_library.hpp>
#include <cerrno>
#include <cstddef>
#include <string>
#include <system_error>

#include "loading/elf_file.h"
#include "loading/plugin_error.h"

namespace syncline::loading {
namespace {

namespace fs = std::filesystem;

/// A sealed copy of the bytes that only this process can reach, as a path to open. The file may
/// then be replaced or cut under the running server. The descriptor stays open as long as the
/// mapping, which is for ever: the dynamic linker takes an equal path for the same library.
fs::path privateCopy(const ElfFile& file) {
    const auto failure = [&](const std::string& step) {
        return PluginError(
            PluginCode::notOpened, file.path(),
            "its private copy failed: " + step + ": " + std::generic_category().message(errno));
    };
    const std::string name = file.path().filename().string().substr(0, 200);
    const int copy = ::memfd_create(name.c_str(), MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (copy < 0) throw failure("memfd_create");
    std::string_view rest = file.bytes();
    while (!rest.empty()) {
        const ssize_t written = ::write(copy, rest.data(), rest.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) {
            const PluginError error = failure("write");
            ::close(copy);
            throw error;
        }
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
    ::fcntl(copy, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL);
    return "/proc/self/fd/" + std::to_string(copy);
}

syncline_plugin_entry entryOf(const fs::path& path, const fs::path& copy) {
    // RTLD_NODELETE: closing the handle, as the end of `library` does, never unmaps the code.
    const auto mode = static_cast<boost::dll::load_mode::type>(
        boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local | RTLD_NODELETE);
    try {
        const boost::dll::shared_library library(copy, mode);
        return library.get<const syncline_plugin*()>(SYNCLINE_PLUGIN_SYMBOL);
    } catch (const std::exception& exception) {
        throw PluginError(PluginCode::notOpened, path,
                          std::string("the dynamic linker refused it: ") + exception.what());
    }
}

// Sizes as of ABI 1.0, up to the last field that a plugin of any minor has.
constexpr std::size_t kPluginSizeMin =
    offsetof(syncline_plugin, component_count) + sizeof(syncline_plugin::component_count);
constexpr std::size_t kComponentSizeMin =
    offsetof(syncline_component, functions) + sizeof(syncline_component::functions);
constexpr std::size_t kHandlerSizeMin =
    offsetof(syncline_message_handler, on_result) + sizeof(syncline_message_handler::on_result);
constexpr std::size_t kAuthSizeMin =
    offsetof(syncline_auth_provider, authenticate) + sizeof(syncline_auth_provider::authenticate);
constexpr std::size_t kStorageSizeMin =
    offsetof(syncline_storage_backend, was_clean) + sizeof(syncline_storage_backend::was_clean);
constexpr std::size_t kConflictSizeMin =
    offsetof(syncline_conflict_strategy, decide) + sizeof(syncline_conflict_strategy::decide);
constexpr std::size_t kBrokerSizeMin =
    offsetof(syncline_broker, interest) + sizeof(syncline_broker::interest);

template <class Table>
bool isWhole(const void* functions, std::size_t sizeMin, bool (*filled)(const Table&)) {
    const auto* table = static_cast<const Table*>(functions);
    return table != nullptr && table->size >= sizeMin && filled(*table);
}

bool hasFunctions(const syncline_component& component) {
    switch (component.kind) {
        case SYNCLINE_MESSAGE_HANDLER:
            return isWhole<syncline_message_handler>(
                component.functions, kHandlerSizeMin,
                [](auto& t) { return t.on_message != nullptr; });
        case SYNCLINE_AUTH_PROVIDER:
            return isWhole<syncline_auth_provider>(component.functions, kAuthSizeMin, [](auto& t) {
                return t.authenticate != nullptr;
            });
        case SYNCLINE_STORAGE_BACKEND:
            return isWhole<syncline_storage_backend>(
                component.functions, kStorageSizeMin, [](auto& t) {
                    return t.commit != nullptr && t.load != nullptr && t.read_log != nullptr &&
                           t.checkpoint != nullptr && t.trim != nullptr && t.list != nullptr &&
                           t.drop != nullptr && t.backup != nullptr && t.was_clean != nullptr;
                });
        case SYNCLINE_CONFLICT_STRATEGY:
            return isWhole<syncline_conflict_strategy>(component.functions, kConflictSizeMin,
                                                       [](auto& t) { return t.decide != nullptr; });
        case SYNCLINE_BROKER:
            return isWhole<syncline_broker>(component.functions, kBrokerSizeMin, [](auto& t) {
                return t.announce != nullptr && t.interest != nullptr;
            });
        default:
            return false;
    }
}

/// Holds what a library says against its manifest. Lives for one open().
class Comparison {
public:
    Comparison(const FoundPlugin& found, const syncline_plugin* plugin)
        : found_(found), plugin_(plugin) {}

    void run() const {
        if (plugin_ == nullptr) incomplete(SYNCLINE_PLUGIN_SYMBOL " answered null");
        if (plugin_->size < kPluginSizeMin) incomplete("its description is shorter than ABI 1.0's");
        const Manifest& manifest = found_.manifest;
        equal("ABI", toString(manifest.abi),
              toString(AbiVersion{plugin_->abi_major, plugin_->abi_minor}));
        equal("id", manifest.id, textOf(plugin_->id));
        equal("version", manifest.version, textOf(plugin_->version));
        equal("number of components", std::to_string(manifest.components.size()),
              std::to_string(plugin_->component_count));
        if (plugin_->components == nullptr) incomplete("its list of components is null");
        for (std::size_t i = 0; i < plugin_->component_count; ++i) {
            compare(i, manifest.components[i], plugin_->components[i]);
        }
    }

private:
    [[noreturn]] void incomplete(const std::string& what) const {
        throw PluginError(PluginCode::badEntry, found_.path, what);
    }

    void equal(const std::string& what, const std::string& manifest,
               const std::string& library) const {
        if (manifest == library) return;
        throw PluginError(PluginCode::manifestMismatch, found_.path,
                          "its manifest says " + what + " " + manifest + ", its code says " +
                              library + ": was the manifest left from another build?");
    }

    static std::string textOf(const char* text) { return text == nullptr ? "(null)" : text; }

    void compare(std::size_t index, const ComponentManifest& manifest,
                 const syncline_component* component) const {
        const std::string which = "component " + std::to_string(index + 1);
        if (component == nullptr) incomplete(which + " ('" + manifest.name + "') is null");
        if (component->size < kComponentSizeMin) {
            incomplete(which + " ('" + manifest.name + "') is shorter than ABI 1.0's");
        }
        equal("name of " + which, manifest.name, textOf(component->name));
        equal("kind of '" + manifest.name + "'", std::string(toString(manifest.kind)),
              std::string(toString(static_cast<ComponentKind>(component->kind))));
        if (component->create == nullptr || component->destroy == nullptr) {
            incomplete("'" + manifest.name + "' has no create or no destroy");
        }
        if (!hasFunctions(*component)) {
            incomplete("'" + manifest.name + "' lacks functions of a " +
                       std::string(toString(manifest.kind)));
        }
    }

    const FoundPlugin& found_;
    const syncline_plugin* plugin_;
};

}  // namespace

const syncline_component* LoadedPlugin::component(std::string_view name) const {
    for (std::size_t i = 0; i < plugin->component_count; ++i) {
        if (plugin->components[i]->name == name) return plugin->components[i];
    }
    return nullptr;
}

LoadedPlugin open(const FoundPlugin& found) {
    const ElfFile file = ElfFile::read(found.path);
    if (file.sha256() != found.sha256) {
        throw PluginError(PluginCode::changedOnDisk, found.path,
                          "has changed since it was checked: look for plugins again");
    }
    const syncline_plugin_entry entry = entryOf(found.path, privateCopy(file));
    const syncline_plugin* plugin = nullptr;
    try {
        plugin = entry();
    } catch (...) {
        throw PluginError(PluginCode::badEntry, found.path, SYNCLINE_PLUGIN_SYMBOL " threw");
    }
    Comparison(found, plugin).run();
    return {found.manifest, plugin, found.path};
}

}  // namespace syncline::loading
