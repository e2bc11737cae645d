// SPDX-License-Identifier: Apache-2.0
#include "channel/overwritten_text.h"

#include "channel/member_text.h"
#include "channel/undo.h"
#include "json/parse.h"

namespace syncline::channel {

namespace {

constexpr json::ParseLimits kOwnText{1'000, static_cast<std::size_t>(-1), false};

void appendElement(std::string& out, std::string_view text) {
    const core::Result<json::Value> back = json::parse(text, kOwnText);
    if (!back || !back->isArray()) return;
    if (back->size() > 0 && !(*back)[0].isNull()) appendMember(out, "inserted", (*back)[0]);
    if (back->size() < 3) return;
    appendMember(out, "erased", (*back)[1]);
    appendMember(out, "value", (*back)[2]);
}

void appendRecord(std::string& out, const LogTail::Overwritten& record) {
    out += '{';
    appendMember(out, "key", record.key);
    if (record.previousVersion != 0) appendMember(out, "version", record.previousVersion);
    appendRawMember(out, "values", "[");
    for (const UndoStep& step : undoSteps(record.undo)) {
        if (out.back() != '[') out += ',';
        out += '{';
        appendMember(out, "path", step.path);
        if (step.isElement)
            appendElement(out, step.text);
        else if (!step.text.empty())
            appendRawMember(out, "value", step.text);
        out += '}';
    }
    out += "]}";
}

}  // namespace

std::string withOverwritten(std::string_view update,
                            std::span<const LogTail::Overwritten> overwritten) {
    std::string out(update.substr(0, update.size() - 1));
    appendRawMember(out, "before", "[");
    for (const LogTail::Overwritten& record : overwritten) {
        if (out.back() != '[') out += ',';
        appendRecord(out, record);
    }
    return out += "]}";
}

}  // namespace syncline::channel
