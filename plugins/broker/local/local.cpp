// SPDX-License-Identifier: Apache-2.0
#include <cstdint>
#include <string_view>
#include <syncline/plugin.hpp>

namespace {

/// For a server of one node: there is nobody to tell, so it counts what it would have said.
class Local final : public syncline::Broker {
public:
    void configure(const syncline::Value&) override {
        announcements_ = metrics().counter("announcements", "Commits that a broker was told of.");
        interests_ = metrics().counter("interests", "Channels that this node took an interest in.");
    }

    void announce(std::string_view, std::string_view, std::uint64_t,
                  syncline::ShardState*) override {
        announcements_.add();
    }

    void interest(std::string_view, bool wanted, syncline::ShardState*) override {
        if (wanted) interests_.add();
    }

private:
    syncline::Counter announcements_;
    syncline::Counter interests_;
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.local", "1.0.0",
                syncline::broker<Local>("local")
                    .uses(SYNCLINE_METRICS_TABLE)
                    .describes("For a server of one node: tells nobody."))
