// SPDX-License-Identifier: Apache-2.0
// How a backend comes up: lock, open, check, join the two files, replay.
#include <algorithm>
#include <filesystem>
#include <string_view>
#include <unordered_map>

#include "backend.h"
#include "schema.h"
#include "upgrade.h"

namespace syncline::sqlite {
namespace {

/// The one spelling of a path, so that two ways to write it meet at the same lock.
Result<std::string> preparePath(const std::string& path) {
    namespace fs = std::filesystem;
    std::error_code problem;
    const fs::path whole = fs::weakly_canonical(fs::absolute(path), problem);
    if (problem) return fail(path + ": is no usable path: " + problem.message());
    if (fs::is_directory(whole, problem)) {
        return fail(whole.string() + ": is a folder: name a file in it as `path`");
    }
    fs::create_directories(whole.parent_path(), problem);
    if (problem) {
        return fail(whole.parent_path().string() + ": the folder cannot be created: " +
                    problem.message() + ": create it, or choose another `path`");
    }
    return whole.string();
}

/// The process that used the files last did not shut down.
bool endedUnclean(Ending ending) {
    return ending == Ending::open || ending == Ending::lossy;
}

}  // namespace

Result<void> Backend::start() {
    for (const auto step : {&Backend::openFiles, &Backend::joinFiles, &Backend::replay,
                            &Backend::joinCheckpoints, &Backend::startThreads}) {
        if (auto done = (this->*step)(); !done) return done;
    }
    return {};
}

Result<void> Backend::openFiles() {
    auto path = preparePath(settings_.path);
    if (!path) return fail(path.error());
    settings_.path = std::move(*path);
    journalPath_ = settings_.path + ".commits";
    auto lock = LockFile::acquire(settings_.path + ".lock");
    if (!lock) return fail(lock.error());
    lock_.emplace(std::move(*lock));
    for (const std::string& file : {settings_.path, journalPath_}) {
        if (auto good = checkHeader(file); !good) return good;
    }
    if (auto safe = keepOlderVersion(settings_.path, journalPath_, log_); !safe) return safe;
    auto journal = Journal::open(journalPath_, settings_, journalCopying_);
    if (!journal) return fail(journal.error());
    journal_ = std::move(*journal);
    auto store = FoldedStore::open(settings_, foldedCopying_);
    if (!store) return fail(store.error());
    store_ = std::move(*store);
    readers_ = std::make_unique<FoldedReaders>(settings_);
    auto heads = FoldedReader::open(settings_);
    if (!heads) return fail(heads.error());
    heads_ = std::move(*heads);
    return {};
}

Result<void> Backend::checkFiles(Ending lastEnding) {
    const bool wanted = settings_.check == Check::always ||
                        (settings_.check == Check::unclean && endedUnclean(lastEnding));
    if (!wanted) return {};
    if (auto good = checkIntegrity(journal_->connection()); !good) return good;
    return store_->check();
}

/// The two files must be each other's: a fold that was put back without its journal, or the other
/// way round, would lose commits in silence.
Result<void> Backend::joinFiles() {
    auto state = store_->state();
    if (!state) return fail(state.error());
    const auto owner = journal_->owner();
    if (!owner) return fail(owner.error());
    const auto rows = journal_->range();
    if (!rows) return fail(rows.error());
    const bool isNew = state->storage.empty();
    if (isNew && rows->last != 0) {
        return fail(settings_.path + ": is missing or empty, but " + journalPath_ +
                    " has commits that belong to it: put it back, or restore a backup and remove " +
                    journalPath_);
    }
    if (!isNew && owner->empty() && endedUnclean(state->ending)) {
        return fail(journalPath_ + ": is missing, and with it commits that " + settings_.path +
                    " does not have yet: put it back, or restore a backup");
    }
    if (!isNew && !owner->empty() && *owner != state->storage) {
        return fail(journalPath_ + ": belongs to another storage than " + settings_.path +
                    ": if that one was just restored from a backup, remove " + journalPath_ +
                    "; otherwise put the right file back");
    }
    if (!isNew) {
        if (auto good = checkFiles(state->ending); !good) return good;
    }
    // What counts is how the last use wrote, not how this one will: that is why the file keeps it.
    wasClean_ = isNew || state->ending == Ending::open || state->ending == Ending::clean;
    if (isNew) {
        auto id = journal_->connection().ask("SELECT lower(hex(randomblob(16)))");
        if (!id) return fail(id.error());
        state->storage = std::move(*id);
    }
    if (*owner != state->storage) {
        if (auto done = journal_->setOwner(state->storage); !done) return done;
        // A weaker durability does not sync commits: without this, a loss of power could leave the
        // folded file beside a journal that nobody owns.
        const auto synced = journal_->connection().checkpoint(SQLITE_CHECKPOINT_TRUNCATE);
        if (!synced) return fail(synced.error());
    }
    const bool keepsAll = settings_.durability == Durability::full;
    // A start that was not clean stays so until the server has shut down: it gives channels their
    // new epochs one by one, and may be killed before the last.
    state_ = {state->storage, state->foldedUpto,
              keepsAll && wasClean_ ? Ending::open : Ending::lossy};
    unfolded_.startAt(state->foldedUpto, rows->last);
    return store_->setState(state_);
}

Result<void> Backend::replay() {
    auto replayed =
        journal_->replay(state_.foldedUpto, [this](Row row) { return replayRow(std::move(row)); });
    if (!replayed) return replayed;
    const Unfolded::Size size = unfolded_.size();
    if (size.ops > 0) {
        log_("replayed " + std::to_string(size.ops) + " entries (" + std::to_string(size.bytes) +
             " bytes) of " + journalPath_);
    }
    return journal_->forget(size.foldedId);
}

/// Checks that the row follows what is known of its channels, and folds when there is more in the
/// journal than may stay in memory: somebody may have lowered the limits.
Result<void> Backend::replayRow(Row row) {
    // Blocks of one channel in one row build on each other, as the appends of their commit did.
    std::unordered_map<std::string_view, std::uint64_t> heads;
    for (const Block& block : row.blocks) {
        auto head = heads.find(block.channel);
        if (head == heads.end()) {
            const auto last = lastIndex(block.channel);
            if (!last) return fail(last.error());
            head = heads.emplace(block.channel, *last).first;
        }
        if (block.lastIndex > head->second && block.firstIndex != head->second + 1) {
            return fail(journalPath_ + ": channel '" + std::string(block.channel) +
                        "' goes on at index " + std::to_string(block.firstIndex) +
                        ", but the storage has it up to " + std::to_string(head->second) +
                        ": a file was changed; restore both files of the storage, or a backup");
        }
        head->second = std::max(head->second, block.lastIndex);
    }
    unfolded_.add(std::move(row));
    const Unfolded::Size size = unfolded_.size();
    if (size.ops < settings_.unfoldedOpsMax && size.bytes < settings_.unfoldedBytesMax) return {};
    const auto rows = unfolded_.oldest(size.bytes);
    if (auto done = store_->fold(rows, {}); !done) return fail(done.error());
    unfolded_.folded(rows.back()->id);
    return {};
}

/// A loss of power can take the end of a relaxed journal and leave a checkpoint behind it. The
/// state is the checkpoint's then; the log starts anew behind it.
Result<void> Backend::joinCheckpoints() {
    const auto ahead = store_->checkpointsAhead();
    if (!ahead) return fail(ahead.error());
    for (const FoldedStore::Ahead& each : *ahead) {
        const auto last = lastIndex(each.channel);
        if (!last) return fail(last.error());
        if (each.index <= *last) continue;
        if (auto done = store_->joinLog(each); !done) return done;
        unfolded_.remember(each.channel, each.index);
        log_("channel '" + each.channel + "': the log up to index " + std::to_string(each.index) +
             " is gone; its checkpoint stands");
        // Other channels may have lost as much, and without a checkpoint nothing tells.
        wasClean_ = false;
    }
    if (wasClean_ || state_.ending == Ending::lossy) return {};
    state_.ending = Ending::lossy;
    state_.foldedUpto = unfolded_.size().foldedId;
    return store_->setState(state_);
}

Result<void> Backend::startThreads() {
    auto sweeper =
        Sweeper::open(settings_, journalPath_, Sweeper::Turns{journalCopying_, foldedCopying_});
    if (!sweeper) return fail(sweeper.error());
    sweeper_ = std::move(*sweeper);
    folder_ = std::make_unique<Folder>(
        Folder::Parts{settings_, unfolded_, *store_, health_, [this] { upkeep(); }});
    folder_->start();
    folder_->purge();
    return {};
}

}  // namespace syncline::sqlite
