// SPDX-License-Identifier: Apache-2.0
// Storages, each wrong in one thing that the suite has to find, and the right one.
#include <algorithm>
#include <exception>
#include <filesystem>
#include <stdexcept>
#include <syncline/plugin.hpp>

#include "right_storage.h"

namespace syncline::wrong {
namespace {

/// Appends whatever it is given: two nodes, or one after a reload, overwrite each other.
class IgnoresTheExpectedIndex final : public RightStorage {
    bool fits(std::uint64_t, std::uint64_t) override { return true; }
};

/// Notices a mistake in the middle of a commit, when the first half is in.
class CommitsHalf final : public RightStorage {
    bool checksBeforeItAppends() override { return false; }
};

/// Takes an entry without a seq for nothing: the verdict of a refused op is lost, and a resend gets
/// another.
class ForgetsRefusals final : public RightStorage {
    bool keeps(const Entry& entry) override { return entry.seq != 0; }
};

/// Pours the newest entry first.
class PoursBackwards final : public RightStorage {
    void pourLog(const std::deque<KeptEntry>& entries, const Reader& reader) override {
        const std::deque<KeptEntry> backwards(entries.rbegin(), entries.rend());
        RightStorage::pourLog(backwards, reader);
    }
};

/// Takes what a checkpoint carries for all that there is.
class ReplacesAllRecords final : public RightStorage {
    void beginCheckpoint(Channel& channel) override { channel.records.clear(); }
};

/// Stores an empty record where one is to be removed: deleted records come back.
class KeepsWhatIsRemoved final : public RightStorage {
    void put(Items& items, const StoredItem& item) override {
        items[std::string(item.name)] = item.body;
    }
};

/// Trims what it is told to, whether or not a checkpoint stands behind it.
class TrimsTooMuch final : public RightStorage {
    std::uint64_t trimBelow(const Channel&, std::uint64_t asked) override { return asked; }
};

/// Reads the streams of its file, and does not use them: after a restart an op counts twice.
class ForgetsStreams final : public RightStorage {
    void loaded() override {
        for (auto& [name, channel] : channels_) channel.streams.clear();
    }
};

/// Says that a commit is done, and writes it with one of the next.
class WritesLater final : public RightStorage {
public:
    void drain() override {
        RightStorage::drain();
        save(path_, isBackup_);
    }

private:
    void changed() override {
        if (++changes_ % 16 == 0) RightStorage::changed();
    }
    int changes_ = 0;
};

/// Believes a restored backup to be the whole history: clients that saw more of it never find out.
class BelievesBackups final : public RightStorage {
    bool trusts(bool) override { return true; }
};

/// Drops what a channel holds, and remembers how far it had got.
class DropsHalf final : public RightStorage {
    void forget(std::string_view name) override {
        const auto found = channels_.find(name);
        if (found == channels_.end()) return;
        const std::uint64_t last = found->second.last;
        found->second = {};
        found->second.last = last;
    }
};

/// Lists the channels that have a checkpoint: the others are never cleaned up.
class ListsSome final : public RightStorage {
    bool isListed(const Channel& channel) override { return channel.checkpoint.has_value(); }
};

/// Keeps what was refused in a file of its own, which is written next.
class KeepsOutcomesApart final : public RightStorage {
    void changed() override {
        const auto whole = channels_;
        part(true);
        RightStorage::changed();
        channels_ = whole;
        part(false);
        save(path_ + ".outcomes", isBackup_);
        channels_ = whole;
    }
    void loaded() override {
        read(path_ + ".outcomes");
        for (auto& [name, channel] : channels_) {
            std::sort(channel.log.begin(), channel.log.end(),
                      [](const KeptEntry& a, const KeptEntry& b) { return a.index < b.index; });
        }
    }
    /// Leaves the entries that took effect, or the others.
    void part(bool effects) {
        for (auto& [name, channel] : channels_) {
            std::erase_if(channel.log,
                          [&](const KeptEntry& entry) { return (entry.seq != 0) != effects; });
        }
    }
};

/// Writes the head of a checkpoint, and then its items.
class ChecksInTwoWrites final : public RightStorage {
    void changed() override {
        const auto whole = channels_;
        for (auto& [name, channel] : channels_) {
            channel.records = written_[name].records;
            channel.streams = written_[name].streams;
        }
        RightStorage::changed();
        channels_ = whole;
        RightStorage::changed();
        written_ = whole;
    }
    void loaded() override { written_ = channels_; }

