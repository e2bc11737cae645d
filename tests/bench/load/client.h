// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace syncline::bench {

/// One WebSocket client of the load generator: as little work per message as possible, so that the
/// server is the limit. Owned by the Loop; one thread.
class Client {
public:
    enum class State { connecting, handshaking, open, closed };

    /// A whole text message; the view ends with the call.
    std::function<void(Client&, std::string_view)> onText;
    /// Once, after the handshake.
    std::function<void(Client&)> onOpen;

    ~Client();

    /// Queues a text message, masked; it leaves with the next flush().
    void text(std::string_view message);

    /// Writes what is queued. False: the connection has failed.
    bool flush();

    State state() const { return state_; }
    bool wantsToWrite() const { return state_ == State::connecting || !out_.empty(); }

    std::size_t number = 0;  ///< given by the scenario

private:
    friend class Loop;

    bool connectTo(std::uint16_t port);
    bool onReadable(std::string& scratch);
    bool onConnected();
    bool takeHandshake(std::string_view bytes, std::size_t& used);
    std::size_t takeFrames(std::string_view bytes);
    void frame(unsigned char opcode, std::string_view payload);

    int descriptor_ = -1;
    State state_ = State::connecting;
    bool watchesWrites_ = true;
    std::uint16_t port_ = 0;
    std::string in_;
    std::string out_;
};

}  // namespace syncline::bench
