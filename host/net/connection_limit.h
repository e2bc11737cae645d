// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <utility>

namespace syncline::net {

/// How many connections the server holds at once, over all listeners and shards. Owned by the
/// server, outlives its connections; [any thread].
class ConnectionLimit {
public:
    /// One connection's place, given back when it is destroyed.
    class Place {
    public:
        explicit Place(ConnectionLimit& limit) : limit_(&limit) {}
        Place(Place&& other) noexcept : limit_(std::exchange(other.limit_, nullptr)) {}
        Place& operator=(Place&&) = delete;
        ~Place() {
            if (limit_ != nullptr) limit_->open_.fetch_sub(1, std::memory_order_relaxed);
        }

    private:
        ConnectionLimit* limit_;
    };

    explicit ConnectionLimit(std::size_t connectionsMax) : connectionsMax_(connectionsMax) {}

    /// A place, or none when the server is full.
    std::optional<Place> enter() {
        if (open_.fetch_add(1, std::memory_order_relaxed) >= connectionsMax_) {
            open_.fetch_sub(1, std::memory_order_relaxed);
            return std::nullopt;
        }
        return std::optional<Place>(std::in_place, *this);
    }

    std::size_t open() const { return open_.load(std::memory_order_relaxed); }
    std::size_t connectionsMax() const { return connectionsMax_; }

private:
    const std::size_t connectionsMax_;
    std::atomic<std::size_t> open_{0};
};

}  // namespace syncline::net
