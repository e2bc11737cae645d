// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace syncline::bench {

/// How the same work is said to one kind of server. Messages are told apart by how they begin:
/// parsing JSON would make the generator the limit.
class Dialect {
public:
    virtual ~Dialect() = default;

    /// The first message of a connection.
    virtual std::string hello(std::size_t client) const = 0;
    virtual bool isWelcome(std::string_view message) const = 0;

    /// `cursor`: where it was before, as its kind of server takes it; empty: nowhere.
    virtual std::string join(std::string_view channel, const std::string& cursor = "") const = 0;
    virtual bool isJoined(std::string_view message) const = 0;

    virtual void ping(std::string& out, std::uint64_t number) const = 0;
    virtual bool isPong(std::string_view message) const = 0;

    struct Op {
        std::string_view channel;
        std::string_view key;
        std::string_view field;
        std::string_view value;  ///< has what the scenario wants to find again
        std::uint64_t n = 0;
        std::uint64_t base = 0;  ///< the newest seq that its writer has seen
        std::uint64_t done = 0;  ///< its numbers up to this one are settled; 0: not said
    };
    /// Writes one field of one record.
    virtual void op(std::string& out, const Op& op) const = 0;
    virtual bool isAck(std::string_view message) const = 0;
    virtual bool isUpdate(std::string_view message) const = 0;
    virtual bool isError(std::string_view message) const = 0;
};

/// "syncline" or "ws"; null for another name.
std::unique_ptr<Dialect> dialectNamed(std::string_view name);

}  // namespace syncline::bench
