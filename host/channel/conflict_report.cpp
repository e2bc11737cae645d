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

const json::Value* theirs(const Dispute& dispute) {
    return dispute.record == nullptr ? nullptr : dispute.record->current();
}

// The op alone, on top of what its author saw, or else of what is there.
Record mine(const Dispute& dispute, BaseValue& base) {
    Record record;
    const Op& op = dispute.op;
    const json::Value* from = base.known() ? base.value() : theirs(dispute);
    if (from != nullptr) {
        record.value = from->clone();
        record.deleted = false;
    }
    if (op.kind == OpKind::increment && !incremented(record.current(), op.arguments)) return record;
    applyPlainly(op.kind, {op.arguments.value.clone(), op.arguments.path, op.arguments.by}, record);
    return record;
}

}  // namespace

std::string conflictMembers(const Dispute& dispute, BaseValue& base,
                            const std::vector<std::string>& paths) {
    std::string out;
    if (base.known()) appendValue(out, "base", base.value());
    const Record own = mine(dispute, base);
    appendValue(out, "mine", own.current());
    appendValue(out, "theirs", theirs(dispute));
    appendMember(out, "version", dispute.record == nullptr ? 0 : dispute.record->version);
    appendMember(out, "user", dispute.theirBy);
    appendPaths(out, paths);
    return out;
}

core::Error refusedByRule(const Dispute& dispute, const std::vector<std::string>& paths) {
    core::Error error =
        core::Error::of(core::Code::refusedByRule, "the conflict rule refuses this change");
    error.detail = "{";
    appendPaths(error.detail, paths);
    appendValue(error.detail, "value", theirs(dispute));
    appendMember(error.detail, "version", dispute.record == nullptr ? 0 : dispute.record->version);
    error.detail += '}';
    return error;
}

}  // namespace syncline::channel
