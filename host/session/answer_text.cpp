// SPDX-License-Identifier: Apache-2.0
#include "session/answer_text.h"

#include "json/write.h"
#include "wire/reply.h"

namespace syncline::session {

void appendAnswer(std::string& out, std::string_view type, const json::Value& id,
                  const json::Value* body) {
    wire::appendReplyHead(out, type, id);
    if (body != nullptr) {
        for (const json::Member& member : body->members()) {
            if (member.key() == "type" || member.key() == "re") continue;
            out += ',';
            json::writeString(member.key(), out);
            out += ':';
            json::write(member.value, out);
        }
    }
    out += '}';
}

void spliceId(std::string& body, const json::Value& id) {
    if (id.isNull()) return;
    std::string re = "\"re\":";
    json::write(id, re);
    re += ',';
    body.insert(1, re);
}

bool isPlainAck(std::string_view body) {
    return body.starts_with("{\"type\":\"ack\"");
}

void appendUnsettled(std::string& text, const json::Value& number) {
    text.pop_back();
    text += ",\"n\":";
    json::write(number, text);
    text += ",\"settled\":false}";
}

}  // namespace syncline::session
