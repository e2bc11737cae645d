// SPDX-License-Identifier: Apache-2.0
// The law that all rests on: checkpoint + the entries behind it = the state, whatever happened.
// Random histories against a model, and readers beside a writer.
#include <atomic>
#include <map>
#include <random>
#include <thread>

#include "storage_script.h"
#include "storage_test.h"

namespace syncline::conformance {
namespace {

class StorageModel : public StorageTest {
protected:
    std::string anyChannel() { return std::string(1, static_cast<char>('a' + any(3))); }
    std::uint64_t any(std::uint64_t below) {
        return std::uniform_int_distribution<std::uint64_t>(0, below - 1)(random);
    }

    void commitSomething() {
        std::vector<Addition> additions;
        std::map<std::string, std::uint64_t> heads;
        std::vector<bool> fits;
        for (std::uint64_t i = 0; i <= any(3); ++i) {
            Addition addition;
            addition.channel = anyChannel();
            auto& head = heads.emplace(addition.channel, model.channels[addition.channel].last)
                             .first->second;
            fits.push_back(any(5) != 0);
            addition.expectedIndex = fits.back() ? head : head + 1 + any(2);
            std::uint64_t seq = model.channels[addition.channel].lastSeq + 100 * i;
            for (std::uint64_t k = 0; k <= any(4); ++k) {
                addition.bodies.push_back(std::string(any(40), 'x') + std::to_string(any(1000)));
                addition.seqs.push_back(any(4) == 0 ? 0 : ++seq);
            }
            if (fits.back()) head += addition.bodies.size();
            additions.push_back(std::move(addition));
        }
        for (const Addition& each : additions) {
            history += "append " + each.channel + " behind " + std::to_string(each.expectedIndex) +
                       ", " + std::to_string(each.bodies.size()) + "; ";
        }
        history += "commit\n";
        expectOk(storage->commit(additions));
        for (std::size_t i = 0; i < additions.size(); ++i) {
            EXPECT_EQ(additions[i].committed, fits[i]) << "append " << i;
            if (fits[i]) model.append(additions[i]);
        }
        std::erase_if(model.channels, [](const auto& each) {
            return each.second.last == 0 && !each.second.stored.checkpoint;
        });
    }

    void checkpointSomething() {
        const std::string name = anyChannel();
        const auto found = model.channels.find(name);
        if (found == model.channels.end()) return;
        const Model::Channel& channel = found->second;
        const std::uint64_t from = channel.stored.checkpoint ? channel.stored.checkpoint->index : 0;
        const std::uint64_t index = from + any(channel.last - from + 1);
        const StoredHead head{"e" + std::to_string(any(3)), index, index, std::to_string(any(99))};
        Items records;
        Items streams;
        for (std::uint64_t k = 0; k < any(4); ++k) {
            records["key" + std::to_string(any(6))] = any(3) == 0 ? "" : std::to_string(any(999));
            streams["stream" + std::to_string(any(3))] = std::to_string(1 + any(999));
        }
        history += "checkpoint " + name + " at " + std::to_string(index) + "\n";
        expectOk(storage->checkpoint(name, head, records, streams));
        model.checkpoint(name, head, records, streams);
    }

    void trimSomething() {
        const std::string name = anyChannel();
        const auto found = model.channels.find(name);
        if (found == model.channels.end()) return;
        const std::uint64_t below = any(found->second.last + 3);
        history += "trim " + name + " below " + std::to_string(below) + "\n";
        expectOk(storage->trim(name, below));
    }

    void dropSomething() {
        const std::string name = anyChannel();
        history += "drop " + name + "\n";
        expectOk(storage->drop(name));
        model.drop(name);
    }

    void step() {
        const std::uint64_t choice = any(100);
        if (choice < 60) return commitSomething();
        if (choice < 78) return checkpointSomething();
        if (choice < 90) return trimSomething();
        if (choice < 94) return dropSomething();
        if (!isDurable()) return;
        const bool cleanly = any(2) == 0;
        history += cleanly ? "drain, reopen\n" : "reopen\n";
        reopen(cleanly);
    }

    void expectTheModel() {
        EXPECT_EQ(names(), model.names());
        for (const char* name : {"a", "b", "c"}) {
            EXPECT_EQ(loaded(name), model.expectedLoad(name)) << "channel " << name;
        }
    }

    std::mt19937_64 random;
    Model model;
    std::string history;  // what was done, for people
};

TEST_P(StorageModel, RandomHistoriesEndInTheStateOfTheModel) {
    for (std::uint64_t seed = 1; seed <= 6; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        random.seed(seed);
        model = {};
        history.clear();
        for (const std::string& name : names()) expectOk(storage->drop(name));
        for (int i = 0; i < 60; ++i) {
            step();
            expectTheModel();
            ASSERT_FALSE(HasFailure()) << history;
        }
    }
}

TEST_P(StorageModel, ReadersBesideTheWriterSeeWholeStatesThatOnlyGrow) {
    constexpr std::uint64_t commits = 150;
    std::atomic<std::uint64_t> acked = 0;
    std::atomic<bool> done = false;
    std::atomic<int> torn = 0;
    const auto readAlong = [&] {
        std::uint64_t before = 0;
        while (!done) {
            const std::uint64_t atLeast = acked;
            StoredChannel stored;
            if (!storage->load("a", stored).ok()) ++torn;
            std::uint64_t index = stored.checkpoint ? stored.checkpoint->index : 0;
            const bool together =
                !stored.checkpoint || stored.records == Items{{"at", std::to_string(index)}};
            bool dense = true;
            for (const StoredEntry& entry : stored.entries) dense = entry.index == ++index && dense;
            if (!together || !dense || index < before || index < atLeast) ++torn;
            before = index;
            std::vector<std::string> names;
            if (!storage->list(names).ok()) ++torn;
        }
    };
    std::vector<std::thread> readers;
    for (int i = 0; i < 2; ++i) readers.emplace_back(readAlong);
    std::thread keeper([&] {
        for (std::uint64_t last = 0; !done;) {
            const std::uint64_t index = acked;
            if (index < last + 10) {
                std::this_thread::yield();
                continue;
            }
            last = index;
            const Items at = {{"at", std::to_string(index)}};
            if (!storage->checkpoint("a", {"e", index, index, ""}, at).ok()) ++torn;
            if (!storage->trim("a", index - 5).ok()) ++torn;
        }
    });
    for (std::uint64_t i = 0; i < commits; ++i) {
        Addition both[] = {{"a", i, {"entry"}}, {"b", i, {"entry"}}};
        if (!storage->commit(both).ok() || !both[0].committed) ++torn;
        acked = i + 1;
    }
    done = true;
    for (std::thread& reader : readers) reader.join();
    keeper.join();
    EXPECT_EQ(torn, 0) << "reads that failed, or saw what was never so";
    EXPECT_EQ(loaded("a").lastIndex(), commits);
}

INSTANTIATE_TEST_SUITE_P(Every, StorageModel,
                         ::testing::ValuesIn(subjectsOf(SYNCLINE_STORAGE_BACKEND)), nameOfParam);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(StorageModel);

}  // namespace
}  // namespace syncline::conformance
