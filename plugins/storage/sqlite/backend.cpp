// SPDX-License-Identifier: Apache-2.0
#include "backend.h"

#include <unordered_map>
#include <vector>

#include "backup.h"

namespace syncline::sqlite {
namespace {

// SQLite takes values up to 1e9 bytes; a commit of this size is a mistake of the host anyway.
constexpr std::size_t rowBytesMax = 256U << 20;

// About as many bytes as the row of these has: bodies, and some numbers and names.
std::size_t roomFor(Appends appends) {
    constexpr std::size_t numbersBytes = 16;
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < appends.size(); ++i) {
        const Append append = appends[i];
        bytes += append.channel().size() + append.epoch().size() + numbersBytes;
        for (std::size_t at = 0; at < append.entryCount(); ++at)
            bytes += append.entry(at).body.size() + numbersBytes;
    }
    return bytes;
}

Failure notServing() {
    return Failure{"the storage is shutting down", true};
}

Appended failed(Failure failure) {
    return {AppendStatus::failed, std::move(failure)};
}

}  // namespace

Backend::Backend(Settings settings, Health::Report report, LogLine log)
    : settings_(std::move(settings)),
      health_(std::move(report)),
      log_(std::move(log)),
      unfolded_(settings_.headsMax) {}

Backend::~Backend() = default;

void Backend::drain() {
    {
        const std::lock_guard lock(writer_);
        if (folder_ == nullptr || draining_.exchange(true)) return;
    }
    if (auto folded = folder_->foldThrough(unfolded_.size().lastId); !folded) {
        log_("not everything could be folded, the next start will: " + folded.error().reason);
    }
    folder_->stop();
    const std::lock_guard lock(writer_);
    auto state = store_->state();
    if (state) {
        state->ending = Ending::clean;
        const auto marked = store_->setState(*state);
        if (!marked) log_("the clean shutdown could not be marked: " + marked.error().reason);
    }
    if (journal_ == nullptr) return;
    static_cast<void>(journal_->forget(unfolded_.size().foldedId));
    static_cast<void>(journal_->connection().checkpoint(SQLITE_CHECKPOINT_TRUNCATE));
}

Result<void> Backend::serving() {
    if (draining_ || folder_ == nullptr) return fail(notServing());
    if (!stale_) return {};
    const std::lock_guard lock(writer_);
    return resync();
}

/// Damage that a read finds stays until somebody repairs it.
Result<void> Backend::seen(Result<void> outcome) {
    if (!outcome && isDamage(outcome.error().code)) {
        health_.unwell(Health::Part::reading, outcome.error().reason);
    }
    return outcome;
}

Result<std::uint64_t> Backend::lastIndex(std::string_view channel) {
    if (const auto known = unfolded_.lastIndex(channel)) return *known;
    const std::lock_guard lock(headsMutex_);
    const auto stored = heads_->lastIndex(channel);
    if (stored) unfolded_.remember(channel, *stored);
    return stored;
}

/// Decides which appends fit and encodes those.
Result<RowWriter> Backend::gather(Appends appends, std::vector<bool>& accepted) {
    RowWriter writer(unfolded_.size().lastId + 1, roomFor(appends));
    // Several appends to one channel in one commit build on each other.
    std::unordered_map<std::string_view, std::uint64_t> heads;
    heads.reserve(appends.size());
    for (std::size_t i = 0; i < appends.size(); ++i) {
        const Append append = appends[i];
        auto head = heads.find(append.channel());
        if (head == heads.end()) {
            const auto last = lastIndex(append.channel());
            if (!last) return fail(last.error());
            head = heads.emplace(append.channel(), *last).first;
        }
        accepted.push_back(head->second == append.expectedIndex());
        if (!accepted.back()) continue;
        for (std::size_t at = 0; at < append.entryCount(); ++at) {
            if (append.entry(at).index != ++head->second) {
                return fail("channel '" + std::string(append.channel()) + "': the entry at index " +
                            std::to_string(append.entry(at).index) + " was given where " +
                            std::to_string(head->second) + " comes next");
            }
        }
        writer.add(append);
    }
    return writer;
}

Appended Backend::commit(Appends appends) {
    const std::lock_guard lock(writer_);
    for (std::size_t i = 0; i < appends.size(); ++i) appends[i].setCommitted(false);
    if (draining_ || folder_ == nullptr) return failed(notServing());
    if (auto current = resync(); !current) return failed(std::move(current.error()));
    std::vector<bool> accepted;
    auto writer = gather(appends, accepted);
    if (!writer) return failed(std::move(writer.error()));
    if (!writer->empty()) {
        Appended appended = append(std::move(*writer));
        if (appended.status != AppendStatus::done) return appended;
    }
    for (std::size_t i = 0; i < appends.size(); ++i) appends[i].setCommitted(accepted[i]);
    return {};
}

