// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <string>
#include <utility>

#include "core/shared_bytes.h"

namespace syncline::channel {

/// Counts the frames that were written for those who catch up, until the last of them has sent
/// theirs: a client that takes them slowly keeps them in memory. One per directory. [any thread]
class FrameMemory {
public:
    explicit FrameMemory(std::size_t bytesMax)
        : bytesMax_(bytesMax), used_(std::make_shared<std::atomic<std::size_t>>(0)) {}

    /// Whether nobody else may begin to catch up now.
    bool full() const { return usedBytes() >= bytesMax_; }
    std::size_t usedBytes() const { return used_->load(std::memory_order_relaxed); }

    /// The same bytes, counted from now on and as long as somebody holds them.
    core::SharedBytes counted(core::SharedBytes frames) const {
        const std::size_t bytes = frames->size();
        used_->fetch_add(bytes, std::memory_order_relaxed);
        const std::string* const text = frames.get();
        return {text, [held = std::move(frames), used = used_, bytes](const std::string*) mutable {
                    held.reset();
                    used->fetch_sub(bytes, std::memory_order_relaxed);
                }};
    }

private:
    const std::size_t bytesMax_;
    /// Shared: frames may outlive the channel layer.
    std::shared_ptr<std::atomic<std::size_t>> used_;
};

}  // namespace syncline::channel
