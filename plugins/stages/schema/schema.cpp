// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <syncline/plugin.hpp>
#include <vector>

#include "compiled_schema.h"
#include "finding.h"
#include "name_pattern.h"
#include "op_check.h"
#include "pointer.h"

namespace {

using syncline::Call;
using syncline::Message;
using syncline::Outcome;
using syncline::Value;
using syncline::schema::CompiledSchema;
using syncline::schema::Finding;
using syncline::schema::Limits;

constexpr std::uint32_t kRefusedByRule = 1212;
/// What the contract has room for.
constexpr std::size_t kPointerBytesMax = sizeof(syncline_error::pointer) - 1;

/// Which records have to fit which schema. Immutable once read.
struct Entry {
    std::string channel;
    std::string key;
    std::vector<std::string> kinds;          ///< empty: any
    std::unique_ptr<CompiledSchema> schema;  ///< none: whatever else is asked, any value will do
};

/// Refuses ops that would make a record into something that its schema does not allow, as far as
/// the op itself tells.
class Schema final : public syncline::MessageHandler {
public:
    void configure(const Value& config) override {
        refusesRest_ = config["otherwise"].string() == "refuse";
        const Limits limits = {static_cast<std::size_t>(config["pattern_bytes_max"].integer(1024)),
                               static_cast<std::size_t>(config["unique_items_max"].integer(256))};
        std::size_t index = 0;
        for (const Value record : config["records"]) {
            addEntry(record, "/records/" + std::to_string(index++), limits);
        }
    }

    Outcome onMessage(const Message& message, Call& call) override {
        const std::string_view channel = message.channel();
        const Value body = message.body();
        if (channel.empty()) return Outcome::proceed;
        if (auto finding = findingOf(channel, body)) return refuse(call, *finding);
        std::size_t index = 0;
        for (const Value op : body["ops"]) {
            if (auto finding = findingOf(channel, op)) {
                finding->pointer.insert(0, "/ops/" + std::to_string(index));
                return refuse(call, *finding);
            }
            ++index;
        }
        return Outcome::proceed;
    }

private:
    void addEntry(const Value& record, const std::string& pointer, const Limits& limits) {
        Entry entry;
        entry.channel = record["channel"].string("*");
        entry.key = record["key"].string("*");
        for (const Value kind : record["kinds"]) entry.kinds.emplace_back(kind.string());
        if (const Value schema = record["schema"]) {
            entry.schema = std::make_unique<CompiledSchema>(schema, pointer + "/schema", limits);
        }
        entries_.push_back(std::move(entry));
    }

    /// Pointers begin at the op.
    std::optional<Finding> findingOf(std::string_view channel, const Value& op) const {
        const Value key = op["key"];
        const Value kind = op["kind"];
        if (!key.isString()) return std::nullopt;
        // A conflict that is resolved to a value is a set.
        const bool resolves = !kind.exists() && op.contains("conflict") && op.contains("value");
        if (!kind.isString() && !resolves) return std::nullopt;
        const Entry* entry = entryOf(channel, key.string());
        if (entry == nullptr) {
            if (!refusesRest_) return std::nullopt;
            return Finding{"/key", "is the key of no record that has a schema"};
        }
        const auto& kinds = entry->kinds;
        const std::string_view named = kind.string("set");
        if (!kinds.empty() && std::find(kinds.begin(), kinds.end(), named) == kinds.end()) {
            return Finding{"/kind", "is none that may change this record"};
        }
        if (!entry->schema) return std::nullopt;
        return syncline::schema::checkOp(*entry->schema, op, host());
    }

    const Entry* entryOf(std::string_view channel, std::string_view key) const {
        for (const Entry& entry : entries_) {
            if (syncline::schema::fitsName(entry.channel, channel) &&
                syncline::schema::fitsName(entry.key, key)) {
                return &entry;
            }
        }
        return nullptr;
    }

    static Outcome refuse(Call& call, const Finding& finding) {
        const std::string_view pointer =
            syncline::schema::shortened(finding.pointer, kPointerBytesMax);
        return call.refuse(kRefusedByRule, std::string(pointer) + " " + finding.reason, pointer);
    }

    std::vector<Entry> entries_;
    bool refusesRest_ = false;
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.schema", "1.0.0",
                syncline::handler<Schema>("schema").filter().describes(
                    "Refuses ops whose values do not fit the JSON Schema of their record."))
