// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>
#include <spdlog/sinks/null_sink.h>

#include <memory>
#include <string>
#include <vector>

#include "broadcast/topic_index.h"
#include "channel/directory.h"
#include "channel/directory_settings.h"
#include "core/ids.h"
#include "json/parse.h"
#include "json/value.h"
#include "json/write.h"
#include "support/fake_shard.h"
#include "support/fake_storage.h"

namespace syncline::tests {

inline json::Value parsed(std::string_view text) {
    core::Result<json::Value> value = json::parse(text);
    if (!value) {
        ADD_FAILURE() << text << ": " << value.error().reason;
        return {};
    }
    return std::move(*value);
}

/// A member as text; empty when there is none.
inline std::string member(std::string_view text, std::string_view name) {
    const json::Value value = parsed(text);
    const json::Value* found = value.find(name);
    if (found == nullptr) return {};
    return found->isString() ? std::string(found->asString()) : json::toText(*found);
}

/// Bytes that look random and are the same in every run.
class CountingRandom final : public core::Random {
public:
    void fill(unsigned char* bytes, std::size_t size) override {
        for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<unsigned char>(++count_ * 37);
    }

private:
    unsigned count_ = 0;
};

/// The text of every WebSocket frame in a row of them.
inline std::vector<std::string> unframed(std::string_view frames) {
    std::vector<std::string> texts;
    while (!frames.empty()) {
        std::size_t head = 2;
        std::uint64_t size = static_cast<unsigned char>(frames[1]);
        const std::size_t extra = size == 126 ? 2 : size == 127 ? 8 : 0;
        if (extra != 0) {
            size = 0;
            for (std::size_t i = 0; i < extra; ++i)
                size = size << 8 | static_cast<unsigned char>(frames[2 + i]);
            head += extra;
        }
        texts.emplace_back(frames.substr(head, size));
        frames.remove_prefix(head + size);
    }
    return texts;
}

/// The channel layer on shards that the test drives, over a storage that outlives it.
class World {
public:
    explicit World(std::size_t shardCount = 1) : shardCount_(shardCount) {
        makeShards();
        settings.storages = {{"main", &storage}};
        settings.channels.push_back({"*", "main"});
        settings.clock = &clock;
        settings.random = &random;
        settings.log = std::make_shared<spdlog::logger>(
            "test", std::make_shared<spdlog::sinks::null_sink_mt>());
        settings.threads = false;
    }

    ~World() { crash(); }

    channel::Directory& directory() {
        if (!directory_) directory_ = std::make_unique<channel::Directory>(settings);
        return *directory_;
    }

    /// The process ends without a word; what is in the storage stays.
    void crash() {
        directory_.reset();
        makeShards();
    }

    /// Runs until nothing is left to do.
    void settle() {
        while (true) {
            bool ran = false;
            for (auto& shard : shards)
                while (shard->tick()) ran = true;
            if (!holdCommits && directory_ && directory_->runBackground()) ran = true;
            if (!ran) return;
        }
    }

    FakeShard& shard(std::size_t index = 0) { return *shards[index]; }

    FakeClock clock;
    CountingRandom random;
    FakeStorage storage;
    std::vector<std::unique_ptr<FakeShard>> shards;
    std::vector<std::unique_ptr<broadcast::TopicIndex>> topics;
    channel::DirectorySettings settings;
    bool holdCommits = false;  ///< nothing runs in the background

private:
    void makeShards() {
        shards.clear();
        topics.clear();
        settings.shards.clear();
        for (std::size_t i = 0; i < shardCount_; ++i) {
            shards.push_back(std::make_unique<FakeShard>(clock, i));
            topics.push_back(std::make_unique<broadcast::TopicIndex>());
            settings.shards.push_back({shards[i].get(), topics[i].get()});
        }
    }

    const std::size_t shardCount_;
    std::unique_ptr<channel::Directory> directory_;
};

/// A client that numbers its ops, and remembers what it was told.
class Client {
public:
    Client(World& world, std::string user, std::string channel = "room", std::size_t shard = 0)
        : world_(world), channel_(std::move(channel)), shard_(shard) {
        author = {user, user + "-secret-client-id", user + "-tag"};
    }

    /// Sends `{"n":…,` and the given members; answers the place of the reply in `replies`.
    std::size_t post(const std::string& members, std::uint64_t n = 0) {
        if (n == 0) n = ++lastN;
        const std::size_t place = replies.size();
        replies.emplace_back();
        world_.directory().submit(
            world_.shard(shard_), channel_,
            parsed(R"({"type":"op","n":)" + std::to_string(n) + "," + members + "}"), author,
            [this, place](std::string body) {
                EXPECT_TRUE(replies[place].empty()) << "answered twice";
                replies[place] = std::move(body);
            });
        return place;
    }

    /// An atomic batch of the members, `"ops":[…]` among them.
    std::size_t postBatch(const std::string& members, std::uint64_t n = 0) {
        if (n == 0) n = ++lastN;
        const std::size_t place = replies.size();
        replies.emplace_back();
        world_.directory().submitBatch(world_.shard(shard_), channel_,
                                       parsed(R"({"type":"batch","atomic":true,"n":)" +
                                              std::to_string(n) + "," + members + "}"),
                                       author, [this, place](std::string body) {
                                           EXPECT_TRUE(replies[place].empty()) << "answered twice";
                                           replies[place] = std::move(body);
                                       });
        return place;
    }

