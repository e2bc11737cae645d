// SPDX-License-Identifier: Apache-2.0
#include "channel/stream.h"

#include <algorithm>
#include <utility>

namespace syncline::channel {

const StoredVerdict* Stream::find(std::uint64_t n) const {
    if (n <= forgotten_ || n > high_) return nullptr;
    return &verdicts_[dropped_ + (n - forgotten_ - 1)];
}

void Stream::add(StoredVerdict verdict) {
    bytes_ += verdict.key.size() + verdict.extra.size();
    verdicts_.push_back(std::move(verdict));
    ++high_;
}

void Stream::forget(std::uint64_t done) {
    done = std::min(done, high_);
    while (forgotten_ < done) {
        StoredVerdict& verdict = verdicts_[dropped_++];
        ++forgotten_;
        bytes_ -= verdict.key.size() + verdict.extra.size();
        if (!channel::tookEffect(verdict.outcome)) refused_.push_back(forgotten_);
        verdict = {};
    }
    if (refused_.size() > kRefusedMax) {
        const auto surplus = static_cast<std::ptrdiff_t>(refused_.size() - kRefusedMax);
        unknownUpTo_ = refused_[static_cast<std::size_t>(surplus - 1)];
        refused_.erase(refused_.begin(), refused_.begin() + surplus);
    }
    // Moving the rest up only when it is the smaller half keeps the cost per number constant.
    if (dropped_ * 2 >= verdicts_.size()) {
        verdicts_.erase(verdicts_.begin(),
                        verdicts_.begin() + static_cast<std::ptrdiff_t>(dropped_));
        dropped_ = 0;
    }
}

bool Stream::tookEffect(std::uint64_t n) const {
    if (const StoredVerdict* verdict = find(n)) return channel::tookEffect(verdict->outcome);
    return n <= forgotten_ && n > unknownUpTo_ && !std::ranges::binary_search(refused_, n);
}

void Stream::restore(std::uint64_t forgotten, std::uint64_t unknownUpTo,
                     std::vector<std::uint64_t> refused) {
    forgotten_ = forgotten;
    high_ = forgotten;
    unknownUpTo_ = unknownUpTo;
    refused_ = std::move(refused);
}

}  // namespace syncline::channel