Appended Backend::append(RowWriter writer) {
    Row row = writer.take();
    if (row.bytes->size() > rowBytesMax) {
        return failed(Failure{"a commit of " + std::to_string(row.bytes->size()) +
                              " bytes is larger than a row may be"});
    }
    auto room = folder_->waitForRoom(row.entryCount(), row.bytes->size());
    if (!room) return failed(std::move(room.error()));
    Appended appended = journal_->append(row, unfolded_.size().foldedId);
    if (appended.status != AppendStatus::done) {
        health_.unwell(Health::Part::committing, appended.failure.reason);
        if (appended.status == AppendStatus::unknown) {
            stale_ = true;
            static_cast<void>(resync());
        }
        folder_->nudge();
        return appended;
    }
    health_.well(Health::Part::committing);
    unfolded_.add(std::move(row));
    const Unfolded::Size size = unfolded_.size();
    if (size.ops >= settings_.foldOps || size.bytes >= settings_.foldBytes) folder_->nudge();
    journal_->log().shorten();
    return appended;
}

/// After a COMMIT of unknown outcome: opens the journal anew and takes in what it holds. Whoever
/// holds `writer_` calls this; it does nothing when nothing is stale.
Result<void> Backend::resync() {
    if (!stale_) return {};
    journal_.reset();
    auto journal = Journal::open(journalPath_, settings_, journalCopying_);
    if (!journal) return fail(journal.error());
    // Copies what is there into the file itself and empties the log: a frame whose sync had failed
    // is then either durable or gone, and cannot come back after a crash.
    {
        const std::lock_guard turn(journalCopying_);
        const auto copied = (*journal)->connection().checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
        if (!copied) return fail(copied.error());
    }
    auto read = (*journal)->replay(unfolded_.size().lastId, [this](Row row) -> Result<void> {
        unfolded_.add(std::move(row));
        return {};
    });
    if (!read) return read;
    journal_ = std::move(*journal);
    stale_ = false;
    return {};
}

/// On the folder's thread. Never waits for the writer, who may be waiting for this thread.
void Backend::upkeep() {
    // While somebody commits it is not known; then there is enough to copy.
    std::size_t journalLogBytes = settings_.walBytesMax;
    {
        const std::unique_lock lock(writer_, std::try_to_lock);
        if (lock.owns_lock() && !draining_) {
            if (auto current = resync(); !current) return;
            journalLogBytes = journal_->log().bytes();
            // Nobody may be committing while the storage says that it cannot.
            if (!health_.isWell(Health::Part::committing) && journal_->probe()) {
                health_.well(Health::Part::committing);
            }
        }
    }
    sweeper_->sweep(journalLogBytes, store_->logBytes());
}

Result<void> Backend::load(std::string_view channel, const Reader& reader) {
    if (auto ready = serving(); !ready) return ready;
    const auto tail = unfolded_.tail(channel);
    auto folded = readers_->lend();
    if (!folded) return fail(folded.error());
    return seen((*folded)->load(channel, tail, reader));
}

Result<void> Backend::readLog(std::string_view channel, std::uint64_t firstSeq,
                              std::uint64_t lastSeq, const Reader& reader) {
    if (auto ready = serving(); !ready) return ready;
    const auto tail = unfolded_.tail(channel);
    auto folded = readers_->lend();
    if (!folded) return fail(folded.error());
    return seen((*folded)->readLog(channel, firstSeq, lastSeq, tail, reader));
}

Result<void> Backend::checkpoint(const Checkpoint& checkpoint) {
    if (auto ready = serving(); !ready) return ready;
    const auto last = lastIndex(checkpoint.channel());
    if (!last) return fail(last.error());
    const bool ahead = checkpoint.index() > *last;
    auto done = store_->checkpoint(
        checkpoint, ahead ? FoldedStore::Place::aheadOfLog : FoldedStore::Place::insideLog);
    if (done && ahead) unfolded_.remember(checkpoint.channel(), checkpoint.index());
    return seen(std::move(done));
}

Result<void> Backend::trim(std::string_view channel, std::uint64_t belowIndex) {
    if (auto ready = serving(); !ready) return ready;
    return folder_->trim(channel, belowIndex);
}

Result<void> Backend::list(const Reader& reader) {
    if (auto ready = serving(); !ready) return ready;
    const auto names = unfolded_.channels();
    auto folded = readers_->lend();
    if (!folded) return fail(folded.error());
    return seen((*folded)->list(names, reader));
}

Result<void> Backend::foldNow() {
    return folder_->foldThrough(unfolded_.size().lastId);
}

Result<void> Backend::drop(std::string_view channel) {
    if (auto ready = serving(); !ready) return ready;
    constexpr int attempts = 3;
    for (int attempt = 0; attempt < attempts; ++attempt) {
        // Rows that a crash would replay must not bring the channel back.
        if (auto done = foldNow(); !done) return done;
        const std::lock_guard lock(writer_);
        if (!unfolded_.forget(channel)) continue;
        auto done = store_->drop(channel);
        if (done) folder_->purge();
        return seen(std::move(done));
    }
    return fail(Failure{"channel '" + std::string(channel) + "' is being written to", true});
}

Result<void> Backend::backup(const std::string& path) {
    if (auto ready = serving(); !ready) return ready;
    if (auto done = foldNow(); !done) return done;
    auto reader = readers_->lend();
    if (!reader) return fail(reader.error());
    return writeBackup((*reader)->connection(), path);
}

}  // namespace syncline::sqlite
