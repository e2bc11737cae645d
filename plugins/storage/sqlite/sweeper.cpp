// SPDX-License-Identifier: Apache-2.0
#include "sweeper.h"

#include "schema.h"

namespace syncline::sqlite {

Result<std::unique_ptr<Sweeper>> Sweeper::open(const Settings& settings,
                                               const std::string& journalPath, Turns turns) {
    auto journal = openFile(journalPath, journalFile, settings.durability);
    if (!journal) return fail(journal.error());
    auto folded = openFile(settings.path, foldedFile, settings.durability);
    if (!folded) return fail(folded.error());
    return std::unique_ptr<Sweeper>(
        new Sweeper(std::move(*journal), std::move(*folded), turns, settings.walBytesMax / 4));
}

void Sweeper::sweep(std::size_t journalLogBytes, std::size_t foldedLogBytes) {
    if (journalLogBytes >= bytesMax_) {
        const std::lock_guard turn(turns_.journal);
        static_cast<void>(journal_->checkpoint(SQLITE_CHECKPOINT_PASSIVE));
    }
    if (foldedLogBytes >= bytesMax_) {
        const std::lock_guard turn(turns_.folded);
        static_cast<void>(folded_->checkpoint(SQLITE_CHECKPOINT_PASSIVE));
    }
}

}  // namespace syncline::sqlite
