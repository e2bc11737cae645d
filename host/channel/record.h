// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "channel/path_stamps.h"
#include "json/value.h"

namespace syncline::channel {

/// One keyed value of a channel, or the tombstone of one. Part of its channel's state.
struct Record {
    json::Value value;          ///< null when deleted
    std::uint64_t version = 0;  ///< the seq of its last change, a delete's too; 0: never was
    bool deleted = true;
    std::size_t bytesMax = 0;  ///< its JSON text is at most this long
    PathStamps stamps;
    std::string lastBy;  ///< the user of the last change

    const json::Value* current() const { return deleted ? nullptr : &value; }

    Record clone() const {
        Record copy;
        copy.value = value.clone();
        copy.version = version;
        copy.deleted = deleted;
        copy.bytesMax = bytesMax;
        copy.stamps = stamps;
        copy.lastBy = lastBy;
        return copy;
    }
};

}  // namespace syncline::channel
