// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/shared_bytes.h"

namespace syncline::net {

/// What a connection still has to send: a queue of own bytes and of references into shared ones,
/// in the order of the sends. Owned by a connection; [its shard].
///
///     append("a") append("b") appendShared(S,0,9) append("c")
///       -> segments [own "ab"] [S 0..9] [own "c"]  -> one sendmsg with three iovecs
///
/// Own bytes are charged when they are appended. A reference costs nothing while the tick runs,
/// since a thousand subscribers share it; it is charged by settle(), as shared, when the kernel has
/// refused it and it stays. There a reference that owes less than half of its buffer turns into a
/// copy, so that what is pinned in memory is at most twice what is charged.
class Outbox {
public:
    static constexpr std::size_t kVectorsMax = 128;

    void append(std::string_view bytes);
    void appendShared(core::SharedBytes bytes, std::size_t offset, std::size_t length);

    /// Points `vectors` at what comes next; answers how many were filled.
    std::size_t gather(std::span<iovec> vectors) const;

    struct Charged {
        std::size_t own = 0;
        std::size_t shared = 0;
        bool operator==(const Charged&) const = default;
    };

    /// Drops the first `bytes`, which the kernel took; answers how many of them were charged.
    Charged consume(std::size_t bytes);

    /// After the kernel refused something: copies small rests, charges what stays. Answers how
    /// many shared bytes are newly charged.
    std::size_t settle();

    /// Drops everything; answers how many bytes were charged.
    Charged clear();

    std::size_t bytes() const { return bytes_; }
    std::size_t ownBytes() const { return ownBytes_; }
    bool empty() const { return bytes_ == 0; }

private:
    struct Segment {
        core::SharedBytes shared;  ///< null: the bytes are `own`
        std::string own;
        std::size_t offset = 0;
        std::size_t length = 0;
        bool charged = false;
        bool isOwn = false;  ///< also a rest of shared bytes that was copied is not

        const char* begin() const { return (shared ? shared->data() : own.data()) + offset; }
    };

    static void copyRest(Segment& segment);
    void release();

    std::vector<Segment> segments_;
    std::uint32_t first_ = 0;    ///< segments before it are sent
    std::uint32_t settled_ = 0;  ///< segments before it are charged
    std::size_t bytes_ = 0;
    std::size_t ownBytes_ = 0;
};

}  // namespace syncline::net
