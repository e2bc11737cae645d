// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

namespace syncline::conformance {

/// What goes wrong with the files beneath one folder, in this process, while it lives. The
/// functions of the C library that change files are taken over for that (disk_faults.cpp), so it
/// works on any backend that keeps files and needs nothing of it. What goes through mapped memory
/// is not seen. One at a time; the backend may use any threads.
class DiskFaults {
public:
    /// In a process of its own, which is meant to die: the change number `point`, counted from 1,
    /// is not carried out any more. Syncs are skipped, since what the system holds outlives a
    /// process.
    static DiskFaults killAt(const std::string& folder, std::uint64_t point);
    /// The same, but the first half of that change is carried out if it is a write.
    static DiskFaults tearAt(const std::string& folder, std::uint64_t point);

    /// From that change on, nothing grows any more: "no space left on device".
    static DiskFaults fullFrom(const std::string& folder, std::uint64_t point);

    /// Nothing can be changed or opened for writing.
    static DiskFaults readOnly(const std::string& folder);

    /// Nothing fails.
    static DiskFaults unsynced(const std::string& folder);

    ~DiskFaults();
    DiskFaults(const DiskFaults&) = delete;
    DiskFaults& operator=(const DiskFaults&) = delete;

    /// Changes that were asked for so far: writes, syncs, cuts, renames, removals, new files.
    std::uint64_t changes() const;

    /// Whether the point of failure was reached.
    bool struck() const;

private:
    DiskFaults(const std::string& folder, std::uint64_t point, int kind);
};

/// For what takes `open` and `unlink` over (process_watch.cpp): 0, or the number of the error with
/// which that fails.
int refusalOfOpening(const char* path, int flags);
int refusalOfRemoving(const char* path);

}  // namespace syncline::conformance
