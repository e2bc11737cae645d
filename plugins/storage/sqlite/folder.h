// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "folded_store.h"
#include "health.h"
#include "settings.h"
#include "unfolded.h"

namespace syncline::sqlite {

/// The background thread that makes log segments of the journal's rows, in short transactions, and
/// trims and purges between them. While it cannot (a full disk), it says so and tries again.
/// Owned by the backend; every function on any thread, except for start() and stop().
class Folder {
public:
    /// What it works on; borrowed. `upkeep` runs on the thread after each step and, while something
    /// is wrong, every `retryMs`.
    struct Parts {
        const Settings& settings;
        Unfolded& unfolded;
        FoldedStore& store;
        Health& health;
        std::function<void()> upkeep;
    };

    explicit Folder(Parts parts) : parts_(std::move(parts)) {}
    ~Folder() { stop(); }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;

    void start();
    /// Ends after the step under way; who waits is told so.
    void stop();

    /// Something changed: looks whether there is work.
    void nudge();

    /// Waits until the rows up to this one are folded.
    Result<void> foldThrough(std::uint64_t id);

    /// Waits until as much more fits into the limits of what is not folded; fails when folding is
    /// stuck, so that a commit never waits for an operator.
    Result<void> waitForRoom(std::size_t ops, std::size_t bytes);

    /// Remembers that a log may be trimmed. Lost by a crash, which costs nothing.
    Result<void> trim(std::string_view channel, std::uint64_t belowIndex);

    /// There are dropped channels.
    void purge();

private:
    struct Work {
        bool foldRows = false;
        Trims trims;
        bool purge = false;
    };

    void run();
    Work takeWork();
    void step(std::unique_lock<std::mutex>& lock);
    Result<bool> carryOut(const Work& work);
    bool rowsAreDue() const;
    bool hasWork() const;
    void adapt(std::chrono::steady_clock::duration took, bool sliceWasFull);
    void diagnose(Failure& failure);

    const Parts parts_;
    std::mutex mutex_;
    std::condition_variable wake_;
    std::condition_variable progress_;
    bool stopping_ = true;
    bool urgent_ = false;  ///< somebody waits: try now, even after a failure
    bool busy_ = false;    ///< an attempt is under way
    bool purging_ = false;
    std::uint64_t wantedId_ = 0;
    std::uint64_t attempts_ = 0;
    std::optional<Failure> failure_;  ///< of the last attempt
    Trims trims_;
    std::size_t sliceBytes_ = 1U << 20;  ///< touched by the thread alone
    bool diagnosed_ = false;
    std::thread thread_;
};

}  // namespace syncline::sqlite
