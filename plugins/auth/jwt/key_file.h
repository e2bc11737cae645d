// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <jose/key_set.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <syncline/plugin.hpp>
#include <vector>

namespace syncline::jwt {

/// The keys that tokens are held against: those of a file, and the configured secret. The file is
/// looked at as tokens come, not by a thread of its own: once in `reloadMs`, and sooner when a
/// token names a key that is not there, but never twice in a second. A file that has become bad
/// leaves the keys as they are. Owned by the provider; all functions but load() are for any thread.
class KeyFile {
public:
    KeyFile(std::string path, std::int64_t reloadMs, std::optional<jose::Key> secret,
            const Host& host);

    /// Reads the file for the first time. Throws when its keys cannot be used.
    void load();

    /// The keys now: they stay as they are while somebody holds them. Shared, because a newer set
    /// may come while they are in use.
    std::shared_ptr<const jose::KeySet> keys();

    /// Newer keys than those, if another look at the file finds some; else null.
    std::shared_ptr<const jose::KeySet> newerKeys();

private:
    static constexpr std::int64_t kPauseMs = 1'000;

    /// Looks at the file if that was not done within `pauseMs`. True: there are newer keys.
    bool look(std::int64_t pauseMs);
    /// Says once why the keys stay as they are. False.
    bool keep(const std::string& fault, std::string seen);
    /// Empty, or why not.
    std::string read(std::string& into) const;
    /// The keys of this text and the secret; null when the text is bad.
    std::shared_ptr<const jose::KeySet> setOf(const std::string& text, std::string& fault) const;

    const std::string path_;
    const std::int64_t reloadMs_;
    const std::optional<jose::Key> secret_;
    const Host& host_;
    Counter failures_;
    Counter reloads_;

    std::mutex mutex_;
    std::string seen_;   ///< the file's last text, good or bad
    std::string fault_;  ///< of the last look; said once
    std::int64_t lookedMs_ = 0;
    std::shared_ptr<const jose::KeySet> keys_;
};

}  // namespace syncline::jwt
