// SPDX-License-Identifier: Apache-2.0
#include "gateway/event_cursors.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "wire/http_request.h"

namespace syncline::gateway {

namespace {

tl::unexpected<core::Error> noCursor() {
    return core::fail(core::Code::badField, "cursor: epoch:seq or epoch:seq:sum is needed");
}

std::string_view cut(std::string_view& text, char separator) {
    const std::size_t at = text.find(separator);
    const std::string_view before = text.substr(0, at);
    text = at == std::string_view::npos ? std::string_view() : text.substr(at + 1);
    return before;
}

bool isWord(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '-' || c == '_';
    });
}

std::string textOf(const json::Value& message, std::string_view name) {
    const json::Value* found = message.find(name);
    return found != nullptr && found->isString() ? std::string(found->asString()) : std::string();
}

/// Moves the cursor to the seq and sum of a message that has both.
void moveTo(std::optional<channel::Cursor>& cursor, const json::Value& message) {
    const json::Value* seq = message.find("seq");
    if (!cursor || seq == nullptr || !seq->isNumber()) return;
    cursor->seq = static_cast<std::uint64_t>(seq->asNumber());
    cursor->sum = textOf(message, "sum");
}

/// A message that says which epoch it is of begins a history as well as it goes on with one.
void moveInto(std::optional<channel::Cursor>& cursor, const json::Value& message,
              const json::Value& last) {
    if (!cursor) cursor.emplace();
    cursor->epoch = textOf(message, "epoch");
    moveTo(cursor, last);
}

}  // namespace

core::Result<channel::Cursor> cursorFrom(std::string_view text) {
    channel::Cursor cursor;
    cursor.epoch = cut(text, ':');
    const std::string_view seq = cut(text, ':');
    cursor.sum = text;
    const char* end = seq.data() + seq.size();
    const auto read = std::from_chars(seq.data(), end, cursor.seq);
    const bool isNumber = !seq.empty() && read.ec == std::errc() && read.ptr == end;
    if (!isNumber || cursor.epoch.empty() || !isWord(cursor.epoch) || !isWord(cursor.sum)) {
        return noCursor();
    }
    return cursor;
}

EventCursors::Place* EventCursors::find(std::string_view channel) {
    const auto found = std::ranges::find(places_, channel, &Place::channel);
    return found == places_.end() ? nullptr : &*found;
}

void EventCursors::advance(const json::Value& message) {
    Place* place = find(textOf(message, "channel"));
    if (place == nullptr) return;
    const std::string type = textOf(message, "type");
    if (type == "updates") {
        const json::Value* updates = message.find("updates");
        if (updates == nullptr || updates->empty()) return;
        return moveInto(place->cursor, message, updates->elements().back());
    }
    if (type == "snapshot") {
        const json::Value* more = message.find("more");
        const bool whole = more != nullptr && more->isBool() && !more->asBool();
        if (whole) moveInto(place->cursor, message, message);
        return;
    }
    // What else has a sum is an effect, a span of them, or the word that none is missing.
    if (message.contains("sum")) moveTo(place->cursor, message);
}

core::Result<void> EventCursors::restore(std::string_view eventId) {
    while (!eventId.empty()) {
        std::string_view part = cut(eventId, ',');
        const auto channel = wire::percentDecode(cut(part, ':'));
        auto cursor = cursorFrom(part);
        if (!channel || !cursor) {
            return core::fail(core::Code::badField, "Last-Event-ID: this is no id of an event");
        }
        if (Place* place = find(*channel)) place->cursor = std::move(*cursor);
    }
    return {};
}

std::string EventCursors::id() const {
    std::string id;
    for (const Place& place : places_) {
        if (!place.cursor) continue;
        if (!id.empty()) id += ',';
        id += wire::percentEncode(place.channel) + ':' + place.cursor->epoch + ':' +
              std::to_string(place.cursor->seq) + ':' + place.cursor->sum;
    }
    return id;
}

json::Value EventCursors::toResume() const {
    json::Value all = json::Value::array();
    for (const Place& place : places_) {
        json::Value& entry = all.push(json::Value::object());
        entry.set("channel", place.channel);
        if (!place.cursor) continue;
        entry.set("epoch", place.cursor->epoch);
        entry.set("seq", place.cursor->seq);
        if (!place.cursor->sum.empty()) entry.set("sum", place.cursor->sum);
    }
    return all;
}

bool EventCursors::operator==(const EventCursors& other) const {
    return std::ranges::equal(places_, other.places_, [](const Place& a, const Place& b) {
        if (a.channel != b.channel || a.cursor.has_value() != b.cursor.has_value()) return false;
        return !a.cursor || (a.cursor->seq == b.cursor->seq && a.cursor->sum == b.cursor->sum &&
                             a.cursor->epoch == b.cursor->epoch);
    });
}

}  // namespace syncline::gateway
