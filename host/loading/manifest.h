// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "loading/elf_file.h"

namespace syncline::loading {

/// The five kinds, with the numbers of the ABI.
enum class ComponentKind : std::int32_t {
    messageHandler = 1,
    authProvider = 2,
    storageBackend = 3,
    conflictStrategy = 4,
    broker = 5,
};

/// As in manifests: "message_handler".
std::string_view toString(ComponentKind kind);

/// What the host must know of a component without knowing its name.
struct ComponentFlags {
    bool opensSession = false;    ///< runs before there is a session
    bool carriesOps = false;      ///< each op of a batch runs its pipeline
    bool carriesBatches = false;  ///< several ops, under `ops`
    bool subscribes = false;      ///< each subscription runs its pipeline
    bool readsSnapshot = false;   ///< each read of records runs its pipeline
    bool readsHistory = false;    ///< each read of the log runs its pipeline
    bool blocking = false;        ///< runs on a pool
    bool asksAlways = false;      ///< a strategy that is asked about every op
    bool openToAnyone = false;    ///< a provider that accepts peers without credentials
    bool filter = false;          ///< a handler that is a stage only, and no message type

    bool resolvesConflicts = false;
};

/// An extension table by id, and the least minor of it: "draft.channel/1" (0) or
/// "draft.channel/1.2".
struct TableNeed {
    std::string id;
    std::uint32_t minor = 0;
};

struct ComponentManifest {
    ComponentKind kind = ComponentKind::messageHandler;
    std::string name;
    ComponentFlags flags;
    std::vector<TableNeed> needs;
    std::vector<TableNeed> uses;
    std::string description;
    std::string schema;  ///< JSON Schema of its configuration as text; empty: it takes none
};

struct AbiVersion {
    std::uint32_t major = 0;
    std::uint32_t minor = 0;
    bool operator==(const AbiVersion&) const = default;
};

/// "1.4".
std::string toString(AbiVersion version);

/// What a plugin says about itself in its ELF sections, readable without opening it.
struct Manifest {
    AbiVersion abi;
    std::string id;
    std::string version;
    std::vector<ComponentManifest> components;  ///< at least one; names are unique

    const ComponentManifest* component(std::string_view name) const;
};

/// Reads and checks the manifest and schema sections for a host with this ABI. Throws PluginError.
/// [any thread]
Manifest readManifest(const ElfFile& file, AbiVersion host);

}  // namespace syncline::loading
