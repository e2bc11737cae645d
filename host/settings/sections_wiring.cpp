// SPDX-License-Identifier: Apache-2.0
// The sections that name things: listeners, plugins, components and rules.
#include <algorithm>
#include <utility>

#include "json/pointer.h"
#include "settings/component_reader.h"
#include "settings/sections.h"

namespace syncline::settings {

namespace {

/// A list whose items are read one by one.
template <class S, class ReadItem>
typename Table<S>::Read listOf(const std::string& name, ReadItem readItem) {
    return [name, readItem](const Node& node, S& into, Reader& reader) {
        if (!reader.isList(node, "'" + name + "'")) return;
        for (const auto& item : node.items) readItem(item, into, reader);
    };
}

bool addOnce(std::vector<std::string>& all, std::string value, const Node& node, Reader& reader) {
    if (std::find(all.begin(), all.end(), value) != all.end()) {
        reader.diagnostics().error(Code::namedTwice, node.position,
                                   "'" + value + "' is named twice", "remove one");
        return false;
    }
    all.push_back(std::move(value));
    return true;
}

Table<TlsSettings> makeTlsTable() {
    const auto file = [](const std::string& name, std::string TlsSettings::*member,
                         const std::string& sentence) {
        return std::pair{KeyDoc{name, "file", "", "", sentence, R"({"type":"string"})", true},
                         [=](const Node& node, TlsSettings& into, Reader& reader) {
                             if (auto path = reader.existing(node, name)) into.*member = *path;
                         }};
    };
    Table<TlsSettings> table;
    auto certificate = file("certificate", &TlsSettings::certificate, "The chain, as PEM.");
    auto key = file("key", &TlsSettings::key, "The private key, as PEM.");
    table.key(std::move(certificate.first), std::move(certificate.second));
    table.key(std::move(key.first), std::move(key.second));
    return table;
}

void readOrigin(const Node& item, ListenerSettings& into, Reader& reader) {
    const auto origin = reader.text(item, "origins");
    if (!origin) return;
    if (isOrigin(*origin)) {
        addOnce(into.origins, *origin, item, reader);
        return;
    }
    reader.diagnostics().error(Code::badOrigin, item.position, described(item) + " is no origin",
                               "write scheme://host or scheme://host:port, without a path");
}

/// What RFC 6265 takes as the name of a cookie.
bool isCookieName(std::string_view text) {
    static constexpr std::string_view marks = "!#$%&'*+-.^_`|~";
    return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               marks.find(c) != std::string_view::npos;
    });
}

void readCookie(const Node& node, ListenerSettings& into, Reader& reader) {
    const auto name = reader.text(node, "cookie");
    if (!name) return;
    if (isCookieName(*name)) {
        into.cookie = *name;
        return;
    }
    reader.diagnostics().error(Code::badName, node.position, described(node) + " names no cookie",
                               "letters, digits and !#$%&'*+-.^_`|~ are what a name may have");
}

void readTls(const Node& node, ListenerSettings& into, Reader& reader) {
    TlsSettings tls;
    tlsTable().read(node, node.position, "'tls'", tls, reader);
    into.tls = std::move(tls);
    reader.diagnostics().error(Code::tlsNotServed, node.position,
                               "this version serves no TLS itself",
                               "end TLS in a proxy before it, and remove 'tls' here");
}

