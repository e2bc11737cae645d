// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <syncline/plugin.hpp>

namespace syncline::wrong {

/// The least that a durable storage is: everything in memory, and in one file that is written anew
/// with each change, behind its version and a checksum. The suite passes on it; each wrong storage
/// differs from it in one thing. One lock guards all, since speed is nothing here.
class RightStorage : public StorageBackend {
public:
    ~RightStorage() override;

    void configure(const Value& config) override;
    void start() override;
    void drain() override;

    void commit(Appends appends) override;
    void load(std::string_view channel, const Reader& reader) override;
    void readLog(std::string_view channel, std::uint64_t firstSeq, std::uint64_t lastSeq,
                 const Reader& reader) override;
    void checkpoint(const Checkpoint& checkpoint) override;
    void trim(std::string_view channel, std::uint64_t belowIndex) override;
    void list(const Reader& reader) override;
    void drop(std::string_view channel) override;
    void backup(std::string_view path) override;
    bool wasClean() override;

protected:
    struct KeptEntry {
        std::uint64_t index;
        std::uint64_t seq;
        std::int64_t atMs;
        std::string body;
    };
    struct KeptHead {
        std::string epoch;
        std::uint64_t index;
        std::uint64_t seq;
        std::string head;
    };
    using Items = std::map<std::string, std::string, std::less<>>;
    struct Channel {
        std::uint64_t last = 0;
        std::optional<KeptHead> checkpoint;
        Items records;
        Items streams;
        std::deque<KeptEntry> log;
    };

    // What the wrong ones do in another way.
    virtual bool fits(std::uint64_t last, std::uint64_t expected) { return last == expected; }
    virtual bool keeps(const Entry&) { return true; }
    virtual bool checksBeforeItAppends() { return true; }
    virtual void pourLog(const std::deque<KeptEntry>& entries, const Reader& reader);
    virtual void beginCheckpoint(Channel&) {}
    virtual void put(Items& items, const StoredItem& item);
    virtual std::uint64_t trimBelow(const Channel& channel, std::uint64_t asked);
    virtual bool isListed(const Channel&) { return true; }
    virtual void forget(std::string_view name);
    virtual bool trusts(bool isBackup) { return !isBackup; }
    virtual void changed() { save(path_, isBackup_); }
    virtual void loaded() {}
    virtual void recover() {}
    virtual bool locks() { return true; }
    virtual bool verifies() { return true; }
    virtual bool looksAtTheVersion() { return true; }
    virtual void bringForward();
    virtual void store(const std::string& path, const std::string& text) const;

    void save(const std::string& path, bool asBackup) const;
    /// Adds what a file holds to `channels_`.
    void read(const std::string& path);
    static void put(const std::string& path, const std::string& text);
    void keepOlder() const;
    std::map<std::string, Channel, std::less<>> channels_;
    std::string path_;
    bool isBackup_ = false;
    bool isOlder_ = false;  ///< the file that was read

private:
    void append(const Append& append);
    void take(const Checkpoint& checkpoint);
    void requireOrder(const Append& append);
    void lock();
    void changeOrLeave(const std::function<void()>& change);

    std::mutex mutex_;
    bool draining_ = false;
    int lock_ = -1;
};

}  // namespace syncline::wrong
