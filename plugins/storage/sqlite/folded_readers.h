// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <vector>

#include "folded_reader.h"

namespace syncline::sqlite {

/// Lends readers of the folded file, at most `readersMax` at a time; who comes later waits. Every
/// function on any thread.
class FoldedReaders {
public:
    explicit FoldedReaders(const Settings& settings) : settings_(settings) {}

    /// Gives its reader back when it goes.
    class Lease {
    public:
        Lease(FoldedReaders& owner, std::unique_ptr<FoldedReader> reader)
            : owner_(&owner), reader_(std::move(reader)) {}
        ~Lease() {
            if (reader_ != nullptr) owner_->giveBack(std::move(reader_));
        }
        Lease(Lease&&) noexcept = default;
        Lease& operator=(Lease&&) = delete;
        FoldedReader* operator->() const { return reader_.get(); }

    private:
        FoldedReaders* owner_;
        std::unique_ptr<FoldedReader> reader_;
    };

    Result<Lease> lend() {
        std::unique_lock lock(mutex_);
        returned_.wait(lock, [&] { return !idle_.empty() || open_ < settings_.readersMax; });
        if (!idle_.empty()) {
            auto reader = std::move(idle_.back());
            idle_.pop_back();
            return Lease(*this, std::move(reader));
        }
        auto reader = FoldedReader::open(settings_);
        if (!reader) return fail(reader.error());
        ++open_;
        return Lease(*this, std::move(*reader));
    }

private:
    void giveBack(std::unique_ptr<FoldedReader> reader) {
        {
            const std::lock_guard lock(mutex_);
            idle_.push_back(std::move(reader));
        }
        returned_.notify_one();
    }

    const Settings& settings_;
    std::mutex mutex_;
    std::condition_variable returned_;
    std::size_t open_ = 0;
    std::vector<std::unique_ptr<FoldedReader>> idle_;
};

}  // namespace syncline::sqlite
