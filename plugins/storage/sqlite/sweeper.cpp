// SPDX-License-Identifier: Apache-2.0
#include "sweeper.h"

#include <algorithm>

#include "schema.h"

namespace syncline::sqlite {
namespace {

constexpr std::size_t beginBytesMax = 1U << 20;

}  // namespace

Result<std::unique_ptr<Sweeper>> Sweeper::open(const Settings& settings,
                                               const std::string& journalPath, Turns turns) {
    auto journal = openFile(journalPath, journalFile, settings.durability);
    if (!journal) return fail(journal.error());
    auto folded = openFile(settings.path, foldedFile, settings.durability);
    if (!folded) return fail(folded.error());
    return std::unique_ptr<Sweeper>(new Sweeper(std::move(*journal), std::move(*folded), turns,
                                                std::min(settings.walBytesMax / 4, beginBytesMax)));
}

void Sweeper::sweep(std::size_t journalLogBytes, std::size_t foldedLogBytes) {
    if (journalLogBytes >= beginBytes_) {
        const std::lock_guard turn(turns_.journal);
        static_cast<void>(journal_->checkpoint(SQLITE_CHECKPOINT_PASSIVE));
    }
    if (foldedLogBytes >= beginBytes_) {
        const std::lock_guard turn(turns_.folded);
        static_cast<void>(folded_->checkpoint(SQLITE_CHECKPOINT_PASSIVE));
    }
}

}  // namespace syncline::sqlite
