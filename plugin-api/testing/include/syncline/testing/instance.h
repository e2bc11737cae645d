// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "syncline/testing/mock_host.h"

namespace syncline::conformance {

/// What a function of a component answered.
struct Answer {
    syncline_status status = SYNCLINE_OK;
    std::uint32_t code = 0;
    std::string reason;
    std::string pointer;
    bool retry = false;
    bool ok() const { return status == SYNCLINE_OK; }
};

/// Calls `function(syncline_error*)` and reads what it says.
template <class Function>
Answer answerOf(Function&& function) {
    syncline_error error = {};
    error.size = sizeof error;
    const syncline_status status = function(&error);
    if (status == SYNCLINE_OK) return {};
    // Whoever fills them ends them; one that does not must not take this process with it.
    error.reason[sizeof error.reason - 1] = '\0';
    error.pointer[sizeof error.pointer - 1] = '\0';
    return {status, error.code, error.reason, error.pointer, error.retry != 0};
}

/// One life of a component, step by step, with a mock host of its own. Destroys it at the end,
/// wherever it got to. The thread that owns it stands for the control thread.
class Instance {
public:
    /// With all tables, or only these.
    explicit Instance(const syncline_component& component,
                      std::optional<std::set<std::string>> offered = std::nullopt);
    ~Instance();
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;

    Answer create();
    Answer validate(const Json& config);
    Answer start();
    Answer openShard(std::uint32_t index);
    void closeShards();
    void drain();
    void destroy();

    /// From create to open shards; the first failure ends it.
    Answer live(const Json& config, std::uint32_t shards = 1);
    /// Closed shards, drain if it was started, destroy.
    void end();

    MockHost& host() { return *host_; }
    void* self() const { return self_; }
    void* shard(std::uint32_t index) const { return shards_.at(index); }
    template <class Functions>
    const Functions& functions() const {
        return *static_cast<const Functions*>(component_.functions);
    }

private:
    const syncline_component& component_;
    std::unique_ptr<MockHost> host_;
    void* self_ = nullptr;
    bool made_ = false;
    bool started_ = false;
    std::vector<void*> shards_;
};

}  // namespace syncline::conformance