Table<ListenerSettings> makeListenerTable() {
    using L = ListenerSettings;
    Table<L> table;
    table.key({"bind", "address", "", "",
               "Where it listens: \"host:port\", \"[::1]:port\", \"*:port\" for every address; "
               "port 0 takes a free one.",
               R"({"type":"string","pattern":":[0-9]+$"})", true},
              [](const Node& node, L& into, Reader& reader) {
                  into.position = node.position;
                  if (auto address = reader.address(node, "bind")) into.bind = *address;
              });
    table.key({"origins", "list of origins", "[]", "",
               "Web origins that may connect besides the listener's own.",
               R"({"type":"array","items":{"type":"string"}})"},
              listOf<L>("origins", readOrigin));
    table.key({"auth", "list of names", "[]", "",
               "Which of `auth` it asks, in this order, until one knows the caller. Without any, "
               "nobody gets a session here.",
               R"({"type":"array","items":{"type":"string"}})"},
              listOf<L>("auth", [](const Node& item, L& into, Reader& reader) {
                  if (auto name = reader.text(item, "auth")) {
                      addOnce(into.auth, std::move(*name), item, reader);
                  }
              }));
    table.boolean("api", &L::api,
                  "Whether it answers under /api beside the WebSocket: REST and events.");
    table.boolean("admin", &L::admin,
                  "Whether it answers /metrics and /api/stats, to anybody who can reach it.");
    table.key({"cookie", "name", "", "",
               "A cookie that may hold a token. It counts for the pages of the same origin and of "
               "`origins`; \"*\" is none of them.",
               R"({"type":"string"})"},
              readCookie);
    table.boolean(
        "insecure", &L::insecure,
        "Allows a provider that lets anyone in, and `admin`, on an address that others can "
        "reach.");
    table.key({"tls", "map", "", "", "Certificate and key. Not served by this version.",
               R"({"type":"object"})"},
              readTls);
    return table;
}

Table<PluginFile> makePluginFileTable() {
    Table<PluginFile> table;
    table.key({"path", "file", "", "", "The shared library.", R"({"type":"string"})", true},
              [](const Node& node, PluginFile& into, Reader& reader) {
                  into.position = node.position;
                  into.path = reader.existing(node, "path").value_or("");
              });
    table.key({"sha256", "text", "", "64 hex digits",
               "What the file must be; another content is refused.",
               R"({"type":"string","pattern":"^[0-9a-fA-F]{64}$"})"},
              [](const Node& node, PluginFile& into, Reader& reader) {
                  auto digest = reader.text(node, "sha256");
                  if (!digest) return;
                  const bool hex =
                      digest->find_first_not_of("0123456789abcdefABCDEF") == std::string::npos;
                  if (digest->size() == 64 && hex) {
                      for (char& c : *digest) c = c >= 'A' && c <= 'F' ? char(c - 'A' + 'a') : c;
                      into.sha256 = std::move(*digest);
                      return;
                  }
                  reader.diagnostics().error(Code::badDigest, node.position,
                                             "'sha256' is not 64 hex digits",
                                             "take it from sha256sum");
              });
    return table;
}

void readPluginFile(const Node& item, PluginsSettings& into, Reader& reader) {
    PluginFile file;
    file.position = item.position;
    if (item.isScalar()) {
        file.path = reader.existing(item, "load").value_or("");
    } else {
        pluginFileTable().read(item, item.position, "an entry of 'load'", file, reader);
    }
    if (!file.path.empty()) into.load.push_back(std::move(file));
}

void readPluginPattern(const Node& item, PluginsSettings& into, Reader& reader) {
    const auto pattern = reader.text(item, "allow");
    if (!pattern) return;
    if (isPluginPattern(*pattern)) {
        addOnce(into.allow, *pattern, item, reader);
        return;
    }
    reader.diagnostics().error(Code::badPluginPattern, item.position,
                               described(item) + " is no plugin id",
                               "write com.acme.echo, com.acme.* or *");
}

Table<PluginsSettings> makePluginsTable() {
    using P = PluginsSettings;
    Table<P> table;
    table.key({"search", "list of folders", "[]", "",
               "Folders whose plugins may be used, besides the server's own.",
               R"({"type":"array","items":{"type":"string"}})"},
              listOf<P>("search", [](const Node& item, P& into, Reader& reader) {
                  if (auto folder = reader.existing(item, "search")) {
                      addOnce(into.search, std::move(*folder), item, reader);
                  }
              }));
    table.key({"allow", "list of plugin ids", "[\"" + P{}.allow.front() + "\"]", "",
               "Which plugins of those folders may be used; `com.acme.*` allows all of one name "
               "space.",
               R"({"type":"array","items":{"type":"string"}})"},
              [](const Node& node, P& into, Reader& reader) {
                  into.allow.clear();
                  listOf<P>("allow", readPluginPattern)(node, into, reader);
              });
    table.key({"load", "list of files", "[]", "",
               "Single plugin files, allowed by being named: a path, or { path, sha256 }.",
               R"({"type":"array","items":{"oneOf":[{"type":"string"},)"
               R"({"type":"object","required":["path"],"additionalProperties":false,)"
               R"("properties":{"path":{"type":"string"},"sha256":{"type":"string"}}}]}})"},
              listOf<P>("load", readPluginFile));
    return table;
}

