// SPDX-License-Identifier: Apache-2.0
// The part of World that carries requests, and their answers.
#include <utility>

#include "json/parse.h"
#include "json/write.h"
#include "simulation/members.h"
#include "simulation/world.h"

namespace syncline::simulation {

namespace {

constexpr unsigned kLostPercent = 10;

json::Value parsedAll(const std::vector<std::string>& texts) {
    json::Value all = json::Value::array();
    for (const std::string& text : texts)
        if (auto parsed = json::parse(text)) all.push(std::move(*parsed));
    return all;
}

}  // namespace

std::uint64_t World::post(std::size_t client, json::Value request) {
    const std::uint64_t number = ++lastLink_;
    trace("c" + std::to_string(client) + "> POST " + json::toText(request));
    auto made = std::make_unique<Post>();
    made->number = number;
    made->client = client;
    made->shard = number % Server::kShards;
    made->stream = clients_[client]->stream();
    made->request = std::move(request);
    posts_.emplace(number, std::move(made));
    schedule_.in(50 + static_cast<std::int64_t>(network_.below(1'500)),
                 [this, number] { arrivePost(number); });
    return number;
}

Post* World::postOf(std::uint64_t number) {
    const auto found = posts_.find(number);
    return found == posts_.end() ? nullptr : found->second.get();
}

void World::arrivePost(std::uint64_t number) {
    Post* post = postOf(number);
    if (post == nullptr) return;
    if (!server_ || (!healing_ && network_.chance(kLostPercent))) return losePost(number);
    gateway::RequestPlan plan;
    plan.transport = "post";
    plan.client = textOf(post->request, "client");
    for (const json::Value& message : post->request.find("messages")->elements()) {
        noteTaken(post->stream, message);
        plan.messages.push_back(std::move(*wire::messageFrom(message.clone())));
    }
    plan.cursors = post->request.find("cursors")->clone();
    post->session = server_->exchange(
        post->shard, plan, clients_[post->client]->user(),
        [this, number](gateway::RequestOutcome outcome) { onOutcome(number, outcome); });
    server_->wake(post->shard);
}

// It has said all: what it says is on its way, and it goes a little later.
void World::onOutcome(std::uint64_t number, gateway::RequestOutcome& outcome) {
    Post* post = postOf(number);
    if (post == nullptr) return;
    post->answer = json::Value::object();
    post->answer.set("replies", parsedAll(outcome.replies));
    post->answer.set("updates", parsedAll(outcome.updates));
    post->answer.set("more", outcome.more);
    post->answered = !outcome.refused;
    for (const char* part : {"replies", "updates"})
        for (const json::Value& message : post->answer.find(part)->elements())
            checkTold(&post->stream, message);
    if (tracing_)
        trace("c" + std::to_string(post->client) + "< POST " + json::toText(post->answer));
    const bool lost = !post->answered || (!healing_ && network_.chance(kLostPercent));
    schedule_.in(50 + static_cast<std::int64_t>(network_.below(1'500)), [this, number, lost] {
        if (lost) return losePost(number);
        auto ended = takePost(number);
        if (ended) clients_[ended->client]->onExchanged(number, ended->answer);
    });
}

std::unique_ptr<Post> World::takePost(std::uint64_t number) {
    const auto found = posts_.find(number);
    if (found == posts_.end()) return nullptr;
    std::unique_ptr<Post> post = std::move(found->second);
    posts_.erase(found);
    if (server_) server_->enter(post->shard);
    post->session.reset();
    if (server_) server_->wake(post->shard);
    return post;
}

void World::losePost(std::uint64_t number) {
    const std::unique_ptr<Post> post = takePost(number);
    if (!post) return;
    trace("the POST of client " + std::to_string(post->client) + " fails");
    schedule_.in(network_.between(100, 60'000), [this, number, client = post->client] {
        clients_[client]->onNotExchanged(number);
    });
}

}  // namespace syncline::simulation
