// SPDX-License-Identifier: Apache-2.0
#include "channel/conflict_report.h"

#include <utility>

#include "channel/member_text.h"

namespace syncline::channel {

namespace {

void appendValue(std::string& out, std::string_view name, const json::Value* value) {
    if (value == nullptr)
        appendRawMember(out, name, "null");
    else
        appendMember(out, name, *value);
}

void appendPaths(std::string& out, const std::vector<std::string>& paths) {
    appendName(out, "paths");
    char before = '[';
    for (const std::string& path : paths) {
        out += before;
        json::writeString(path, out);
        before = ',';
    }
    out += ']';
}

// The members of a refusal's detail that are always there.
bool isOurs(std::string_view name) {
    return name == "paths" || name == "value" || name == "version";
}

const json::Value* theirs(const Dispute& dispute) {
    return dispute.record == nullptr ? nullptr : dispute.record->current();
}

}  // namespace

std::string conflictMembers(const Dispute& dispute, BaseValue& base, MineValue& mine,
                            const std::vector<std::string>& paths) {
    std::string out;
    if (base.known()) appendValue(out, "base", base.value());
    appendValue(out, "mine", mine.value());
    appendValue(out, "theirs", theirs(dispute));
    appendMember(out, "version", dispute.record == nullptr ? 0 : dispute.record->version);
    appendMember(out, "user", dispute.theirBy);
    appendPaths(out, paths);
    return out;
}

ManualConflict manualConflict(const Dispute& dispute, BaseValue& base, MineValue& mine,
                              const std::vector<std::string>& paths, json::Value strategy) {
    const auto copyOf = [](const json::Value* value) {
        return value == nullptr ? json::Value() : value->clone();
    };
    ManualConflict manual;
    manual.key = dispute.op.key;
    manual.paths = paths;
    manual.baseKnown = base.known();
    if (manual.baseKnown) manual.base = copyOf(base.value());
    manual.mine = copyOf(mine.value());
    manual.mineBy = dispute.by;
    manual.theirBy = dispute.theirBy;
    manual.strategy = std::move(strategy);
    return manual;
}

core::Error refusedByRule(const Dispute& dispute, const Ruling& ruling) {
    core::Error error = core::Error::of(
        core::Code::refusedByRule,
        ruling.reason.empty() ? "the conflict rule refuses this change" : ruling.reason);
    error.detail = "{";
    if (ruling.detail && ruling.detail->isObject())
        for (const json::Member& member : ruling.detail->members()) {
            if (isOurs(member.key())) continue;
            if (error.detail.size() > 1) error.detail += ',';
            json::writeString(member.key(), error.detail);
            error.detail += ':';
            json::write(member.value, error.detail);
        }
    appendPaths(error.detail, ruling.paths);
    appendValue(error.detail, "value", theirs(dispute));
    appendMember(error.detail, "version", dispute.record == nullptr ? 0 : dispute.record->version);
    error.detail += '}';
    return error;
}

}  // namespace syncline::channel
