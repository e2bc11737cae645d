// SPDX-License-Identifier: Apache-2.0
#include "syncline/testing/instance.h"

#include <utility>

namespace syncline::conformance {

Instance::Instance(const syncline_component& component,
                   std::optional<std::set<std::string>> offered)
    : component_(component), host_(std::make_unique<MockHost>(std::move(offered))) {}

Instance::~Instance() {
    destroy();
}

Answer Instance::create() {
    Answer answer = answerOf(
        [&](syncline_error* error) { return component_.create(host_->handle(), &self_, error); });
    made_ = answer.ok();
    return answer;
}

Answer Instance::validate(const Json& config) {
    if (component_.validate == nullptr) return {};
    Loan& loan = host_->vault().lend(config, "the configuration");
    Answer answer = answerOf(
        [&](syncline_error* error) { return component_.validate(self_, loan.value(), error); });
    loan.end();
    return answer;
}

Answer Instance::start() {
    Answer answer;
    if (component_.start != nullptr) {
        answer = answerOf([&](syncline_error* error) { return component_.start(self_, error); });
    }
    started_ = answer.ok();
    return answer;
}

Answer Instance::openShard(std::uint32_t index) {
    void* shard = nullptr;
    Answer answer;
    if (component_.shard_open != nullptr) {
        answer = answerOf([&](syncline_error* error) {
            return component_.shard_open(self_, index, &shard, error);
        });
    }
    if (answer.ok()) shards_.push_back(shard);
    return answer;
}

void Instance::closeShards() {
    for (void* shard : std::exchange(shards_, {})) {
        if (component_.shard_close != nullptr) component_.shard_close(self_, shard);
    }
}

void Instance::drain() {
    started_ = false;
    if (component_.drain != nullptr) component_.drain(self_);
}

void Instance::destroy() {
    if (!std::exchange(made_, false)) return;
    closeShards();
    started_ = false;
    component_.destroy(self_);
    host_->forgetComponent();
}

Answer Instance::live(const Json& config, std::uint32_t shards) {
    Answer answer = create();
    if (answer.ok()) answer = validate(config);
    if (answer.ok()) answer = start();
    for (std::uint32_t i = 0; answer.ok() && i < shards; ++i) answer = openShard(i);
    return answer;
}

void Instance::end() {
    closeShards();
    if (started_) drain();
    destroy();
}

}  // namespace syncline::conformance
