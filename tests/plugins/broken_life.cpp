// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <memory>
#include <stdexcept>
#include <string>
#include <syncline/plugin.hpp>

#include "wait_for_file.h"

namespace {

using namespace syncline;

/// Does nothing but live.
class Quiet : public MessageHandler {
public:
    Outcome onMessage(const Message&, Call&) override { return Outcome::proceed; }
};

class FailsInCreate final : public Quiet {
public:
    FailsInCreate() { throw std::runtime_error("create failed on purpose"); }
};

class FailsInConfigure final : public Quiet {
public:
    void configure(const Value&) override { throw ConfigError("/limit", "wrong on purpose"); }
};

class FailsInStart final : public Quiet {
public:
    void start() override { throw std::runtime_error("start failed on purpose"); }
};

class FailsInShardOpen final : public Quiet {
public:
    std::unique_ptr<ShardState> openShard(std::uint32_t index) override {
        if (index == 0) return nullptr;
        throw std::runtime_error("the second shard failed on purpose");
    }
};

class ThrowsInDrain final : public Quiet {
public:
    void drain() override { throw std::runtime_error("drain failed on purpose"); }
};

class SlowStart final : public Quiet {
public:
    void configure(const Value& config) override {
        until_ = config["until"].string();
        seconds_ = config["seconds"].number(30);
    }
    void start() override { test::waitForFile(until_, seconds_, never_); }

private:
    std::string until_;
    double seconds_ = 0;
    std::atomic<bool> never_ = false;
};

}  // namespace

SYNCLINE_PLUGIN("test.broken_life", "1.0.0", handler<FailsInCreate>("fails_in_create"),
                handler<FailsInConfigure>("fails_in_configure"),
                handler<FailsInStart>("fails_in_start"),
                handler<FailsInShardOpen>("fails_in_shard_open"),
                handler<ThrowsInDrain>("throws_in_drain"), handler<SlowStart>("slow_start"))