    /// Resolves a conflict: the members are those of the message, without its number.
    std::string resolve(const std::string& members, std::uint64_t n = 0) {
        if (n == 0) n = ++lastN;
        const std::size_t place = replies.size();
        replies.emplace_back();
        world_.directory().resolve(
            world_.shard(shard_), channel_,
            parsed(R"({"type":"resolve","n":)" + std::to_string(n) + "," + members + "}"), author,
            [this, place](std::string body) { replies[place] = std::move(body); });
        world_.settle();
        return replies[place];
    }

    std::string sendBatch(const std::string& members, std::uint64_t n = 0) {
        const std::size_t place = postBatch(members, n);
        world_.settle();
        return replies[place];
    }

    /// The same, and waits for the reply.
    std::string send(const std::string& members, std::uint64_t n = 0) {
        const std::size_t place = post(members, n);
        world_.settle();
        return replies[place];
    }

    std::string refuse(const std::string& members, core::Error error, std::uint64_t n) {
        std::string reply;
        world_.directory().refuse(world_.shard(shard_), channel_,
                                  parsed(R"({"n":)" + std::to_string(n) + "," + members + "}"),
                                  author, std::move(error),
                                  [&reply](std::string body) { reply = std::move(body); });
        world_.settle();
        return reply;
    }

    std::vector<std::string> snapshotBodies(
        std::optional<std::vector<std::string>> keys = std::nullopt) {
        std::vector<std::string> bodies;
        world_.directory().snapshot(
            world_.shard(shard_), channel_, {std::move(keys)}, author,
            [&bodies](std::vector<std::string> given) { bodies = std::move(given); });
        world_.settle();
        return bodies;
    }

    /// The value of a record as canonical text; empty when there is none.
    std::string value(const std::string& key) {
        const json::Value snapshot = parsed(snapshotBodies(std::vector{key}).at(0));
        const json::Value* records = snapshot.find("records");
        if (records == nullptr || records->empty()) return {};
        std::string text;
        json::writeCanonical(*(*records)[0].find("value"), text);
        return text;
    }

    /// The `updates` message with the log from a seq on.
    std::string history(std::uint64_t fromSeq, std::uint64_t opsMax, bool values = false) {
        std::vector<std::string> bodies;
        world_.directory().history(
            world_.shard(shard_), channel_, {fromSeq, opsMax, values},
            [&bodies](std::vector<std::string> given) { bodies = std::move(given); });
        world_.settle();
        return bodies.at(0);
    }

    /// The `statuses` messages about own numbers.
    std::vector<std::string> outcomes(std::vector<std::uint64_t> numbers) {
        std::vector<std::string> bodies;
        world_.directory().outcomes(
            world_.shard(shard_), channel_, std::move(numbers), author,
            [&bodies](std::vector<std::string> given) { bodies = std::move(given); });
        world_.settle();
        return bodies;
    }

    core::Result<channel::CatchUp> subscribe(std::optional<channel::Cursor> cursor = std::nullopt,
                                             std::size_t roomBytes = 1U << 20) {
        core::Result<channel::CatchUp> result = core::fail(core::Code::internal, "not answered");
        world_.directory().subscribe(
            world_.shard(shard_), {channel_, std::move(cursor), author, done, bornMs, roomBytes},
            [&result](core::Result<channel::CatchUp> answer) { result = std::move(answer); });
        world_.settle();
        return result;
    }

    channel::Author author;
    std::uint64_t lastN = 0;
    std::uint64_t done = 0;
    std::int64_t bornMs = 0;
    std::vector<std::string> replies;

private:
    World& world_;
    const std::string channel_;
    const std::size_t shard_;
};

/// Collects a topic's chunks.
class Listener final : public broadcast::Subscriber {
public:
    void deliver(const broadcast::Chunk& chunk) override {
        chunks.push_back(chunk);
        for (std::string& text : unframed(*chunk.frames)) updates.push_back(std::move(text));
    }

    std::vector<broadcast::Chunk> chunks;
    std::vector<std::string> updates;
    broadcast::TopicIndex::Membership membership;
};

inline std::string set(const std::string& key, const std::string& value,
                       const std::string& more = {}) {
    return R"("kind":"set","key":")" + key + R"(","value":)" + value + more;
}
inline std::string merge(const std::string& key, const std::string& value,
                         const std::string& more = {}) {
    return R"("kind":"merge","key":")" + key + R"(","value":)" + value + more;
}
inline std::string increment(const std::string& key, const std::string& path, int by,
                             const std::string& more = {}) {
    return R"("kind":"increment","key":")" + key + R"(","path":")" + path + R"(","by":)" +
           std::to_string(by) + more;
}
inline std::string remove(const std::string& key, const std::string& more = {}) {
    return R"("kind":"delete","key":")" + key + "\"" + more;
}
inline std::string base(std::uint64_t seq) {
    return ",\"base\":" + std::to_string(seq);
}

}  // namespace syncline::tests
