// SPDX-License-Identifier: Apache-2.0
#include "session/answer_text.h"

#include <algorithm>
#include <initializer_list>

#include "json/write.h"
#include "wire/reply.h"

namespace syncline::session {

namespace {

void appendMember(std::string& out, std::string_view name, std::string_view text) {
    out += ",\"";
    out += name;
    out += "\":";
    json::writeString(text, out);
}

/// The members of an object but those that the host itself writes.
void appendRest(std::string& out, const json::Value* body,
                std::initializer_list<std::string_view> written) {
    if (body == nullptr) return;
    for (const json::Member& member : body->members()) {
        if (std::ranges::find(written, member.key()) != written.end()) continue;
        out += ',';
        json::writeString(member.key(), out);
        out += ':';
        json::write(member.value, out);
    }
}

}  // namespace

void appendAnswer(std::string& out, std::string_view type, const json::Value& id,
                  const json::Value* body) {
    wire::appendReplyHead(out, type, id);
    appendRest(out, body, {"type", "re"});
    out += '}';
}

std::string signalText(std::string_view type, std::string_view channel,
                       const channel::Author& author, const json::Value* body) {
    std::string out;
    wire::appendReplyHead(out, type, json::Value());
    if (!channel.empty()) appendMember(out, "channel", channel);
    appendMember(out, "user", author.user);
    appendMember(out, "origin", author.origin);
    appendRest(out, body, {"type", "re", "channel", "user", "origin"});
    out += '}';
    return out;
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

bool isError(std::string_view body) {
    return body.starts_with("{\"type\":\"error\"");
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
