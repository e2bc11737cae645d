// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "checksum.h"

/// What the `sum` column of each table of the folded file covers.
namespace syncline::sqlite {

inline std::uint64_t stateSum(std::string_view storage, std::uint64_t foldedUpto,
                              std::uint64_t ending) {
    return checksum(storage, checksum(foldedUpto, ending));
}

inline std::uint64_t channelSum(std::string_view name, std::string_view epoch,
                                std::uint64_t lastIndex, std::uint64_t lastSeq) {
    return checksum(name, checksum(epoch, checksum(lastIndex, lastSeq)));
}

inline std::uint64_t checkpointSum(std::uint64_t channel, std::string_view epoch,
                                   std::uint64_t lastIndex, std::uint64_t lastSeq,
                                   std::string_view head) {
    return checksum(head, checksum(epoch, checksum(channel, checksum(lastIndex, lastSeq))));
}

inline std::uint64_t itemSum(std::uint64_t channel, std::string_view name, std::string_view body) {
    return checksum(body, checksum(name, channel));
}

struct SegmentBounds {
    std::uint64_t firstIndex = 0;
    std::uint64_t lastIndex = 0;
    std::uint64_t firstSeq = 0;
    std::uint64_t lastSeq = 0;
};

inline std::uint64_t segmentSum(std::uint64_t channel, const SegmentBounds& bounds,
                                std::string_view body) {
    const std::uint64_t indexes = checksum(bounds.firstIndex, checksum(bounds.lastIndex, channel));
    return checksum(body, checksum(bounds.firstSeq, checksum(bounds.lastSeq, indexes)));
}

}  // namespace syncline::sqlite