    std::map<std::string, Channel, std::less<>> written_;
};

/// Writes the file where it is, instead of another that takes its place.
class WritesInPlace final : public RightStorage {
    void store(const std::string& path, const std::string& text) const override { put(path, text); }
};

/// Tidies up at the start: away with the file, and then a new one.
class TidiesUpFirst final : public RightStorage {
    void recover() override {
        if (channels_.empty()) return;
        std::filesystem::remove(path_);
        changed();
    }
};

/// Does not look whether the disk took what it was given.
class OverlooksAFullDisk final : public RightStorage {
    void changed() override {
        try {
            RightStorage::changed();
        } catch (const std::exception&) {
            // Better luck next time.
        }
    }
};

/// Does not say which file it is that cannot be written.
class NamesNoFile final : public RightStorage {
public:
    void start() override {
        try {
            RightStorage::start();
        } catch (const std::exception&) {
            throw std::runtime_error("an error of the disk");
        }
    }
};

/// Lets a second process use the same file.
class SharesItsFile final : public RightStorage {
    bool locks() override { return false; }
};

/// Takes whatever is in the file for what was written.
class BelievesItsFile final : public RightStorage {
    bool verifies() override { return false; }
};

/// Opens what a later version wrote.
class ReadsNewerFiles final : public RightStorage {
    bool looksAtTheVersion() override { return false; }
};

/// Brings an older file forward, and keeps nothing of what it was.
class KeepsNoOlderFile final : public RightStorage {
    void bringForward() override { changed(); }
};

/// Brings an older file forward in two writes: the channels, and then what they hold.
class BringsForwardInTwoWrites final : public RightStorage {
    void bringForward() override {
        keepOlder();
        const auto whole = channels_;
        for (auto& [name, channel] : channels_) channel.streams.clear();
        changed();
        channels_ = whole;
        changed();
    }
};

/// Takes of an older file what it has a use for.
class LosesStreamsOnTheWayForward final : public RightStorage {
    void bringForward() override {
        keepOlder();
        for (auto& [name, channel] : channels_) channel.streams.clear();
        changed();
    }
};

template <class Type>
constexpr ComponentSpec spec(const char* name) {
    return storageBackend<Type>(name).blocking();
}

}  // namespace
}  // namespace syncline::wrong

using namespace syncline::wrong;

SYNCLINE_PLUGIN(
    "dev.syncline.wrong.storage", "1.0.0", spec<RightStorage>("right"),
    spec<IgnoresTheExpectedIndex>("ignores_the_expected_index"), spec<CommitsHalf>("commits_half"),
    spec<ForgetsRefusals>("forgets_refusals"), spec<PoursBackwards>("pours_backwards"),
    spec<ReplacesAllRecords>("replaces_all_records"),
    spec<KeepsWhatIsRemoved>("keeps_what_is_removed"), spec<TrimsTooMuch>("trims_too_much"),
    spec<ForgetsStreams>("forgets_streams"), spec<WritesLater>("writes_later"),
    spec<BelievesBackups>("believes_backups"), spec<DropsHalf>("drops_half"),
    spec<ListsSome>("lists_some"), spec<KeepsOutcomesApart>("keeps_outcomes_apart"),
    spec<ChecksInTwoWrites>("checkpoints_in_two_writes"), spec<WritesInPlace>("writes_in_place"),
    spec<TidiesUpFirst>("tidies_up_first"), spec<OverlooksAFullDisk>("overlooks_a_full_disk"),
    spec<NamesNoFile>("names_no_file"), spec<SharesItsFile>("shares_its_file"),
    spec<BelievesItsFile>("believes_its_file"), spec<ReadsNewerFiles>("reads_newer_files"),
    spec<KeepsNoOlderFile>("keeps_no_older_file"),
    spec<BringsForwardInTwoWrites>("brings_forward_in_two_writes"),
    spec<LosesStreamsOnTheWayForward>("loses_streams_on_the_way_forward"))
