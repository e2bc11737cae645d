// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <Poco/Net/StreamSocketImpl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "net/connection.h"
#include "net/reactor.h"
#include "support/fake_shard.h"

namespace syncline::net::tests {

/// The other end of a connection: a non-blocking socket that the test reads and writes by hand.
class Peer {
public:
    explicit Peer(int descriptor) : descriptor_(descriptor) {}
    Peer(Peer&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    Peer& operator=(Peer&&) = delete;
    ~Peer() { hangUp(); }

    void write(std::string_view bytes) {
        ASSERT_EQ(::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(bytes.size()));
    }

    /// What is there now, at most `bytesMax`.
    std::string read(std::size_t bytesMax = 1 << 20) {
        std::string bytes(bytesMax, '\0');
        const ssize_t size = ::recv(descriptor_, bytes.data(), bytes.size(), MSG_DONTWAIT);
        ended_ = size == 0;
        lost_ = size < 0 && errno != EAGAIN;
        bytes.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
        return bytes;
    }

    /// Whether the last read() found the end of the stream, or a reset.
    bool ended() const { return ended_; }
    bool lost() const { return lost_; }

    void endOutput() { ::shutdown(descriptor_, SHUT_WR); }

    void hangUp() {
        if (descriptor_ >= 0) ::close(descriptor_);
        descriptor_ = -1;
    }

    int descriptor() const { return descriptor_; }

private:
    int descriptor_;
    bool ended_ = false;
    bool lost_ = false;
};

/// What a handler was told.
struct Record {
    std::string input;               ///< all that was consumed
    std::vector<std::string> calls;  ///< each onBytes(), with what it was given
    int drained = 0;
    bool closed = false;
    CloseReason reason = CloseReason::aborted;
};

/// A handler that notes everything, consumes all or what `consume` says.
class RecordingHandler : public ConnectionHandler {
public:
    explicit RecordingHandler(Record& record) : record_(record) {}

    std::size_t onBytes(std::span<char> bytes) override {
        record_.calls.emplace_back(bytes.data(), bytes.size());
        const std::size_t consumed = consume ? consume(bytes) : bytes.size();
        record_.input.append(bytes.data(), consumed);
        return consumed;
    }
    void onDrained() override {
        ++record_.drained;
        if (drained) drained();
    }
    void onClosed(CloseReason reason) override {
        EXPECT_FALSE(record_.closed) << "closed twice";
        record_.closed = true;
        record_.reason = reason;
    }

    std::function<std::size_t(std::span<char>)> consume;
    std::function<void()> drained;

private:
    Record& record_;
};

/// A reactor that the test runs step by step on its own thread, and a clock that it turns.
class LoopFixture : public ::testing::Test {
protected:
    static constexpr std::size_t kBudgetBytes = 64 * 1024 * 1024;

    LoopFixture() { restart({}); }

    void restart(ReactorLimits limits, std::size_t budgetBytes = kBudgetBytes) {
        reactor.reset();
        budget = std::make_unique<MemoryBudget>(budgetBytes);
        reactor = std::make_unique<Reactor>(0, clock, *budget, limits);
    }

    struct End {
        Connection* connection;
        RecordingHandler* handler;
        Record* record;
        Peer peer;
    };

    /// A connection whose other end the test holds. `sendBuffer`: the kernel's, 0: as it is.
    End connect(int sendBuffer = 0) {
        int ends[2];
        EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends), 0);
        if (sendBuffer > 0) {
            ::setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &sendBuffer, sizeof sendBuffer);
        }
        Record& record = *records.emplace_back(std::make_unique<Record>());
        RecordingHandler* handler = nullptr;
        Connection* connection = reactor->adopt(
            Poco::Net::StreamSocket(new Poco::Net::StreamSocketImpl(ends[0])), [&](Connection&) {
                auto made = std::make_unique<RecordingHandler>(record);
                handler = made.get();
                return made;
            });
        EXPECT_NE(connection, nullptr);
        return {connection, handler, &record, Peer(ends[1])};
    }

    void tick() { reactor->runOnce(0); }

    /// Ticks until the condition holds; a test that waits for nothing ends here.
    bool runUntil(const std::function<bool()>& holds) {
        for (int i = 0; i < 5000 && !holds(); ++i) reactor->runOnce(1);
        return holds();
    }

    /// Ticks and reads until the peer has got that many bytes.
    std::string readAll(Peer& peer, std::size_t bytes) {
        std::string got;
        runUntil([&] {
            got += peer.read();
            return got.size() >= bytes;
        });
        return got;
    }

    syncline::tests::FakeClock clock;
    std::unique_ptr<MemoryBudget> budget;
    std::vector<std::unique_ptr<Record>> records;
    std::unique_ptr<Reactor> reactor;
};

}  // namespace syncline::net::tests
