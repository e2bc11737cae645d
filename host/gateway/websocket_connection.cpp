// SPDX-License-Identifier: Apache-2.0
#include "gateway/websocket_connection.h"

#include <utility>

#include "net/reactor.h"
#include "wire/frame.h"
#include "wire/reply.h"

namespace syncline::gateway {

WebSocketConnection::WebSocketConnection(const Gateway& gateway, const ListenerPolicy& policy,
                                         net::Connection& connection,
                                         session::Credentials credentials)
    : gateway_(gateway),
      connection_(connection),
      address_(std::move(credentials.address)),
      greeting_{std::move(credentials.authorization), std::move(credentials.cookie),
                std::move(credentials.traceparent)},
      decoder_(gateway.settings.frames),
      session_(gateway.shards.of(connection.reactor().index()), *this, *policy.auth) {}

std::size_t WebSocketConnection::onBytes(std::span<char> bytes) {
    if (finishing_) return bytes.size();
    const auto outcome = decoder_.feed(bytes, *this);
    if (outcome.error && !finishing_) {
        finish(outcome.error->closeCode, outcome.error->reason);
    }
    return finishing_ ? bytes.size() : outcome.consumed;
}

void WebSocketConnection::onDrained() {
    if (!finishing_) session_.onRoom();
}

wire::FrameSink::Next WebSocketConnection::onMessage(wire::Opcode opcode,
                                                     std::string_view payload) {
    if (opcode == wire::Opcode::text) {
        session_.onMessage(payload);
    } else {
        session_.close(session::CloseCode::badProtocol, "messages are text");
    }
    return next();
}

wire::FrameSink::Next WebSocketConnection::onPing(std::string_view payload) {
    session_.onAlive();
    std::string frame;
    wire::appendFrame(frame, wire::Opcode::pong, payload);
    // A peer that pings without reading gets no pong it cannot take; its silence is its own.
    static_cast<void>(connection_.send(frame));
    return next();
}

wire::FrameSink::Next WebSocketConnection::onPong(std::string_view /*payload*/) {
    session_.onPong();
    return next();
}

void WebSocketConnection::onClose(std::uint16_t code, std::string_view /*reason*/) {
    finish(code == wire::close_code::none ? wire::close_code::normal : code, {});
}

bool WebSocketConnection::send(std::string_view message) {
    std::string head;
    wire::appendFrameHead(head, wire::Opcode::text, message.size());
    return connection_.send(head, message) == net::SendStatus::queued;
}

bool WebSocketConnection::sendFrames(const core::SharedBytes& frames) {
    return connection_.sendShared(frames) == net::SendStatus::queued;
}

std::size_t WebSocketConnection::roomBytes() const {
    const std::size_t limit = connection_.reactor().limits().outboxBytesMax;
    const std::size_t used = connection_.outboxBytes();
    return used < limit ? limit - used : 0;
}

bool WebSocketConnection::hold(std::size_t bytes) {
    return connection_.hold(bytes);
}

void WebSocketConnection::release(std::size_t bytes) {
    connection_.release(bytes);
}

void WebSocketConnection::ping() {
    std::string frame;
    wire::appendFrame(frame, wire::Opcode::ping, {});
    static_cast<void>(connection_.send(frame));
}

void WebSocketConnection::pauseReading() {
    connection_.pauseReading();
}

void WebSocketConnection::resumeReading() {
    connection_.resumeReading();
}

void WebSocketConnection::close(session::CloseCode code, std::string_view reason) {
    finish(static_cast<std::uint16_t>(code), reason);
}

void WebSocketConnection::goAway(const core::Error& draining) {
    std::string message;
    wire::appendError(message, json::Value(), draining);
    std::string frame;
    wire::appendFrame(frame, wire::Opcode::text, message);
    finish(static_cast<std::uint16_t>(session::CloseCode::draining), draining.reason,
           std::move(frame));
}

std::string_view WebSocketConnection::name() const {
    return "ws";
}

std::string_view WebSocketConnection::authorization() const {
    return greeting_.authorization;
}

std::string_view WebSocketConnection::cookie() const {
    return greeting_.cookie;
}

wire::FrameSink::Next WebSocketConnection::next() const {
    return finishing_ || !connection_.isReading() ? Next::stop : Next::proceed;
}

void WebSocketConnection::finish(std::uint16_t code, std::string_view reason, std::string last) {
    if (finishing_) return;
    finishing_ = true;
    wire::appendClose(last, code, reason);
    connection_.closeAfterFlush(gateway_.settings.closeMs, last);
    session_.close(static_cast<session::CloseCode>(code), reason);
}

}  // namespace syncline::gateway
