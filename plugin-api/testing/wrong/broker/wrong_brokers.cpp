// SPDX-License-Identifier: Apache-2.0
// Brokers, each wrong in one thing that the suite has to find, and the right one.
#include <cstdint>
#include <fstream>
#include <memory>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <syncline/plugin.hpp>
#include <utility>
#include <vector>

namespace syncline::wrong {
namespace {

/// Tells nobody, and knows what it would hear about.
class RightBroker : public Broker {
public:
    void announce(std::string_view channel, std::string_view, std::uint64_t seq,
                  ShardState*) override {
        const std::lock_guard lock(mutex_);
        announced(channel, seq);
    }
    void interest(std::string_view channel, bool wanted, ShardState*) override {
        const std::lock_guard lock(mutex_);
        wanted ? add(channel) : remove(channel);
    }

protected:
    // What the wrong ones do in another way.
    virtual void announced(std::string_view, std::uint64_t) {}
    virtual void add(std::string_view channel) { wanted_.emplace(channel); }
    virtual void remove(std::string_view channel) { wanted_.erase(std::string(channel)); }

private:
    std::mutex mutex_;
    std::set<std::string> wanted_;
};

/// Makes something of the name that not every name is good for.
class ThrowsAtOddNames final : public RightBroker {
    void announced(std::string_view channel, std::uint64_t) override {
        if (channel.find(' ') != std::string_view::npos) throw std::runtime_error("a bad subject");
    }
};

/// Writes into the log what it was told before, which was only lent.
class KeepsAName final : public RightBroker {
    void announced(std::string_view channel, std::uint64_t) override {
        if (!before_.empty()) log().info(before_);
        before_ = channel;
    }
    std::string_view before_;
};

/// Queues for a peer that is not there, without a limit.
class QueuesEverything final : public RightBroker {
    void announced(std::string_view channel, std::uint64_t seq) override {
        queue_.emplace_back(channel, seq);
    }
    std::vector<std::pair<std::string, std::uint64_t>> queue_;
};

/// Goes on hearing about channels that nobody wants any more.
class NeverForgets final : public RightBroker {
    void remove(std::string_view) override {}
};

/// Uses what it gave up when it was drained.
class FailsOnceDrained final : public RightBroker {
public:
    void start() override { connection_ = std::make_unique<int>(0); }
    void drain() override { connection_.reset(); }

private:
    void announced(std::string_view, std::uint64_t) override {
        if (connection_ == nullptr) throw std::runtime_error("not connected");
    }
    std::unique_ptr<int> connection_;
};

/// Reads a file where only the configuration may be read.
class ReadsTooEarly final : public RightBroker {
    void configure(const Value&) override { std::ifstream("/etc/hostname").get(); }
};

}  // namespace
}  // namespace syncline::wrong

using namespace syncline;
using namespace syncline::wrong;

SYNCLINE_PLUGIN("dev.syncline.wrong.broker", "1.0.0", broker<RightBroker>("right"),
                broker<ThrowsAtOddNames>("throws_at_odd_names"),
                broker<KeepsAName>("keeps_a_name").uses(SYNCLINE_LOG_TABLE),
                broker<QueuesEverything>("queues_everything"),
                broker<NeverForgets>("never_forgets"),
                broker<FailsOnceDrained>("fails_once_drained"),
                broker<ReadsTooEarly>("reads_too_early"))
