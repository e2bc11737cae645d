// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace syncline::settings {

/// The kinds of component, as manifests write them.
namespace kind {
inline constexpr std::string_view messageHandler = "message_handler";
inline constexpr std::string_view authProvider = "auth_provider";
inline constexpr std::string_view storageBackend = "storage_backend";
inline constexpr std::string_view conflictStrategy = "conflict_strategy";
inline constexpr std::string_view broker = "broker";
}  // namespace kind

/// What the configuration must know of one component: a part of its manifest.
struct ComponentInfo {
    std::string plugin;         ///< id of the plugin, "dev.syncline.echo"
    std::string name;           ///< snake_case
    std::string kind;           ///< one of settings::kind
    std::string schema;         ///< JSON Schema of its configuration; empty: it takes none
    std::string documentation;  ///< for the reference; may be empty
    bool opensSession = false;
    bool carriesOps = false;
    bool carriesBatches = false;
    bool resolvesConflicts = false;
    bool subscribes = false;
    bool readsSnapshot = false;
    bool readsHistory = false;
    bool blocking = false;
    bool openToAnyone = false;  ///< of a provider: it accepts callers who prove nothing
    bool filter = false;        ///< of a handler: a stage only, and no message type
};

/// The components that `use:` may name. The app implements it over the manifests it has read;
/// nothing is loaded to answer. [setup]
class Catalog {
public:
    virtual ~Catalog() = default;

    /// Every component there is, in an order that stays the same.
    virtual const std::vector<ComponentInfo>& components() const = 0;

    /// Names behind `event.` for which a pipeline may be written.
    virtual std::vector<std::string> events() const { return {}; }
};

}  // namespace syncline::settings
