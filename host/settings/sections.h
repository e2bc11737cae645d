// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "settings/settings.h"
#include "settings/table.h"

/// The grammar: one table per section. Reading, the reference and the editor schema all come from
/// these.
namespace syncline::settings {

const Table<ServerSettings>& serverTable();
const Table<DrainSettings>& drainTable();
const Table<ListenerSettings>& listenerTable();
const Table<TlsSettings>& tlsTable();
const Table<PluginsSettings>& pluginsTable();
const Table<PluginFile>& pluginFileTable();
const Table<NamedComponent>& namedComponentTable();
const Table<ConflictRule>& conflictTable();
const Table<ChannelRule>& channelTable();
const Table<HistorySettings>& historyTable();
const Table<StageSettings>& stageTable();
const Table<LimitSettings>& limitsTable();
const Table<CommitSettings>& commitTable();
const Table<StreamSettings>& streamsTable();
const Table<ApiSettings>& apiTable();
const Table<HeartbeatSettings>& heartbeatTable();
const Table<TimeoutSettings>& timeoutsTable();
const Table<LogSettings>& logTable();

/// The whole file. `plugins` is only known here, not read: it was read before there was a catalog.
const Table<Settings>& rootTable();

/// How the values of a section lie in the file.
enum class Layout : std::uint8_t {
    map,         ///< section: { key: … }
    named,       ///< section: { name: { key: … } }
    list,        ///< section: [ { key: … } ]
    namedLists,  ///< section: { name: [ { key: … } ] }
};

/// One section for the reference and the editor schema.
struct SectionDoc {
    std::string name;  ///< its key; "history in channels" is written "channels.history"
    Layout layout = Layout::map;
    std::string sentence;
    std::string componentKind;  ///< of what `use` names; empty without one
    std::vector<KeyDoc> keys;
};

/// All sections in the order of the reference.
std::vector<SectionDoc> sectionDocs();

}  // namespace syncline::settings
