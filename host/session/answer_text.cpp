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

std::vector<std::string> acksTexts(const json::Value& id, std::string_view channel,
                                   std::span<const std::string> results, std::size_t bytesMax) {
    std::string head;
    wire::appendReplyHead(head, "acks", id);
    head += ",\"channel\":";
    json::writeString(channel, head);
    head += ",\"results\":[";
    std::vector<std::string> texts(1, head);
    for (const std::string& result : results) {
        if (texts.back().size() > head.size()) {
            if (texts.back().size() + result.size() > bytesMax) {
                texts.back() += "],\"more\":true}";
                texts.push_back(head);
            } else {
                texts.back() += ',';
            }
        }
        texts.back() += result;
    }
    texts.back() += "]}";
    return texts;
}

void appendUnsettled(std::string& text, const json::Value& number) {
    text.pop_back();
    text += ",\"n\":";
    json::write(number, text);
    text += ",\"settled\":false}";
}

}  // namespace syncline::session
