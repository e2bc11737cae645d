// SPDX-License-Identifier: Apache-2.0
#include "gateway/event_stream.h"

#include <utility>

#include "gateway/api_error.h"
#include "gateway/cors.h"
#include "gateway/event_encoder.h"
#include "json/parse.h"
#include "json/write.h"
#include "net/reactor.h"

namespace syncline::gateway {

namespace {

constexpr std::string_view kErrorBegin = R"({"type":"error")";

core::Error errorIn(std::string_view message) {
    core::Error error;
    const auto parsed = json::parse(message);
    if (!parsed) return error;
    const json::Value* code = parsed->find("code");
    const json::Value* reason = parsed->find("reason");
    if (code != nullptr) error.code = static_cast<core::Code>(code->asNumber());
    if (reason != nullptr) error.reason = reason->asString();
    error.retry = core::isRetryable(error.code);
    return error;
}

core::Error errorFor(session::CloseCode code, std::string_view reason) {
    using core::Code;
    Code found = Code::timedOut;
    if (code == session::CloseCode::draining) found = Code::draining;
    if (code == session::CloseCode::tokenExpired) found = Code::tokenExpired;
    return core::Error::of(found, std::string(reason));
}

}  // namespace

EventStream::EventStream(const Gateway& gateway, const ListenerPolicy& policy,
                         net::Connection& connection, const wire::HttpRequest& request,
                         ApiDecision decision)
    : gateway_(gateway),
      connection_(connection),
      shown_(std::move(decision.shown)),
      cursors_(std::move(decision.events.cursors)),
      session_(gateway.shards.of(connection.reactor().index()), *this, *policy.auth) {
    allowOrigin(request, policy, head_);
    begin(std::move(decision.events.client), std::move(decision.events.holder));
}

void EventStream::begin(std::string client, std::optional<TicketHolder> holder) {
    if (holder) return onEntered(session_.enterAs(holder->client, holder->principal));
    session_.enter(std::move(client),
                   [this](core::Result<void> entered) { onEntered(std::move(entered)); });
}

void EventStream::onEntered(core::Result<void> entered) {
    if (stage_ != Stage::entering) return;
    if (!entered) return refuse(entered.error());
    stage_ = Stage::joining;
    if (auto joined = session_.resume(cursors_.toResume()); !joined) refuse(joined.error());
}

void EventStream::onDrained() {
    if (stage_ == Stage::joining || stage_ == Stage::streaming) session_.onRoom();
}

bool EventStream::openStream() {
    if (stage_ == Stage::streaming) return true;
    if (stage_ != Stage::joining) return false;
    wire::HttpResponse head = head_;
    head.contentType = "text/event-stream";
    head.wallMs = connection_.reactor().clock().wallMs();
    std::string bytes;
    wire::appendStreamHead(bytes, head);
    bytes += "retry: " + std::to_string(gateway_.settings.api.eventRetryMs) + "\n\n" + early_;
    if (connection_.send(bytes) != net::SendStatus::queued) return false;
    early_.clear();
    stage_ = Stage::streaming;
    return true;
}

bool EventStream::send(std::string_view message) {
    if (stage_ == Stage::over) return true;
    EventCursors moved = cursors_;
    std::string event;
    appendEvent(event, message, moved);
    if (stage_ == Stage::joining && message.starts_with(kErrorBegin)) {
        early_ += event;
        if (++refusals_ == cursors_.channels()) refuse(errorIn(message));
        return true;
    }
    if (!openStream() || connection_.send(event) != net::SendStatus::queued) return false;
    cursors_ = std::move(moved);
    return true;
}

bool EventStream::sendFrames(const core::SharedBytes& frames) {
    if (stage_ == Stage::over) return true;
    EventCursors moved = cursors_;
    const core::SharedBytes events =
        gateway_.api.encoder(connection_.reactor().index()).encode(frames, moved);
    if (!openStream() || connection_.sendShared(events) != net::SendStatus::queued) return false;
    cursors_ = std::move(moved);
    return true;
}

std::size_t EventStream::roomBytes() const {
    const std::size_t limit = connection_.reactor().limits().outboxBytesMax;
    const std::size_t used = connection_.outboxBytes();
    return used < limit ? limit - used : 0;
}

// Nothing comes back in a stream. That the peer takes what is sent is its sign of life: whoever has
// taken nothing since the last time, with bytes waiting, gives none.
void EventStream::ping() {
    const std::uint64_t sent = connection_.bytesOut();
    const bool frozen = connection_.isBacklogged() && sent == sentBytes_;
    sentBytes_ = sent;
    if (frozen) return;
    if (stage_ == Stage::streaming) static_cast<void>(connection_.send(":\n\n"));
    session_.onAlive();
}

void EventStream::close(session::CloseCode code, std::string_view reason) {
    if (stage_ == Stage::over) return;
    if (stage_ != Stage::streaming) return refuse(errorFor(code, reason));
    end(code, reason, 0);
}

void EventStream::goAway(const core::Error& draining) {
    if (stage_ == Stage::over) return;
    if (stage_ != Stage::streaming) return refuse(draining);
    end(session::CloseCode::draining, draining.reason, draining.retryAfterMs);
}

void EventStream::end(session::CloseCode code, std::string_view reason,
                      std::uint32_t retryAfterMs) {
    stage_ = Stage::over;
    std::string event = "event: close\n";
    // EventSource acts on this line by itself.
    if (retryAfterMs != 0) event += "retry: " + std::to_string(retryAfterMs) + "\n";
    event += "data: {\"code\":" + std::to_string(static_cast<int>(code)) + ",\"reason\":";
    json::writeString(reason, event);
    if (retryAfterMs != 0) event += ",\"retryAfterMs\":" + std::to_string(retryAfterMs);
    event += "}\n\n";
    connection_.closeAfterFlush(gateway_.settings.closeMs, event);
}

void EventStream::refuse(const core::Error& error) {
    if (stage_ == Stage::over) return;
    stage_ = Stage::over;
    wire::HttpResponse response = errorResponse(error);
    for (const wire::HttpHeader& header : head_.headers) response.headers.push_back(header);
    response.keepAlive = false;
    response.wallMs = connection_.reactor().clock().wallMs();
    std::string bytes;
    wire::appendResponse(bytes, response);
    static_cast<void>(connection_.send(bytes));
    connection_.closeAfterFlush(gateway_.settings.closeMs);
}

}  // namespace syncline::gateway
