// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "broadcast/subscriber.h"

namespace syncline::broadcast {

/// The subscribers of one shard by topic (a channel's name). One per shard; borrowed by the session
/// and channel layers. Adding, removing and delivering to one subscriber cost the same however many
/// there are. [its shard]
class TopicIndex {
public:
    /// Names one subscription; owned by the subscriber, whose address in memory must not change
    /// while it is in a topic.
    class Membership {
    public:
        Membership() = default;
        ~Membership();
        Membership(const Membership&) = delete;
        Membership& operator=(const Membership&) = delete;

        bool active() const { return index_ != nullptr; }

    private:
        friend class TopicIndex;
        TopicIndex* index_ = nullptr;
        void* topic_ = nullptr;
        std::size_t position_ = 0;
        Subscriber* subscriber_ = nullptr;
    };

    TopicIndex();
    ~TopicIndex();
    TopicIndex(const TopicIndex&) = delete;
    TopicIndex& operator=(const TopicIndex&) = delete;

    /// `membership` must not be active.
    void add(std::string_view topic, Subscriber& subscriber, Membership& membership);

    /// Harmless if not active. May be called while publish() delivers.
    void remove(Membership& membership);

    /// Delivers to every subscriber of the topic; answers how many.
    std::size_t publish(std::string_view topic, const Chunk& chunk);

    /// The same for a signal; answers how many took it.
    std::size_t publish(std::string_view topic, const Signal& signal);

    std::size_t subscribers(std::string_view topic) const;
    std::size_t topics() const { return topics_.size(); }

private:
    struct Topic;

    struct TextHash {
        using is_transparent = void;
        std::size_t operator()(std::string_view text) const {
            return std::hash<std::string_view>{}(text);
        }
    };

    template <class Deliver>
    void forEach(std::string_view name, Deliver deliver);
    void drop(const Topic& topic);

    // On the heap: memberships point to their topic.
    std::unordered_map<std::string, std::unique_ptr<Topic>, TextHash, std::equal_to<>> topics_;
};

}  // namespace syncline::broadcast