/// `use` and `with` are read together, by readComponent.
template <class S>
void addComponentKeys(Table<S>& table) {
    const auto ignore = [](const Node&, S&, Reader&) {};
    table.key(useDoc(), ignore);
    table.key(withDoc(), ignore);
}

Table<NamedComponent> makeNamedComponentTable() {
    Table<NamedComponent> table;
    addComponentKeys(table);
    return table;
}

Table<ConflictRule> makeConflictTable() {
    Table<ConflictRule> table;
    table.pattern("channel", &ConflictRule::channel, false, "The channels it decides for.");
    table.pattern("key", &ConflictRule::key, false, "The records it decides for.");
    table.key(
        {"path", "JSON pointer", "\"\"", "",
         "The part of the record it decides for, with all beneath it.", R"({"type":"string"})"},
        [](const Node& node, ConflictRule& into, Reader& reader) {
            if (node.isScalar() && node.text.empty()) return;
            const auto path = reader.text(node, "path");
            if (!path) return;
            into.path = *path;
            if (json::Pointer::parse(*path)) return;
            reader.diagnostics().error(Code::badPointer, node.position,
                                       described(node) + " is no JSON pointer",
                                       "write /a/b for the member b of a");
        });
    addComponentKeys(table);
    return table;
}

Table<ChannelRule> makeChannelTable() {
    using C = ChannelRule;
    Table<C> table;
    table.pattern("match", &C::match, true,
                  "Which channels: the name, with `*` for any run of characters.");
    table.key({"storage", "name", "the only one", "", "Which of `storage` keeps them.",
               R"({"type":"string"})"},
              [](const Node& node, C& into, Reader& reader) {
                  into.storage = reader.text(node, "storage").value_or("");
              });
    table.key({"history", "map", "", "", "How much of the log is kept; see below.",
               R"({"type":"object"})"},
              [](const Node& node, C& into, Reader& reader) {
                  historyTable().read(node, node.position, "'history'", into.history, reader);
              });
    table.boolean("presence", &C::presence, "Whether members see each other.");
    table.choice("slow_consumer", &C::slowConsumer, {"recover", "conflate", "disconnect"},
                 "What happens to a connection that does not keep up.");
    return table;
}

Table<StageSettings> makeStageTable() {
    Table<StageSettings> table;
    addComponentKeys(table);
    table.duration("timeout", &StageSettings::timeoutMs, {1, 600'000},
                   "How long the stage may take before the message fails with 1002.");
    return table;
}

}  // namespace

const Table<TlsSettings>& tlsTable() {
    static const auto table = makeTlsTable();
    return table;
}

const Table<ListenerSettings>& listenerTable() {
    static const auto table = makeListenerTable();
    return table;
}

const Table<PluginFile>& pluginFileTable() {
    static const auto table = makePluginFileTable();
    return table;
}

const Table<PluginsSettings>& pluginsTable() {
    static const auto table = makePluginsTable();
    return table;
}

const Table<NamedComponent>& namedComponentTable() {
    static const auto table = makeNamedComponentTable();
    return table;
}

const Table<ConflictRule>& conflictTable() {
    static const auto table = makeConflictTable();
    return table;
}

const Table<ChannelRule>& channelTable() {
    static const auto table = makeChannelTable();
    return table;
}

const Table<StageSettings>& stageTable() {
    static const auto table = makeStageTable();
    return table;
}

}  // namespace syncline::settings
