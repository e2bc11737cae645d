// SPDX-License-Identifier: Apache-2.0
#include "app/backups.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/base_sink.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/fake_shard.h"

namespace syncline::app {
namespace {

/// A storage whose copies the test can hold up.
class CopyingStorage final : public channel::Storage {
public:
    std::promise<void> begun;
    std::shared_future<void> mayEnd;

    core::Result<void> backup(std::string_view path) override {
        if (mayEnd.valid()) {
            begun.set_value();
            mayEnd.wait();
        }
        std::ofstream(std::string(path)) << "copy";
        return {};
    }
    channel::CommitStatus commit(std::span<channel::Append>, core::Error&) override { return {}; }
    core::Result<channel::StoredChannel> load(std::string_view) override { return {}; }
    core::Result<std::vector<channel::StoredEntry>> readLog(std::string_view, std::uint64_t,
                                                            std::uint64_t) override {
        return {};
    }
    core::Result<void> checkpoint(const channel::Checkpoint&) override { return {}; }
    core::Result<void> trim(std::string_view, std::uint64_t) override { return {}; }
    core::Result<std::vector<std::string>> list() override { return {}; }
    core::Result<void> drop(std::string_view) override { return {}; }
    bool wasClean() override { return true; }
};

/// Says that a line was written.
class Bell final : public spdlog::sinks::base_sink<std::mutex> {
public:
    explicit Bell(std::promise<void>& rung) : rung_(rung) {}

private:
    void sink_it_(const spdlog::details::log_msg& /*line*/) override { rung_.set_value(); }
    void flush_() override {}

    std::promise<void>& rung_;
};

class BackupsTest : public testing::Test {
protected:
    ~BackupsTest() override { std::filesystem::remove_all(folder_); }

    /// Asks, and lets nothing be under way any more: the answer.
    core::Result<json::Value> ask(const std::string& name, const std::string& folder) {
        std::optional<core::Result<json::Value>> answered;
        auto backups =
            std::make_unique<Backups>(folder, Backups::Storages{{"main", &storage_}}, clock_, log_);
        backups->write(shard_, name,
                       [&](core::Result<json::Value> done) { answered = std::move(done); });
        if (!answered) logged_.get_future().wait();
        // Waits for the thread, which has answered then.
        backups.reset();
        shard_.settle();
        return std::move(*answered);
    }

    std::filesystem::path folder_ = std::filesystem::temp_directory_path() /
                                    ("syncline-backups-" + std::to_string(::getpid()) + "-" +
                                     testing::UnitTest::GetInstance()->current_test_info()->name());
    tests::FakeClock clock_;
    tests::FakeShard shard_{clock_};
    CopyingStorage storage_;
    std::promise<void> logged_;  ///< every copy has its line, whatever becomes of it
    std::shared_ptr<spdlog::logger> log_ =
        std::make_shared<spdlog::logger>("test", std::make_shared<Bell>(logged_));
};

TEST_F(BackupsTest, ACopyIsNamedByStorageAndTimeInAFolderThatIsMade) {
    const auto done = ask("main", folder_ / "made");
    ASSERT_TRUE(done) << done.error().reason;
    EXPECT_EQ(done->find("file")->asString(),
              (folder_ / "made" / "main-20231114T221320.000Z.backup").string());
    EXPECT_EQ(done->find("bytes")->asNumber(), 4);
    EXPECT_EQ(done->find("storage")->asString(), "main");
}

TEST_F(BackupsTest, WithoutAFolderOrAStorageOfThatNameThereIsNone) {
    EXPECT_EQ(ask("main", "").error().code, core::Code::notConfigured);
    EXPECT_EQ(ask("other", folder_).error().code, core::Code::badField);
    EXPECT_FALSE(std::filesystem::exists(folder_));
}

TEST_F(BackupsTest, AFolderThatCannotBeMadeIsSaid) {
    std::ofstream(folder_.string()) << "in the way";
    const auto done = ask("main", folder_ / "below");
    EXPECT_EQ(done.error().code, core::Code::storageUnavailable);
    std::filesystem::remove(folder_);
}

TEST_F(BackupsTest, OneIsWrittenAtATime) {
    std::promise<void> end;
    storage_.mayEnd = end.get_future().share();
    std::vector<std::string> answers;
    const auto note = [&](core::Result<json::Value> done) {
        answers.push_back(done ? "done" : done.error().reason);
    };
    auto backups =
        std::make_unique<Backups>(folder_, Backups::Storages{{"main", &storage_}}, clock_, log_);
    backups->write(shard_, "main", note);
    storage_.begun.get_future().wait();
    backups->write(shard_, "main", note);
    EXPECT_EQ(answers, std::vector<std::string>{"another backup is being written"});
    end.set_value();
    backups.reset();
    shard_.settle();
    EXPECT_EQ(answers.back(), "done");
}

}  // namespace
}  // namespace syncline::app
