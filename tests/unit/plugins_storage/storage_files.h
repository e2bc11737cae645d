// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "syncline/testing/plugin_library.h"
#include "syncline/testing/storage_driver.h"

namespace syncline::test {

using conformance::Addition;
using conformance::Answer;
using conformance::Items;
using conformance::StoredChannel;
using conformance::StoredEntry;
using conformance::StoredHead;

/// A flat configuration: what a storage takes behind `with:`.
using Config = std::map<std::string, std::variant<double, std::string>>;

/// A backend of a library with one, created and configured.
class StorageInstance : public conformance::StorageDriver {
public:
    StorageInstance(const std::string& library, const Config& config)
        : StorageDriver(conformance::PluginLibrary(library).component(""), toJson(config)) {}

private:
    static conformance::Json toJson(const Config& config) {
        conformance::Json json = conformance::Json::Object();
        for (const auto& [name, value] : config) {
            json[name] =
                std::visit([](const auto& each) { return conformance::Json(each); }, value);
        }
        return json;
    }
};

/// A folder of its own for one test.
class TempFolder {
public:
    TempFolder() {
        std::string pattern =
            (std::filesystem::temp_directory_path() / "syncline-storage-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }
    ~TempFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;
    const std::filesystem::path& path() const { return path_; }
    std::string operator/(const std::string& name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

/// Tests of the sqlite plugin on real files.
class SqliteStorage : public testing::Test {
protected:
    std::string file() const { return folder / "syncline.db"; }
    std::string journal() const { return file() + ".commits"; }

    std::unique_ptr<StorageInstance> make(Config config = {}) {
        config.try_emplace("path", file());
        return std::make_unique<StorageInstance>(SYNCLINE_SQLITE_PLUGIN, config);
    }

    std::unique_ptr<StorageInstance> open(Config config = {}) {
        auto storage = make(std::move(config));
        const Answer started = storage->start();
        EXPECT_TRUE(started.ok()) << started.reason;
        return storage;
    }

    /// Why a start is refused.
    std::string refusal(Config config = {}) {
        auto storage = make(std::move(config));
        const Answer started = storage->start();
        EXPECT_EQ(started.status, SYNCLINE_FAILED);
        return started.reason;
    }

    static void close(std::unique_ptr<StorageInstance> storage) { storage->drain(); }

    static StoredChannel loaded(StorageInstance& storage, const std::string& channel) {
        StoredChannel stored;
        const Answer answer = storage.load(channel, stored);
        EXPECT_TRUE(answer.ok()) << answer.reason;
        return stored;
    }

    static std::vector<std::string> bodies(const std::vector<StoredEntry>& entries) {
        std::vector<std::string> all;
        for (const StoredEntry& entry : entries) all.push_back(entry.body);
        return all;
    }

    TempFolder folder;
};

inline void expectOk(const Answer& answer) {
    EXPECT_TRUE(answer.ok()) << answer.reason;
}

}  // namespace syncline::test
