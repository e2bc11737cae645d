// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "load/dialect.h"
#include "load/loop.h"

namespace syncline::bench {

/// The clients of a run, until all have said hello and joined their channel.
class Audience {
public:
    Audience(Loop& loop, const Dialect& dialect) : loop_(loop), dialect_(dialect) {}

    using OnMessage = std::function<void(Client&, std::string_view)>;

    /// One more; an empty channel: it joins none. Called with what comes when it is ready.
    Client& add(std::size_t number, std::string channel, OnMessage onMessage);

    /// Connects everybody. Throws std::runtime_error when that takes too long.
    void assemble();

private:
    void welcome(Client& client, const std::string& channel);

    Loop& loop_;
    const Dialect& dialect_;
    std::size_t ready_ = 0;
    std::size_t wanted_ = 0;
};

}  // namespace syncline::bench
