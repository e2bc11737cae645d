// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

namespace syncline::test {

/// Writes down what SQLite does to the files of one folder, and says what of it a disk may hold
/// when the power goes at some moment: everything that was synced, and of the rest whatever it
/// likes. Installs itself under every SQLite file that is opened from then on in this process
/// (SQLite's default VFS). One per test program.
class LosingDisk {
public:
    /// What of the writes since the last sync of their file reached the disk.
    enum class Kept { nothing, beginning, some, sectors, everything };
    static constexpr Kept ways[] = {Kept::nothing, Kept::beginning, Kept::some, Kept::sectors,
                                    Kept::everything};

    static LosingDisk& install();

    /// Forgets what was written down and begins with this folder.
    void watch(const std::string& folder);
    void stop() { watch(""); }

    /// The test notes how far it is, for instance that a commit was acknowledged.
    void mark(std::uint64_t number);

    std::size_t steps() const;
    bool isSyncOrMark(std::size_t step) const;

    /// The newest mark before that step.
    std::uint64_t markBefore(std::size_t step) const;

    /// Names and contents of the files when the power goes before that step.
    std::map<std::string, std::string> after(std::size_t step, Kept kept,
                                             std::mt19937& random) const;

    // Told by the files.
    struct Step {
        enum class Kind { write, truncate, sync, remove, mark };
        Kind kind = Kind::write;
        std::string file;
        std::int64_t at = 0;  ///< of a write: where; of a cut: the new size; of a mark: its number
        std::string bytes;
    };
    void note(Step step);

private:
    LosingDisk() = default;

    mutable std::mutex mutex_;
    std::string folder_;
    std::vector<Step> steps_;
};

}  // namespace syncline::test
