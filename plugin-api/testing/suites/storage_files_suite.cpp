// SPDX-License-Identifier: Apache-2.0
// What the contract says of a storage on files that come back otherwise than they were left. For
// subjects that say `onFiles`, and `newerVersion` where the files carry one (which byte of which
// file makes it that). `lockFiles` may say who uses the storage.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "storage_script.h"
#include "subject_test.h"

namespace syncline::conformance {
namespace {

namespace fs = std::filesystem;

std::string contentOf(const fs::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

void put(const fs::path& path, const std::string& content) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

std::string garbage(std::size_t size) {
    std::string bytes(size, '\0');
    unsigned state = 7;
    for (char& byte : bytes) {
        state = state * 1'103'515'245 + 12'345;
        byte = static_cast<char>(state >> 16);
    }
    return bytes;
}

class StorageFiles : public SubjectTest {
protected:
    bool isOnFiles() const { return subject().facts.boolean("onFiles"); }

    /// A folder with what a process left that ended without a word behind the last step.
    void leaveBehind(bool closes) {
        const End end =
            carryOutElsewhere({component(), config(), script, [] { return nullptr; }, closes});
        ASSERT_EQ(end.acked, script.steps.size());
        for (const auto& each : fs::directory_iterator(folder.path())) {
            if (each.is_regular_file()) files[each.path().filename()] = contentOf(each.path());
        }
    }

    /// What can be said of a storage whose files were changed.
    enum class Finding { refused, everything, earlier, wrong };

    /// Opens a copy of what was left behind, with one file changed.
    Finding findings(const std::string& changed, const std::string& content) {
        const TestFolder place;
        for (const auto& [name, kept] : files) put(place / name, name == changed ? content : kept);
        const DiskFaults quick = DiskFaults::unsynced(place.path());
        StorageDriver storage(component(), subject().configIn(place.path()));
        const Answer started = storage.start();
        if (!started.ok()) {
            EXPECT_NE(started.reason.find(place.path()), std::string::npos)
                << "it does not say which file: " << started.reason;
            return Finding::refused;
        }
        if (difference(storage, script.after(script.steps.size())).empty()) {
            return Finding::everything;
        }
        bool lawful = true;
        for (const std::string name : {"a", "b"}) {
            StoredChannel stored;
            std::vector<StoredEntry> log;
            if (!storage.load(name, stored).ok() ||
                !storage.readLog(name, 1, UINT64_MAX, log).ok()) {
                return Finding::refused;
            }
            lawful = lawful && isLawful(storage, name);
        }
        return lawful ? Finding::earlier : Finding::wrong;
    }

    /// Whether a channel is what it once was: a checkpoint of some time, or none, and the entries
    /// of some time. A lost checkpoint is no loss beside the entries that it covered.
    bool isLawful(StorageDriver& storage, const std::string& name) const {
        for (std::size_t kept = 0; kept <= script.steps.size(); ++kept) {
            for (std::size_t logged = 0; logged <= script.steps.size(); ++logged) {
                Model::Channel channel = script.after(kept).channels[name];
                channel.stored.entries = script.after(logged).channels[name].stored.entries;
                if (differenceOf(storage, name, channel).empty()) return true;
            }
        }
        return false;
    }

    const Script script = Script::ofEverything();
    std::map<std::string, std::string> files;
};

TEST_P(StorageFiles, GarbageBehindTheEndOfAFileCostsNothingOrIsRefused) {
    if (!isOnFiles()) GTEST_SKIP() << "the subject does not say onFiles";
    leaveBehind(false);
    for (const auto& [name, content] : files) {
        for (const std::size_t size : {1U, 100U, 4'096U, 9'000U}) {
            const Finding finding = findings(name, content + garbage(size));
            EXPECT_TRUE(finding == Finding::refused || finding == Finding::everything)
                << size << " bytes behind " << name << ": what was durable is gone, or worse";
        }
    }
}

TEST_P(StorageFiles, AFileThatWasCutShortIsRefusedOrGivesAnEarlierState) {
    if (!isOnFiles()) GTEST_SKIP() << "the subject does not say onFiles";
    leaveBehind(false);
    for (const auto& [name, content] : files) {
        for (std::size_t sixteenth = 0; sixteenth < 16; ++sixteenth) {
            const std::size_t size =
                std::min(content.size(), content.size() * sixteenth / 16 + sixteenth % 2 * 13);
            EXPECT_NE(findings(name, content.substr(0, size)), Finding::wrong)
                << name << " cut to " << size << " of " << content.size() << " bytes";
        }
    }
}

TEST_P(StorageFiles, AFileWithATornEndIsRefusedOrGivesAnEarlierState) {
    if (!isOnFiles()) GTEST_SKIP() << "the subject does not say onFiles";
    leaveBehind(false);
    for (const auto& [name, content] : files) {
        for (const std::size_t size : {1U, 10U, 512U, 4'096U}) {
            if (size > content.size()) continue;
            const std::string torn = content.substr(0, content.size() - size) + garbage(size);
            EXPECT_NE(findings(name, torn), Finding::wrong)
                << "the last " << size << " bytes of " << name << " are garbage";
        }
    }
}

TEST_P(StorageFiles, AChangedByteIsRefusedOrGivesAnEarlierState) {
    if (!isOnFiles()) GTEST_SKIP() << "the subject does not say onFiles";
    leaveBehind(false);
    for (const auto& [name, content] : files) {
        // Much of a file may be empty, and what is not is what counts.
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i < content.size(); ++i)
            if (content[i] != 0) places.push_back(i);
        for (std::size_t part = 0; part < 24 && !places.empty(); ++part) {
            std::string changed = content;
            const std::size_t at = places[(places.size() - 1) * part / 23];
            changed[at] = static_cast<char>(changed[at] ^ 0x5a);
            EXPECT_NE(findings(name, changed), Finding::wrong) << "byte " << at << " of " << name;
        }
    }
}

TEST_P(StorageFiles, AFileOfANewerVersionIsRefusedAndLeftAsItIs) {
    const Json* newer = subject().facts.find("newerVersion");
    if (newer == nullptr) GTEST_SKIP() << "the subject has no newerVersion";
    leaveBehind(true);
    const std::string name = newer->string("file");
    const std::string hex = newer->string("bytes");
    const auto offset = static_cast<std::size_t>(*newer->at("/offset")->as<double>());
    std::string& content = files.at(name);
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
        content.at(offset + i / 2) = static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    }
    put(folder / name, content);
    {
        StorageDriver storage(component(), config());
        const Answer refused = storage.start();
        EXPECT_FALSE(refused.ok()) << "it reads what it cannot know";
        EXPECT_NE(refused.reason.find(folder / name), std::string::npos) << refused.reason;
        for (const char* which : {"newer", "own"}) {
            EXPECT_NE(refused.reason.find(newer->string(which)), std::string::npos)
                << "the " << which << " version is not named: " << refused.reason;
        }
    }
    const Json::Array& locks = subject().facts.list("lockFiles");
    for (const auto& [file, kept] : files) {
        if (std::find(locks.begin(), locks.end(), Json(file)) != locks.end()) continue;
        EXPECT_TRUE(contentOf(folder / file) == kept) << file << " was touched";
    }
}

INSTANTIATE_TEST_SUITE_P(Every, StorageFiles,
                         ::testing::ValuesIn(subjectsOf(SYNCLINE_STORAGE_BACKEND)), nameOfParam);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StorageFiles);

}  // namespace
}  // namespace syncline::conformance
