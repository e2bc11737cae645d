// SPDX-License-Identifier: Apache-2.0
#include "fake_host.h"

#include <cstring>
#include <deque>
#include <string_view>

namespace syncline::test {
namespace {

using Scalar = Config::mapped_type;

/// What a `syncline_value*` points to here: tagged, since the object and its members differ.
struct Node {
    const Config* object = nullptr;
    const Scalar* scalar = nullptr;
};

// Nodes are made as they are asked for and live for the rest of the test program.
const syncline_value* keep(Node node) {
    static std::deque<Node> nodes;
    return reinterpret_cast<const syncline_value*>(&nodes.emplace_back(node));
}

const Node& nodeOf(const syncline_value* value) {
    return *reinterpret_cast<const Node*>(value);
}

syncline_type typeOf(const syncline_value* value) {
    const Node& node = nodeOf(value);
    if (node.object != nullptr) return SYNCLINE_OBJECT;
    return std::holds_alternative<double>(*node.scalar) ? SYNCLINE_NUMBER : SYNCLINE_STRING;
}

double numberOf(const syncline_value* value) {
    const Node& node = nodeOf(value);
    const auto* number = node.scalar == nullptr ? nullptr : std::get_if<double>(node.scalar);
    return number == nullptr ? 0 : *number;
}

syncline_text stringOf(const syncline_value* value) {
    const Node& node = nodeOf(value);
    const auto* text = node.scalar == nullptr ? nullptr : std::get_if<std::string>(node.scalar);
    return text == nullptr ? syncline_text{nullptr, 0} : syncline_text{text->data(), text->size()};
}

const syncline_value* memberOf(const syncline_value* value, syncline_text name) {
    const Node& node = nodeOf(value);
    if (node.object == nullptr) return nullptr;
    const auto found = node.object->find(std::string(name.data, name.size));
    return found == node.object->end() ? nullptr : keep({nullptr, &found->second});
}

FakeHost& self(const syncline_host* host) {
    return *static_cast<FakeHost*>(host->context);
}

}  // namespace

struct FakeTables {
    static void write(const syncline_host* host, std::int32_t, syncline_text line) {
        const std::lock_guard lock(self(host).mutex_);
        self(host).lines_.emplace_back(line.data, line.size);
    }
    static std::int32_t enabled(const syncline_host*, std::int32_t) { return 1; }
    static void report(const syncline_host* host, std::int32_t well, syncline_text reason) {
        self(host).report(well != 0,
                          std::string(reason.data == nullptr ? "" : reason.data, reason.size));
    }

    static const void* find(const syncline_host*, const char* id) {
        static constexpr syncline_value_table values = {sizeof(syncline_value_table),
                                                        0,
                                                        &typeOf,
                                                        nullptr,
                                                        &numberOf,
                                                        &stringOf,
                                                        nullptr,
                                                        &memberOf,
                                                        nullptr,
                                                        nullptr,
                                                        nullptr};
        static constexpr syncline_log_table log = {sizeof(syncline_log_table), 0, &write, &enabled};
        static constexpr syncline_health_table health = {sizeof(syncline_health_table), 0, &report};
        if (std::strcmp(id, SYNCLINE_VALUE_TABLE) == 0) return &values;
        if (std::strcmp(id, SYNCLINE_LOG_TABLE) == 0) return &log;
        if (std::strcmp(id, SYNCLINE_HEALTH_TABLE) == 0) return &health;
        return nullptr;
    }
};

FakeHost::FakeHost()
    : host_{sizeof(syncline_host), SYNCLINE_ABI_MAJOR, SYNCLINE_ABI_MINOR, this,
            &FakeTables::find} {}

void FakeHost::report(bool well, std::string reason) {
    {
        const std::lock_guard lock(mutex_);
        well_ = well;
        reason_ = std::move(reason);
    }
    reported_.notify_all();
}

std::string FakeHost::awaitHealth(bool well) {
    std::unique_lock lock(mutex_);
    reported_.wait(lock, [&] { return well_ == well; });
    return reason_;
}

std::vector<std::string> FakeHost::lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
}

const syncline_value* asValue(const Config& config) {
    return keep({&config, nullptr});
}

}  // namespace syncline::test
