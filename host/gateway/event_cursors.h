// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "channel/directory.h"
#include "core/result.h"
#include "json/value.h"

namespace syncline::gateway {

/// Where a stream of events stands, channel by channel: what the id of its last event says, and
/// what `Last-Event-ID` brings back. A value; owned by its stream.
class EventCursors {
public:
    struct Place {
        std::string channel;
        std::optional<channel::Cursor> cursor;  ///< none: it has got no state yet
    };

    EventCursors() = default;
    explicit EventCursors(std::vector<Place> places) : places_(std::move(places)) {}

    /// A message to the client moves the cursor of its channel.
    void advance(const json::Value& message);

    /// The cursors of another stream's event id, for those channels that this one has too. Error:
    /// badField for what is no id.
    core::Result<void> restore(std::string_view eventId);

    /// Empty as long as no channel has a cursor: then there is nothing to say.
    std::string id() const;

    /// [{channel, epoch?, seq?, sum?}], as a session resumes them.
    json::Value toResume() const;

    std::size_t channels() const { return places_.size(); }

    bool operator==(const EventCursors& other) const;

private:
    Place* find(std::string_view channel);

    std::vector<Place> places_;
};

/// `epoch:seq` or `epoch:seq:sum`, as a request's `cursor` parameter. Error: badField.
core::Result<channel::Cursor> cursorFrom(std::string_view text);

}  // namespace syncline::gateway
