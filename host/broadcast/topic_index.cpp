// SPDX-License-Identifier: Apache-2.0
#include "broadcast/topic_index.h"

#include <cassert>

namespace syncline::broadcast {

/// The memberships of one topic. While it publishes, removed ones leave a null behind, so that no
/// position moves under the loop; the last loop to end closes the gaps.
struct TopicIndex::Topic {
    std::string name;
    std::vector<Membership*> members;
    std::size_t live = 0;
    unsigned publishing = 0;

    void closeGaps() {
        std::size_t kept = 0;
        for (Membership* member : members) {
            if (member == nullptr) continue;
            member->position_ = kept;
            members[kept++] = member;
        }
        members.resize(kept);
    }
};

TopicIndex::Membership::~Membership() {
    if (active()) index_->remove(*this);
}

TopicIndex::TopicIndex() = default;

TopicIndex::~TopicIndex() {
    for (auto& [name, topic] : topics_)
        for (Membership* member : topic->members)
            if (member != nullptr) member->index_ = nullptr;
}

void TopicIndex::add(std::string_view topic, Subscriber& subscriber, Membership& membership) {
    assert(!membership.active());
    std::unique_ptr<Topic>& slot = topics_.try_emplace(std::string(topic)).first->second;
    if (slot == nullptr) {
        slot = std::make_unique<Topic>();
        slot->name = topic;
    }
    Topic& entered = *slot;
    membership.index_ = this;
    membership.topic_ = &entered;
    membership.position_ = entered.members.size();
    membership.subscriber_ = &subscriber;
    entered.members.push_back(&membership);
    ++entered.live;
}

void TopicIndex::remove(Membership& membership) {
    if (!membership.active()) return;
    assert(membership.index_ == this);
    Topic& topic = *static_cast<Topic*>(membership.topic_);
    membership.index_ = nullptr;
    --topic.live;
    if (topic.publishing != 0) {
        topic.members[membership.position_] = nullptr;
        return;
    }
    // The last one takes the free place: order among subscribers means nothing.
    Membership* const last = topic.members.back();
    topic.members[membership.position_] = last;
    last->position_ = membership.position_;
    topic.members.pop_back();
    if (topic.live == 0) drop(topic);
}

template <class Deliver>
void TopicIndex::forEach(std::string_view name, Deliver deliver) {
    const auto found = topics_.find(name);
    if (found == topics_.end()) return;
    Topic& topic = *found->second;
    ++topic.publishing;
    // Those who join while this is delivered have it from their catch-up.
    const std::size_t end = topic.members.size();
    for (std::size_t i = 0; i < end; ++i)
        if (topic.members[i] != nullptr) deliver(*topic.members[i]->subscriber_);
    if (--topic.publishing == 0) {
        topic.closeGaps();
        if (topic.live == 0) drop(topic);
    }
}

std::size_t TopicIndex::publish(std::string_view topic, const Chunk& chunk) {
    std::size_t delivered = 0;
    forEach(topic, [&](Subscriber& subscriber) {
        subscriber.deliver(chunk);
        ++delivered;
    });
    return delivered;
}

std::size_t TopicIndex::publish(std::string_view topic, const Signal& signal) {
    std::size_t taken = 0;
    forEach(topic,
            [&](Subscriber& subscriber) { taken += subscriber.deliverSignal(signal) ? 1 : 0; });
    return taken;
}

std::size_t TopicIndex::subscribers(std::string_view topic) const {
    const auto found = topics_.find(topic);
    return found == topics_.end() ? 0 : found->second->live;
}

void TopicIndex::drop(const Topic& topic) {
    topics_.erase(topics_.find(topic.name));
}

}  // namespace syncline::broadcast
