// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "load/client.h"

namespace syncline::bench {

/// Drives all clients of a run on one thread. Throws std::runtime_error when one of them fails: a
/// run that lost a connection measured something else.
class Loop {
public:
    explicit Loop(std::uint16_t port);
    ~Loop();
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    /// A client that connects once run() gets to it, at most 128 at a time.
    Client& add();

    /// Until `done` says so; it is asked after every round.
    void run(const std::function<bool()>& done);

    /// Writes what a client has queued outside of its callbacks.
    void flush(Client& client);

    const std::vector<std::unique_ptr<Client>>& clients() const { return clients_; }

private:
    void connectMore();
    void serve(Client& client, std::uint32_t events);
    void watch(Client& client);

    const std::uint16_t port_;
    int poller_;
    std::size_t connecting_ = 0;
    std::size_t nextToConnect_ = 0;
    std::vector<std::unique_ptr<Client>> clients_;
    std::string scratch_;
};

std::uint64_t nowNs();

}  // namespace syncline::bench
