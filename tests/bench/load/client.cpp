// SPDX-License-Identifier: Apache-2.0
#include "load/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace syncline::bench {

namespace {

constexpr std::size_t kReadBytes = 256 * 1024;
constexpr std::array<char, 4> kMask = {0x37, 0x11, 0x5a, 0x6c};

void appendMasked(std::string& out, std::string_view payload) {
    const std::size_t start = out.size();
    out.append(payload);
    std::uint64_t mask = 0;
    std::memcpy(&mask, kMask.data(), 4);
    mask |= mask << 32;
    std::size_t i = 0;
    for (; i + 8 <= payload.size(); i += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, out.data() + start + i, 8);
        word ^= mask;
        std::memcpy(out.data() + start + i, &word, 8);
    }
    for (; i < payload.size(); ++i)
        out[start + i] = static_cast<char>(out[start + i] ^ kMask[i % 4]);
}

}  // namespace

Client::~Client() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

bool Client::connectTo(std::uint16_t port) {
    port_ = port;
    descriptor_ = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor_ < 0) return false;
    const int on = 1;
    ::setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int result =
        ::connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    return result == 0 || errno == EINPROGRESS;
}

bool Client::onConnected() {
    int error = 0;
    socklen_t size = sizeof error;
    ::getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) return false;
    state_ = State::handshaking;
    out_ = "GET /ws HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(port_) +
           "\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    return flush();
}

void Client::text(std::string_view message) {
    frame(0x81, message);
}

void Client::frame(unsigned char opcode, std::string_view payload) {
    out_ += static_cast<char>(opcode);
    if (payload.size() < 126) {
        out_ += static_cast<char>(0x80 | payload.size());
    } else if (payload.size() < 65536) {
        out_ += static_cast<char>(0x80 | 126);
        out_ += static_cast<char>(payload.size() >> 8);
        out_ += static_cast<char>(payload.size());
    } else {
        out_ += static_cast<char>(0x80 | 127);
        for (int shift = 56; shift >= 0; shift -= 8) {
            out_ += static_cast<char>(static_cast<std::uint64_t>(payload.size()) >> shift);
        }
    }
    out_.append(kMask.data(), kMask.size());
    appendMasked(out_, payload);
}

bool Client::flush() {
    std::size_t sent = 0;
    while (sent < out_.size()) {
        const ssize_t n = ::send(descriptor_, out_.data() + sent, out_.size() - sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && errno != EAGAIN) return false;
        if (n < 0) break;
        sent += static_cast<std::size_t>(n);
    }
    out_.erase(0, sent);
    return true;
}

bool Client::onReadable(std::string& scratch) {
    const std::size_t kept = in_.size();
    if (scratch.size() < kept + kReadBytes) scratch.resize(kept + kReadBytes);
    if (kept > 0) std::memcpy(scratch.data(), in_.data(), kept);
    const ssize_t n = ::recv(descriptor_, scratch.data() + kept, kReadBytes, 0);
    if (n < 0) return errno == EAGAIN || errno == EINTR;
    if (n == 0) return false;
    const std::string_view bytes(scratch.data(), kept + static_cast<std::size_t>(n));
    std::size_t used = 0;
    if (state_ == State::handshaking && !takeHandshake(bytes, used)) return false;
    if (state_ == State::open) used += takeFrames(bytes.substr(used));
    if (state_ == State::closed) return false;
    if (used == bytes.size()) {
        if (kept > 0) std::string().swap(in_);
    } else {
        in_.assign(bytes.substr(used));
    }
    return out_.empty() || flush();
}

bool Client::takeHandshake(std::string_view bytes, std::size_t& used) {
    const std::size_t end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos) return true;
    if (!bytes.starts_with("HTTP/1.1 101")) return false;
    used = end + 4;
    state_ = State::open;
    if (onOpen) onOpen(*this);
    return true;
}

std::size_t Client::takeFrames(std::string_view bytes) {
    std::size_t at = 0;
    while (bytes.size() - at >= 2 && state_ == State::open) {
        const auto* head = reinterpret_cast<const unsigned char*>(bytes.data() + at);
        std::size_t size = head[1];
        std::size_t headSize = 2;
        if (size == 126) {
            if (bytes.size() - at < 4) break;
            size = std::size_t{head[2]} << 8 | head[3];
            headSize = 4;
        } else if (size == 127) {
            if (bytes.size() - at < 10) break;
            size = 0;
            for (std::size_t i = 2; i < 10; ++i) size = size << 8 | head[i];
            headSize = 10;
        }
        if (bytes.size() - at < headSize + size) break;
        const std::string_view payload = bytes.substr(at + headSize, size);
        const int opcode = head[0] & 15;
        at += headSize + size;
        if (opcode == 1 && onText) onText(*this, payload);
        if (opcode == 9) frame(0x8a, payload);
        if (opcode == 8) state_ = State::closed;
    }
    return at;
}

}  // namespace syncline::bench
