// SPDX-License-Identifier: Apache-2.0
#include "gateway/event_encoder.h"

#include "json/parse.h"
#include "wire/frame.h"

namespace syncline::gateway {

namespace {

/// Own messages: nothing in them is beyond a limit.
constexpr json::ParseLimits kTrusted{1'000, static_cast<std::size_t>(-1), false};

}  // namespace

void appendEvent(std::string& out, std::string_view message, EventCursors& cursors) {
    if (const auto parsed = json::parse(message, kTrusted)) cursors.advance(*parsed);
    const std::string id = cursors.id();
    if (!id.empty()) out.append("id: ").append(id).append("\n");
    out.append("data: ").append(message).append("\n\n");
}

core::SharedBytes EventEncoder::encode(const core::SharedBytes& frames, EventCursors& cursors) {
    if (last_.frames == frames && last_.before == cursors) {
        cursors = last_.after;
        return last_.events;
    }
    EventCursors before = cursors;
    std::string events;
    std::string_view rest = *frames;
    while (!rest.empty()) appendEvent(events, wire::takeFrame(rest), cursors);
    last_ = {frames, std::move(before), cursors, core::share(std::move(events))};
    return last_.events;
}

}  // namespace syncline::gateway
