// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <string>
#include <syncline/plugin.hpp>

#include "backend.h"
#include "read_settings.h"

namespace syncline::sqlite {
namespace {

// The protocol's "storage unavailable".
constexpr std::uint32_t storageUnavailable = 1003;

[[noreturn]] void refuse(const Failure& failure) {
    Refusal refusal(storageUnavailable, failure.reason);
    if (failure.retry) refusal.retryAfter(1'000);
    throw refusal;
}

void expect(const Result<void>& outcome) {
    if (!outcome) refuse(outcome.error());
}

}  // namespace

/// The backend as the host sees it: failures become what the wrapper throws.
class SqliteStorage final : public StorageBackend {
public:
    void configure(const Value& config) override { settings_ = readSettings(config); }

    void start() override {
        backend_ = std::make_unique<Backend>(
            settings_,
            [this](const std::string& reason) {
                if (reason.empty()) {
                    health().well();
                } else {
                    health().unwell(reason);
                }
            },
            [this](const std::string& line) { log().info(line); });
        expect(backend_->start());
    }

    void drain() override {
        if (backend_ != nullptr) backend_->drain();
    }

    void commit(Appends appends) override {
        const Appended appended = backend_->commit(appends);
        if (appended.status == AppendStatus::unknown) throw CommitUnknown(appended.failure.reason);
        if (appended.status == AppendStatus::failed) refuse(appended.failure);
    }

    void load(std::string_view channel, const Reader& reader) override {
        expect(backend_->load(channel, reader));
    }

    void readLog(std::string_view channel, std::uint64_t firstSeq, std::uint64_t lastSeq,
                 const Reader& reader) override {
        expect(backend_->readLog(channel, firstSeq, lastSeq, reader));
    }

    void checkpoint(const Checkpoint& checkpoint) override {
        expect(backend_->checkpoint(checkpoint));
    }

    void trim(std::string_view channel, std::uint64_t belowIndex) override {
        expect(backend_->trim(channel, belowIndex));
    }

    void list(const Reader& reader) override { expect(backend_->list(reader)); }
    void drop(std::string_view channel) override { expect(backend_->drop(channel)); }
    void backup(std::string_view path) override { expect(backend_->backup(std::string(path))); }
    bool wasClean() override { return backend_->wasClean(); }

private:
    Settings settings_;
    std::unique_ptr<Backend> backend_;
};

}  // namespace syncline::sqlite

SYNCLINE_PLUGIN("dev.syncline.sqlite", "1.0.0",
                syncline::storageBackend<syncline::sqlite::SqliteStorage>("sqlite")
                    .blocking()
                    .uses(SYNCLINE_LOG_TABLE)
                    .uses(SYNCLINE_HEALTH_TABLE)
                    .describes("Durable storage in two SQLite files: a journal for commits, tables "
                               "for everything else."))
