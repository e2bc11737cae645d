// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>

namespace syncline::channel {

/// Counts the bytes of the signals that are on their way from one home to one shard, so that a
/// shard that is stuck does not gather them without end. [take: the home's shard; a place may end
/// on any]
class SignalRoom {
public:
    explicit SignalRoom(std::size_t bytesMax)
        : bytesMax_(bytesMax), used_(std::make_shared<std::atomic<std::size_t>>(0)) {}

    /// What one signal takes, until it has arrived.
    class Place {
    public:
        Place(std::shared_ptr<std::atomic<std::size_t>> used, std::size_t bytes)
            : used_(std::move(used)), bytes_(bytes) {}
        Place(Place&&) = default;
        Place& operator=(Place&&) = delete;
        ~Place() {
            if (used_ != nullptr) used_->fetch_sub(bytes_, std::memory_order_relaxed);
        }

    private:
        std::shared_ptr<std::atomic<std::size_t>> used_;
        std::size_t bytes_;
    };

    /// Nothing: there is no room.
    std::optional<Place> take(std::size_t bytes) {
        if (used_->load(std::memory_order_relaxed) + bytes > bytesMax_) return std::nullopt;
        used_->fetch_add(bytes, std::memory_order_relaxed);
        return Place(used_, bytes);
    }

private:
    std::size_t bytesMax_;
    /// Shared: what is in a shard's inbox may outlive the home that sent it.
    std::shared_ptr<std::atomic<std::size_t>> used_;
};

}  // namespace syncline::channel
