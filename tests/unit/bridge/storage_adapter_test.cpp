// SPDX-License-Identifier: Apache-2.0
#include "bridge/storage_adapter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "unit/bridge/world.h"

namespace syncline::bridge::tests {
namespace {

using channel::CommitStatus;
using testing::HasSubstr;

/// What the scripted backend does; the functions of the contract find it here.
struct Backend {
    std::function<syncline_status(syncline_append*, std::size_t, syncline_error*)> commit;
    std::function<syncline_status(const syncline_reader*, syncline_error*)> read;
    std::vector<std::string> did;
};

Backend* backend = nullptr;

syncline_status did(const std::string& what) {
    backend->did.push_back(what);
    return SYNCLINE_OK;
}

std::string viewed(syncline_text text) {
    return std::string(toView(text));
}

const syncline_storage_backend kBackend = {
    sizeof(syncline_storage_backend),
    [](void*, syncline_append* appends, std::size_t count, syncline_error* error) {
        return backend->commit(appends, count, error);
    },
    [](void*, syncline_text channel, const syncline_reader* reader, syncline_error* error) {
        did("load " + viewed(channel));
        return backend->read(reader, error);
    },
    [](void*, syncline_text, std::uint64_t first, std::uint64_t last, const syncline_reader* reader,
       syncline_error* error) {
        did("read_log " + std::to_string(first) + ".." + std::to_string(last));
        return backend->read(reader, error);
    },
    [](void*, const syncline_checkpoint* written, syncline_error*) {
        return did("checkpoint " + viewed(written->channel) + " " + viewed(written->head) + " " +
                   std::to_string(written->index) + " " + viewed(written->records[1].name) + "=" +
                   viewed(written->records[1].body) + " " + std::to_string(written->stream_count));
    },
    [](void*, syncline_text channel, std::uint64_t below, syncline_error*) {
        return did("trim " + viewed(channel) + " " + std::to_string(below));
    },
    [](void*, const syncline_reader* reader, syncline_error* error) {
        return backend->read(reader, error);
    },
    [](void*, syncline_text channel, syncline_error*) { return did("drop " + viewed(channel)); },
    [](void*, syncline_text, syncline_error* error) {
        std::strcpy(error->reason, "cannot");
        return syncline_status{SYNCLINE_FAILED};
    },
    [](void*) { return 1; }};
const syncline_component kComponent = componentOf(SYNCLINE_STORAGE_BACKEND, kBackend);

class StorageAdapterTest : public testing::Test {
protected:
    StorageAdapterTest() { backend = &scripted; }

    static std::vector<channel::Append> twoAppends() {
        std::vector<channel::Append> appends(2);
        appends[0] = {"a", "e1", 4, {{5, 3, 100, "x"}, {6, 0, 101, "y"}}, false};
        appends[1] = {"b", "e2", 0, {{1, 1, 102, "z"}}, true};
        return appends;
    }

    static void pourEntry(const syncline_reader* reader, std::uint64_t index,
                          std::int32_t goesOn = 1) {
        const syncline_entry entry = {sizeof entry, index, index, 5, toText("body")};
        EXPECT_EQ(reader->entry(reader, &entry), goesOn);
    }
    static void pourCheckpoint(const syncline_reader* reader, std::uint64_t index,
                               std::int32_t goesOn = 1) {
        syncline_checkpoint head = {};
        head.size = sizeof head;
        head.epoch = toText("e");
        head.index = index;
        EXPECT_EQ(reader->checkpoint(reader, &head), goesOn);
    }
    static void pourRecord(const syncline_reader* reader, std::int32_t goesOn = 1) {
        const syncline_stored_item item = {sizeof item, toText("k"), toText("v")};
        EXPECT_EQ(reader->record(reader, &item), goesOn);
    }

    using Pour = std::function<void(const syncline_reader*)>;
    void pours(Pour pour) {
        scripted.read = [pour = std::move(pour)](const syncline_reader* reader, syncline_error*) {
            pour(reader);
            return SYNCLINE_OK;
        };
    }

