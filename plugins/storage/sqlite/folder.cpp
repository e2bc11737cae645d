// SPDX-License-Identifier: Apache-2.0
#include "folder.h"

#include <pthread.h>

#include <algorithm>
#include <chrono>
#include <utility>
#include <vector>

namespace syncline::sqlite {
namespace {

// A transaction of the folder keeps checkpoints waiting: its size follows the disk's speed.
constexpr std::chrono::milliseconds sliceMsMax{10};
constexpr std::size_t sliceBytesMin = 64U << 10;
constexpr std::size_t sliceBytesMax = 8U << 20;

constexpr std::size_t trimsMax = 4096;
constexpr std::size_t trimsPerStepMax = 64;

Failure stopped() {
    return Failure{"the storage is shutting down", true};
}

}  // namespace

void Folder::start() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = false;
    }
    thread_ = std::thread([this] {
        pthread_setname_np(pthread_self(), "sqlite-fold");
        run();
    });
}

void Folder::stop() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_all();
    progress_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void Folder::nudge() {
    // Under the lock, or the thread could miss it between looking and waiting.
    const std::lock_guard lock(mutex_);
    wake_.notify_one();
}

bool Folder::rowsAreDue() const {
    const Unfolded::Size size = parts_.unfolded.size();
    return size.ops >= parts_.settings.foldOps || size.bytes >= parts_.settings.foldBytes ||
           std::min(wantedId_, size.lastId) > size.foldedId;
}

bool Folder::hasWork() const {
    return purging_ || !trims_.empty() || rowsAreDue();
}

void Folder::run() {
    std::unique_lock lock(mutex_);
    while (!stopping_) {
        const auto committingIsWell = [&] {
            return parts_.health.isWell(Health::Part::committing);
        };
        if (!failure_ && committingIsWell()) {
            wake_.wait(lock, [&] { return stopping_ || hasWork() || !committingIsWell(); });
        } else {
            wake_.wait_for(lock, parts_.settings.retryMs,
                           [&] { return stopping_ || urgent_ || (!failure_ && hasWork()); });
        }
        if (stopping_) break;
        step(lock);
    }
}

Folder::Work Folder::takeWork() {
    Work work;
    work.foldRows = rowsAreDue() || failure_;
    for (const auto& each : trims_) {
        if (work.trims.size() == trimsPerStepMax) break;
        work.trims.insert(each);
    }
    work.purge = std::exchange(purging_, false);
    urgent_ = false;
    return work;
}

void Folder::step(std::unique_lock<std::mutex>& lock) {
    const Work work = takeWork();
    if (work.foldRows || !work.trims.empty() || work.purge) {
        busy_ = true;
        lock.unlock();
        auto morePurging = carryOut(work);
        if (morePurging) parts_.health.well(Health::Part::folding);
        if (!morePurging) diagnose(morePurging.error());
        lock.lock();
        busy_ = false;
        ++attempts_;
        purging_ = purging_ || (work.purge && (!morePurging || *morePurging));
        failure_.reset();
        if (!morePurging) failure_ = std::move(morePurging.error());
        progress_.notify_all();
    }
    lock.unlock();
    parts_.upkeep();
    lock.lock();
}

Result<bool> Folder::carryOut(const Work& work) {
    const auto begun = std::chrono::steady_clock::now();
    std::vector<SharedRow> rows;
    if (work.foldRows) rows = parts_.unfolded.oldest(sliceBytes_);
    if (!rows.empty() || !work.trims.empty()) {
        const auto unfinished = parts_.store.fold(rows, work.trims);
        if (!unfinished) return fail(unfinished.error());
        if (!rows.empty()) parts_.unfolded.folded(rows.back()->id);
        const std::lock_guard lock(mutex_);
        for (const auto& [channel, below] : work.trims) {
            const auto asked = trims_.find(channel);
            // Somebody may have asked for more meanwhile.
            if (asked->second == below && !unfinished->contains(channel)) trims_.erase(asked);
        }
    }
    Result<bool> morePurging = false;
    if (work.purge) morePurging = parts_.store.purge();
    if (!morePurging) return morePurging;
    parts_.store.shortenLog();
    if (!rows.empty()) {
        adapt(std::chrono::steady_clock::now() - begun, parts_.unfolded.size().bytes > 0);
    }
    return morePurging;
}

void Folder::adapt(std::chrono::steady_clock::duration took, bool sliceWasFull) {
    if (took > sliceMsMax) sliceBytes_ = std::max(sliceBytes_ / 2, sliceBytesMin);
    if (took < sliceMsMax / 2 && sliceWasFull) {
        sliceBytes_ = std::min(sliceBytes_ * 2, sliceBytesMax);
    }
}

void Folder::diagnose(Failure& failure) {
    if (isDamage(failure.code) && !diagnosed_) {
        diagnosed_ = true;
        if (auto finding = parts_.store.check(); !finding) failure.reason = finding.error().reason;
    }
    parts_.health.unwell(Health::Part::folding, failure.reason);
}

Result<void> Folder::foldThrough(std::uint64_t id) {
    std::unique_lock lock(mutex_);
    wantedId_ = std::max(wantedId_, id);
    urgent_ = true;
    // An attempt that is under way began before this request: its failure is not an answer to it.
    const std::uint64_t answeringAttempt = attempts_ + (busy_ ? 2 : 1);
    wake_.notify_one();
    progress_.wait(lock, [&] {
        return stopping_ || parts_.unfolded.size().foldedId >= id ||
               (failure_ && attempts_ >= answeringAttempt);
    });
    if (parts_.unfolded.size().foldedId >= id) return {};
    return fail(failure_ && !stopping_ ? *failure_ : stopped());
}

Result<void> Folder::waitForRoom(std::size_t ops, std::size_t bytes) {
    const auto fits = [&](const Unfolded::Size& size) {
        return size.ops == 0 || (size.ops + ops <= parts_.settings.unfoldedOpsMax &&
                                 size.bytes + bytes <= parts_.settings.unfoldedBytesMax);
    };
    if (fits(parts_.unfolded.size())) return {};
    std::unique_lock lock(mutex_);
    wantedId_ = std::max(wantedId_, parts_.unfolded.size().lastId);
    wake_.notify_one();
    progress_.wait(lock, [&] { return stopping_ || failure_ || fits(parts_.unfolded.size()); });
    if (fits(parts_.unfolded.size())) return {};
    if (stopping_) return fail(stopped());
    return fail(Failure{
        "as many commits as allowed wait to be folded, and that is stuck: " + failure_->reason,
        true, failure_->code});
}

Result<void> Folder::trim(std::string_view channel, std::uint64_t belowIndex) {
    std::unique_lock lock(mutex_);
    progress_.wait(lock, [&] { return stopping_ || failure_ || trims_.size() < trimsMax; });
    if (stopping_) return fail(stopped());
    if (failure_ && trims_.size() >= trimsMax) return fail(*failure_);
    std::uint64_t& below = trims_[std::string(channel)];
    below = std::max(below, belowIndex);
    wake_.notify_one();
    return {};
}

void Folder::purge() {
    const std::lock_guard lock(mutex_);
    purging_ = true;
    wake_.notify_one();
}

}  // namespace syncline::sqlite
