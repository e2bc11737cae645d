// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <ostream>
#include <vector>

#include "unit/plugins_conflict/room.h"

namespace syncline::tests {

/// Every shipped strategy, in a configuration that lets most ops have an effect.
inline std::vector<StrategyChoice> allStrategies() {
    return {
        {"server_order", PLUGIN_SERVER_ORDER, false},
        {"server_wins", PLUGIN_SERVER_WINS, false},
        {"client_wins", PLUGIN_CLIENT_WINS, false},
        {"lww_hlc", PLUGIN_LWW_HLC, true},
        {"three_way", PLUGIN_THREE_WAY, false, R"({"arrays":{"/l":"id"}})"},
        {"json_patch", PLUGIN_JSON_PATCH, true},
        {"counter", PLUGIN_COUNTER, true, R"({"min":-3,"max":9,"beyond":"clamp"})"},
        {"set", PLUGIN_SET, true},
        {"list", PLUGIN_LIST, true},
        {"list_in_order", PLUGIN_LIST, true, R"({"order":"v"})"},
        {"append_only", PLUGIN_APPEND_ONLY, true},
        {"max", PLUGIN_MAX, true, R"({"removal":"allow"})"},
        {"min", PLUGIN_MIN, true},
        {"state_machine", PLUGIN_STATE_MACHINE, true,
         R"({"transitions":{"t":["u"],"u":["v"],"v":[]},"removal":"allow"})", "/s"},
        {"delete_wins", PLUGIN_DELETE_WINS, false},
        {"edit_revives", PLUGIN_EDIT_REVIVES, false},
        manual(),
    };
}

inline void PrintTo(const StrategyChoice& choice, std::ostream* out) {
    *out << choice.name << " " << choice.config;
}

}  // namespace syncline::tests
