// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"

namespace syncline::test {

/// The C side of a host, as small as tests of the wrapper need it: JSON by host/json, everything
/// that a plugin does written down. One thread.
class MockHost {
public:
    /// Tables in `without` are not offered.
    explicit MockHost(std::set<std::string> without = {});
    MockHost(const MockHost&) = delete;
    MockHost& operator=(const MockHost&) = delete;

    const syncline_host* handle() const { return &host_; }
    const syncline_value_table* values() const;
    const syncline_builder_table* builders() const;

    /// The value of this JSON text, alive as long as the host.
    const syncline_value* value(std::string_view json);

    struct Reply {
        syncline_call call;
        std::string type;
        std::string body;  ///< JSON text; empty when there was none
    };

    json::Value message;
    json::Value principal;
    bool hasSession = true;
    syncline_error answer = {};            ///< what auth, session and channel fail with
    syncline_status status = SYNCLINE_OK;  ///< what they answer
    std::vector<Reply> replies;
    std::vector<syncline_error> failures;
    std::vector<syncline_outcome> completions;
    std::vector<std::string> lines;  ///< of the log, with their level: "4 text"
    std::vector<std::string> asked;  ///< of auth, session and channel
    std::map<std::string, std::uint64_t> counters;
    std::vector<std::string> health;
    int buildersAlive = 0;

private:
    syncline_host host_;
    std::set<std::string> without_;
    std::vector<std::unique_ptr<json::Value>> values_;
};

}  // namespace syncline::test