    World world;
    Script script;
    Backend scripted;
    Made made{world, script, kComponent};
    StorageAdapter adapter{made.started()};
};

TEST_F(StorageAdapterTest, CommitsAllAppendsAtOnce) {
    scripted.commit = [](syncline_append* appends, std::size_t count, syncline_error*) {
        EXPECT_EQ(count, 2U);
        EXPECT_EQ(viewed(appends[0].channel), "a");
        EXPECT_EQ(appends[0].expected_index, 4U);
        EXPECT_EQ(appends[0].entry_count, 2U);
        EXPECT_EQ(viewed(appends[0].entries[1].body), "y");
        EXPECT_EQ(appends[0].entries[1].index, 6U);
        EXPECT_EQ(viewed(appends[1].entries[0].body), "z");
        EXPECT_EQ(appends[1].committed, 0U);
        appends[0].committed = 1;
        return SYNCLINE_OK;
    };
    auto appends = twoAppends();
    core::Error error;
    EXPECT_EQ(adapter.commit(appends, error), CommitStatus::done);
    EXPECT_TRUE(appends[0].committed);
    EXPECT_FALSE(appends[1].committed);
}

TEST_F(StorageAdapterTest, CountsNothingAsCommittedUnlessAllWentWell) {
    const std::pair<syncline_status, CommitStatus> cases[] = {
        {SYNCLINE_FAILED, CommitStatus::failed},
        {SYNCLINE_UNKNOWN, CommitStatus::unknown},
        {99, CommitStatus::unknown},
    };
    for (const auto& [status, expected] : cases) {
        scripted.commit = [status = status](syncline_append* appends, std::size_t,
                                            syncline_error* error) {
            appends[0].committed = 1;
            std::strcpy(error->reason, "disk full");
            return status;
        };
        auto appends = twoAppends();
        core::Error error;
        EXPECT_EQ(adapter.commit(appends, error), expected);
        EXPECT_FALSE(appends[0].committed);
        EXPECT_EQ(error.code, core::Code::storageUnavailable);
        EXPECT_EQ(error.reason, "scripted: disk full");
    }
    EXPECT_EQ(made.instance.conduct().misbehaviours(), 1U);
}

TEST_F(StorageAdapterTest, DoesNotKnowWhatAThrowingCommitDid) {
    scripted.commit = [](syncline_append*, std::size_t, syncline_error*) -> syncline_status {
        throw 1;
    };
    auto appends = twoAppends();
    core::Error error;
    EXPECT_EQ(adapter.commit(appends, error), CommitStatus::unknown);
}

TEST_F(StorageAdapterTest, LoadsAChannel) {
    pours([](const syncline_reader* reader) {
        pourCheckpoint(reader, 4);
        pourRecord(reader);
        const syncline_stored_item stream = {sizeof stream, toText("s"), toText("1")};
        EXPECT_EQ(reader->stream(reader, &stream), 1);
        pourEntry(reader, 5);
        pourEntry(reader, 6);
    });
    const auto loaded = adapter.load("a");
    ASSERT_TRUE(loaded);
    EXPECT_EQ(loaded->checkpoint->epoch, "e");
    EXPECT_EQ(loaded->checkpoint->records[0].name, "k");
    EXPECT_EQ(loaded->checkpoint->streams[0].body, "1");
    EXPECT_EQ(loaded->entries.size(), 2U);
    EXPECT_EQ(loaded->entries[1].body, "body");
    EXPECT_EQ(scripted.did[0], "load a");
}

TEST_F(StorageAdapterTest, TakesAChannelThatPoursNothingForAnEmptyOne) {
    pours([](const syncline_reader*) {});
    const auto loaded = adapter.load("a");
    ASSERT_TRUE(loaded);
    EXPECT_FALSE(loaded->checkpoint);
    EXPECT_TRUE(loaded->entries.empty());
}

TEST_F(StorageAdapterTest, RefusesWhatIsPouredOutOfOrderAndStopsTheReading) {
    const Pour cases[] = {
        [](const auto* r) { pourRecord(r, 0); },
        [](const auto* r) {
            pourEntry(r, 1);
            pourCheckpoint(r, 1, 0);
        },
        [](const auto* r) {
            pourCheckpoint(r, 1);
            pourCheckpoint(r, 2, 0);
        },
        [](const auto* r) {
            pourCheckpoint(r, 4);
            pourEntry(r, 6, 0);
        },
        [](const auto* r) {
            pourEntry(r, 1);
            pourEntry(r, 3, 0);
            pourEntry(r, 2, 0);
        },
        [](const auto* r) {
            pourCheckpoint(r, 4);
            pourEntry(r, 5);
            pourRecord(r, 0);
        },
        [](const auto* r) { EXPECT_EQ(r->channel(r, toText("a")), 0); },
        [](const auto* r) { EXPECT_EQ(r->entry(r, nullptr), 0); },
        [](const auto* r) { EXPECT_EQ(r->checkpoint(r, nullptr), 0); },
    };
    std::uint64_t misbehaviours = 0;
    for (const Pour& pour : cases) {
        pours(pour);
        const auto loaded = adapter.load("a");
        ASSERT_FALSE(loaded) << misbehaviours;
        EXPECT_EQ(loaded.error().code, core::Code::storageUnavailable);
        EXPECT_EQ(made.instance.conduct().misbehaviours(), ++misbehaviours);
    }
}

TEST_F(StorageAdapterTest, ReadsALogWithHolesWhereNoSeqWasTaken) {
    pours([](const syncline_reader* reader) {
        pourEntry(reader, 3);
        pourEntry(reader, 7);
    });
    const auto entries = adapter.readLog("a", 2, 9);
    ASSERT_TRUE(entries);
    EXPECT_EQ(entries->size(), 2U);
    EXPECT_EQ(scripted.did[0], "read_log 2..9");
    pours([](const syncline_reader* reader) {
        pourEntry(reader, 3);
        pourEntry(reader, 3, 0);
    });
    EXPECT_FALSE(adapter.readLog("a", 2, 9));
    pours([](const syncline_reader* reader) { pourCheckpoint(reader, 1, 0); });
    EXPECT_FALSE(adapter.readLog("a", 2, 9));
}

TEST_F(StorageAdapterTest, ListsChannels) {
    pours([](const syncline_reader* reader) {
        EXPECT_EQ(reader->channel(reader, toText("a")), 1);
        EXPECT_EQ(reader->channel(reader, toText("b")), 1);
    });
    EXPECT_EQ(*adapter.list(), (std::vector<std::string>{"a", "b"}));
    pours([](const syncline_reader* reader) { pourEntry(reader, 1, 0); });
    EXPECT_FALSE(adapter.list());
}

TEST_F(StorageAdapterTest, PassesOnWhyReadingFailed) {
    scripted.read = [](const syncline_reader* reader, syncline_error* error) {
        pourEntry(reader, 1);
        std::strcpy(error->reason, "corrupt page");
        return SYNCLINE_FAILED;
    };
    EXPECT_EQ(adapter.load("a").error().reason, "scripted: corrupt page");
    EXPECT_EQ(adapter.readLog("a", 1, 2).error().code, core::Code::storageUnavailable);
}

TEST_F(StorageAdapterTest, PassesOnTheRest) {
    channel::Checkpoint checkpoint{"a", "e", 7, 5, "head", {{"k", "1"}, {"l", "2"}}, {}};
    EXPECT_TRUE(adapter.checkpoint(checkpoint));
    EXPECT_TRUE(adapter.trim("a", 6));
    EXPECT_TRUE(adapter.drop("a"));
    EXPECT_EQ(adapter.backup("/x").error().reason, "scripted: cannot");
    EXPECT_TRUE(adapter.wasClean());
    EXPECT_EQ(scripted.did,
              (std::vector<std::string>{"checkpoint a head 7 l=2 0", "trim a 6", "drop a"}));
}

}  // namespace
}  // namespace syncline::bridge::tests
