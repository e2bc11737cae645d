// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "channel/hlc.h"
#include "channel/op_kind.h"
#include "channel/record.h"
#include "core/result.h"
#include "json/value.h"

namespace syncline::channel {

/// What an op came to: applied plainly to the record at seq-1 it gives the record at seq. The log
/// and the wire hold this, never what a strategy would have to be asked about again.
struct Effect {
    std::string key;
    OpKind kind = OpKind::set;
    std::string arguments;              ///< as members of a JSON object
    std::uint64_t previousVersion = 0;  ///< of the record; 0: it was unknown
    std::string undo;                   ///< what it overwrote (undo.h)
    /// The paths it marks as written, where that is not what its kind touches: a strategy let some
    /// paths stand, so that they were not changed.
    std::optional<std::vector<std::string>> marks;
    std::optional<Hlc> clock = std::nullopt;  ///< its author's, where a strategy goes by it
    std::uint64_t floor = 0;                  ///< of the channel, where the record was unknown
};

/// A path that an op has to do with, cut at the first array that it enters. That of an element of a
/// list ends with the element's id.
struct Touch {
    enum class Role : std::uint8_t {
        written,  ///< changed, and stamped
        checked,  ///< looked at: tests and copy sources of a patch
        named,    ///< beneath a written path, and another rule than that path's decides about it
    };
    std::string path;
    StampClass stampClass = StampClass::write;
    Role role = Role::written;
};

/// What lies at a touched path; nullptr: nothing.
const json::Value* valueAt(const json::Value* root, const Touch& touch);

/// What an op touches in `current` (nullptr: no record). A merge touches its leaves.
std::vector<Touch> touchedBy(OpKind kind, const Arguments& arguments, const json::Value* current);

/// What is at the path after an increment. Errors: notANumber, numberOutOfRange.
core::Result<double> incremented(const json::Value* current, const Arguments& arguments);

/// Plain application to a record's value alone. False, and nothing changed, for a patch that cannot
/// be applied; an increment is one that incremented() allows, a change of elements one that
/// checkElements() does.
bool applyPlainly(OpKind kind, Arguments arguments, Record& record);

/// How long the record's text may become, at most. Not of a patch, which must be counted.
std::size_t bytesMaxAfter(OpKind kind, const Arguments& arguments, std::size_t argumentsBytes,
                          const Record& record);

/// Whose change it is and when.
struct Mark {
    std::uint64_t seq = 0;
    StreamId stream;
    std::string_view by;
    std::optional<Hlc> clock = std::nullopt;
};

/// Stamps a record that was just changed: version, last user and the touched paths. A write of all
/// of it tells as much as its floor did.
void stamp(Record& record, std::span<const Touch> touches, const Mark& mark, std::size_t stampsMax);

/// All of the above for an effect that comes from the log. False when it does not apply.
bool applyFromLog(const Effect& effect, Record& record, const Mark& mark, std::size_t stampsMax);

}  // namespace syncline::channel
