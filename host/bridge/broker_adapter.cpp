// SPDX-License-Identifier: Apache-2.0
#include "bridge/broker_adapter.h"

#include "bridge/entered.h"
#include "bridge/plugin_error.h"

namespace syncline::bridge {

void BrokerAdapter::announce(std::string_view channel, std::string_view epoch, std::uint64_t seq) {
    callPlugin(instance_, "announce", [&] {
        instance_.functions<syncline_broker>().announce(instance_.self(), shardState(),
                                                        toText(channel), toText(epoch), seq);
    });
}

void BrokerAdapter::interest(std::string_view channel, bool wanted) {
    callPlugin(instance_, "interest", [&] {
        instance_.functions<syncline_broker>().interest(instance_.self(), shardState(),
                                                        toText(channel), wanted ? 1 : 0);
    });
}

}  // namespace syncline::bridge
