// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <syncline/plugin.hpp>
#include <vector>

#include "address_group.h"
#include "bucket_table.h"
#include "limit.h"
#include "shared_buckets.h"

namespace {

using syncline::Call;
using syncline::Message;
using syncline::Outcome;
using syncline::Value;
using syncline::rate_limit::addressGroup;
using syncline::rate_limit::BucketTable;
using syncline::rate_limit::Limit;
using syncline::rate_limit::SharedBuckets;

constexpr std::uint32_t kRateLimited = 1401;
constexpr std::int64_t kMsNs = 1'000'000;
/// A day: longer waits are cut, a client may ask again then.
constexpr std::int64_t kRetryAfterMsMax = 86'400'000;

/// The buckets of the connections of one shard: each connection lives on one shard for life.
struct Connections final : syncline::ShardState {
    Connections(const Limit& limit, std::size_t bucketsMax) : table(limit, bucketsMax) {}
    BucketTable table;
};

/// What one kind of name may do.
struct Dimension {
    const char* key;     ///< in the configuration
    const char* reason;  ///< for who is over it
    std::optional<Limit> limit;
    std::unique_ptr<SharedBuckets> buckets;  ///< none for connections
    syncline::Counter refused;
};

enum : std::size_t { kConnection, kUser, kAddress, kChannel, kDimensions };

/// Refuses with 1401 what comes faster than a connection, a user, an address or a channel may. A
/// message has to pass all limits, and one that does not pass takes nothing from any.
class RateLimit final : public syncline::MessageHandler {
public:
    void configure(const Value& config) override {
        bucketsMax_ = static_cast<std::size_t>(config["buckets_max"].integer(100'000));
        std::int64_t burstMin = std::numeric_limits<std::int64_t>::max();
        for (Dimension& dimension : dimensions_) {
            readLimit(config[dimension.key], dimension);
            if (dimension.limit) burstMin = std::min(burstMin, dimension.limit->burst);
        }
        for (const auto [type, cost] : config["costs"].members()) {
            if (cost.integer() > burstMin) {
                throw syncline::ConfigError("/costs/" + std::string(type),
                                            "costs more than a full bucket holds: it would never "
                                            "pass");
            }
            costs_.emplace(type, cost.integer());
        }
        for (const Value role : config["exempt_roles"]) exempt_.emplace_back(role.string());
    }

    void start() override {
        for (Dimension& dimension : dimensions_) {
            if (!dimension.limit) continue;
            const std::string name = "refused_" + std::string(dimension.key);
            dimension.refused = metrics().counter(name.c_str(), dimension.reason);
        }
    }

    std::unique_ptr<syncline::ShardState> openShard(std::uint32_t /*index*/) override {
        const auto& limit = dimensions_[kConnection].limit;
        return std::make_unique<Connections>(limit.value_or(Limit()), bucketsMax_);
    }

    Outcome onMessage(const Message& message, Call& call) override {
        const Value principal = message.principal();
        if (isExempt(principal)) return Outcome::proceed;
        BucketTable& connections = call.shard<Connections>().table;
        const std::uint64_t connection = dimensions_[kConnection].limit ? message.connection() : 0;
        const std::string address =
            dimensions_[kAddress].limit ? addressGroup(message.address()) : std::string();
        std::array<std::string_view, kDimensions> names;
        if (connection != 0) {
            names[kConnection] = {reinterpret_cast<const char*>(&connection), sizeof connection};
        }
        if (dimensions_[kUser].limit) names[kUser] = principal["user"].string();
        names[kAddress] = address;
        if (dimensions_[kChannel].limit) names[kChannel] = message.channel();
        return takeAll(names, costOf(message.type()), connections, call);
    }

private:
    void readLimit(const Value& written, Dimension& dimension) const {
        if (!written) return;
        const bool detailed = written.isObject();
        const std::string_view rate = detailed ? written["rate"].string() : written.string();
        const Limit limit = Limit::of(rate, written["burst"].integer());
        if (limit.burst == 0) {
            throw syncline::ConfigError(std::string("/") + dimension.key,
                                        "from 1 to 1000000000 a second, and a burst that comes "
                                        "back within a year, is due");
        }
        dimension.limit = limit;
        if (&dimension != &dimensions_[kConnection]) {
            dimension.buckets = std::make_unique<SharedBuckets>(limit, bucketsMax_);
        }
    }

    /// From every bucket that has a name, or from none.
    Outcome takeAll(const std::array<std::string_view, kDimensions>& names, std::int64_t cost,
                    BucketTable& connections, Call& call) const {
        const std::int64_t nowNs = clock().steadyMs() * kMsNs;
        for (std::size_t i = 0; i < kDimensions; ++i) {
            if (names[i].empty()) continue;
            const std::int64_t waitNs = i == kConnection
                                            ? connections.take(names[i], cost, nowNs)
                                            : dimensions_[i].buckets->take(names[i], cost, nowNs);
            if (waitNs == 0) continue;
            dimensions_[i].refused.add();
            const char* reason = dimensions_[i].reason;
            while (i-- > 0) giveBack(i, names[i], cost, connections);
            const auto waitMs = static_cast<std::uint32_t>(
                std::min<std::int64_t>((waitNs + kMsNs - 1) / kMsNs, kRetryAfterMsMax));
            return call.refuse(syncline::Refusal(kRateLimited, reason).retryAfter(waitMs));
        }
        return Outcome::proceed;
    }

    void giveBack(std::size_t dimension, std::string_view name, std::int64_t cost,
                  BucketTable& connections) const {
        if (name.empty()) return;
        if (dimension == kConnection) return connections.giveBack(name, cost);
        dimensions_[dimension].buckets->giveBack(name, cost);
    }

    bool isExempt(const Value& principal) const {
        if (exempt_.empty()) return false;
        for (const Value role : principal["roles"]) {
            const auto named = std::find(exempt_.begin(), exempt_.end(), role.string());
            if (named != exempt_.end()) return true;
        }
        return false;
    }

    std::int64_t costOf(std::string_view type) const {
        if (costs_.empty()) return 1;
        const auto found = costs_.find(type);
        return found == costs_.end() ? 1 : found->second;
    }

    std::array<Dimension, kDimensions> dimensions_ = {
        {{"per_connection", "this connection sends too much", {}, {}, {}},
         {"per_user", "this user sends too much", {}, {}, {}},
         {"per_address", "too much comes from this address", {}, {}, {}},
         {"per_channel", "too much is sent to this channel", {}, {}, {}}}};
    std::map<std::string, std::int64_t, std::less<>> costs_;
    std::vector<std::string> exempt_;
    std::size_t bucketsMax_ = 0;
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.rate_limit", "1.0.0",
                syncline::handler<RateLimit>("rate_limit")
                    .filter()
                    .needs("draft.call/1.1")
                    .needs(SYNCLINE_CLOCK_TABLE)
                    .uses(SYNCLINE_METRICS_TABLE)
                    .describes("Refuses what comes faster than a connection, user, address or "
                               "channel may."))
