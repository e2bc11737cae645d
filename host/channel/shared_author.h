// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <utility>

#include "channel/author.h"
#include "channel/stream_id.h"

namespace syncline::channel {

/// An author as requests carry it: shared, since every op has one, and with the id of their stream,
/// which takes a SHA-256 to know. Never changes. [any thread]
class SharedAuthor {
public:
    /// Nobody yet.
    SharedAuthor() {
        static const SharedAuthor nobody{Author{}};
        *this = nobody;
    }
    SharedAuthor(Author author)  // NOLINT(google-explicit-constructor): the same, to be shared
        : known_(std::make_shared<const Known>(std::move(author))) {}

    const Author& operator*() const { return known_->author; }
    const Author* operator->() const { return &known_->author; }

    const StreamId& stream() const { return known_->stream; }

private:
    struct Known {
        explicit Known(Author given) : author(std::move(given)), stream(StreamId::of(author)) {}

        const Author author;
        const StreamId stream;
    };

    std::shared_ptr<const Known> known_;
};

}  // namespace syncline::channel
