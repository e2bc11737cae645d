// SPDX-License-Identifier: Apache-2.0
#include "channel/deliveries.h"

#include <utility>

#include "broadcast/topic_index.h"
#include "channel/member_text.h"
#include "channel/replies.h"
#include "wire/reply.h"

namespace syncline::channel {

namespace {

// The answer that whoever reads waits for; nullptr for all else.
BodiesAnswer* bodiesAnswerOf(Request& request) {
    if (auto* snapshot = std::get_if<SnapshotRequest>(&request.what)) return &snapshot->answer;
    if (auto* history = std::get_if<HistoryRequest>(&request.what)) return &history->answer;
    if (auto* outcomes = std::get_if<OutcomesRequest>(&request.what)) return &outcomes->answer;
    auto* presence = std::get_if<PresenceRequest>(&request.what);
    return presence != nullptr && presence->answer ? &presence->answer : nullptr;
}

}  // namespace

Deliveries::Deliveries(std::span<const ShardSeat> seats, std::size_t own,
                       std::size_t signalBytesMax)
    : seats_(seats), own_(own), waiting_(seats.size()) {
    for (std::size_t i = 0; i < seats.size(); ++i) signalRoom_.emplace_back(signalBytesMax);
}

void Deliveries::answer(std::size_t shard, Directory::Answer answer, std::string body) {
    add(shard, OpDelivery{std::move(answer), std::move(body)});
}

void Deliveries::answer(std::size_t shard, Directory::CatchUpAnswer answer,
                        core::Result<CatchUp> catchUp) {
    add(shard, JoinDelivery{std::move(answer), std::move(catchUp)});
}

void Deliveries::answer(std::size_t shard, BodiesAnswer answer, std::vector<std::string> bodies) {
    add(shard, BodiesDelivery{std::move(answer), std::move(bodies)});
}

void Deliveries::publish(std::size_t shard, std::string topic, broadcast::Chunk chunk) {
    add(shard, Publication{std::move(topic), std::move(chunk)});
}

void Deliveries::answer(std::size_t shard, Directory::SignalAnswer answer,
                        core::Result<void> outcome) {
    add(shard, SignalDelivery{std::move(answer), std::move(outcome)});
}

void Deliveries::publish(std::size_t shard, std::string topic, broadcast::Signal signal) {
    std::optional<SignalRoom::Place> place = signalRoom_[shard].take(signal.frames->size());
    if (!place) return;
    add(shard, SignalPublication{std::move(topic), std::move(signal), std::move(*place)});
}

void Deliveries::refuse(Request request, const core::Error& error) {
    if (auto* op = std::get_if<OpRequest>(&request.what)) {
        answer(request.from, std::move(op->answer),
               unsettledReply(quoted(request.channel), op->op.n, error));
    } else if (auto* join = std::get_if<JoinRequest>(&request.what)) {
        answer(request.from, std::move(join->answer),
               core::Result<CatchUp>(tl::unexpected<core::Error>(error)));
    } else if (BodiesAnswer* reads = bodiesAnswerOf(request)) {
        std::vector<std::string> bodies(1);
        wire::appendError(bodies.front(), json::Value(), error, request.channel);
        answer(request.from, std::move(*reads), std::move(bodies));
    } else if (auto* signal = std::get_if<SignalRequest>(&request.what)) {
        answer(request.from, std::move(signal->answer),
               core::Result<void>(tl::unexpected<core::Error>(error)));
    }
}

void Deliveries::add(std::size_t shard, Delivery delivery) {
    waiting_[shard].push_back(std::move(delivery));
    empty_ = false;
}

void Deliveries::flush() {
    empty_ = true;
    for (std::size_t shard = 0; shard < waiting_.size(); ++shard) {
        if (waiting_[shard].empty()) continue;
        // What answers cause while they run is for the next flush.
        std::vector<Delivery> now = std::exchange(waiting_[shard], {});
        broadcast::TopicIndex* topics = seats_[shard].topics;
        if (shard == own_) {
            run(now, topics);
            continue;
        }
        seats_[shard].shard->postAlways(
            [deliveries = std::move(now), topics]() mutable { run(deliveries, topics); });
    }
}

void Deliveries::run(std::vector<Delivery>& deliveries, broadcast::TopicIndex* topics) {
    for (Delivery& delivery : deliveries) {
        if (auto* op = std::get_if<OpDelivery>(&delivery))
            op->answer(std::move(op->body));
        else if (auto* join = std::get_if<JoinDelivery>(&delivery))
            join->answer(std::move(join->catchUp));
        else if (auto* bodies = std::get_if<BodiesDelivery>(&delivery))
            bodies->answer(std::move(bodies->bodies));
        else if (auto* publication = std::get_if<Publication>(&delivery))
            topics->publish(publication->topic, publication->chunk);
        else if (auto* told = std::get_if<SignalDelivery>(&delivery))
            told->answer(std::move(told->outcome));
        else if (auto* signal = std::get_if<SignalPublication>(&delivery))
            topics->publish(signal->topic, signal->signal);
    }
}

}  // namespace syncline::channel
