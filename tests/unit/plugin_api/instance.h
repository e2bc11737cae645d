// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <string_view>
#include <syncline/plugin.hpp>

#include "unit/plugin_api/mock_host.h"

namespace syncline::test {

/// One instance of a component, driven as a host does it: through the C functions alone.
class Instance {
public:
    Instance(MockHost& host, const ComponentSpec& spec)
        : host_(host), component_(detail::describeComponent(spec)), error(detail::emptyError()) {
        created = component_.create(host.handle(), &self, &error);
    }
    ~Instance() {
        if (shard != nullptr) component_.shard_close(self, shard);
        if (created == SYNCLINE_OK) component_.destroy(self);
    }
    Instance(const Instance&) = delete;
    Instance& operator=(const Instance&) = delete;

    syncline_status validate(std::string_view config) {
        return component_.validate(self, host_.value(config), &error);
    }
    syncline_status start() { return component_.start(self, &error); }
    syncline_status openShard(std::uint32_t index) {
        return component_.shard_open(self, index, &shard, &error);
    }
    void drain() { component_.drain(self); }

    syncline_outcome message(syncline_call call = 7) {
        return functions<syncline_message_handler>().on_message(self, shard, call, &error);
    }
    syncline_outcome result(std::uint32_t tag, syncline_status status, std::string_view json = {}) {
        return functions<syncline_message_handler>().on_result(
            self, shard, 7, tag, status, json.empty() ? nullptr : host_.value(json), &error);
    }

    template <class Functions>
    const Functions& functions() const {
        return *static_cast<const Functions*>(component_.functions);
    }

private:
    MockHost& host_;
    syncline_component component_;

public:
    syncline_status created = SYNCLINE_FAILED;
    void* self = nullptr;
    void* shard = nullptr;
    syncline_error error;
};

}  // namespace syncline::test
