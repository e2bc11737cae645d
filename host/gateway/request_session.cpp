// SPDX-License-Identifier: Apache-2.0
#include "gateway/request_session.h"

#include <algorithm>
#include <set>
#include <utility>

#include "json/parse.h"
#include "wire/frame.h"
#include "wire/reply.h"

namespace syncline::gateway {

namespace {

using core::Code;
using core::Error;

/// Words about a channel, as `subscribed`, find room in a full answer too: they are few and small.
constexpr std::size_t kWordBytesMax = 4'096;

Error errorFor(session::CloseCode code, std::string_view reason) {
    switch (code) {
        case session::CloseCode::draining:
            return Error::of(Code::draining, std::string(reason));
        case session::CloseCode::tokenExpired:
            return Error::of(Code::tokenExpired, std::string(reason));
        case session::CloseCode::slowConsumer:
            return Error::of(Code::tooLarge, "the answer is larger than api.response_bytes");
        default:
            return Error::of(Code::timedOut, std::string(reason));
    }
}

json::Value readMessage(std::string_view message) {
    auto parsed = json::parse(message, {1'000, static_cast<std::size_t>(-1), false});
    return parsed ? std::move(*parsed) : json::Value::object();
}

std::string textOf(const json::Value& message, std::string_view name) {
    const json::Value* found = message.find(name);
    return found != nullptr && found->isString() ? std::string(found->asString()) : std::string();
}

std::string channelOf(std::string_view message) {
    return textOf(readMessage(message), "channel");
}

/// Whether it brings its channel's cursor on, rather than saying where the channel is.
bool isData(std::string_view message) {
    const std::string type = textOf(readMessage(message), "type");
    return type == "snapshot" || type == "updates" || type == "update" || type == "live";
}

bool isSubscribed(std::string_view message) {
    return textOf(readMessage(message), "type") == "subscribed";
}

/// The channels that a snapshot is due for, which is not there or not whole.
std::set<std::string> withoutTheirSnapshot(const std::vector<std::string>& updates) {
    std::set<std::string> half;
    for (const std::string& text : updates) {
        const json::Value message = readMessage(text);
        const std::string type = textOf(message, "type");
        const json::Value* more = message.find("more");
        const bool whole = more != nullptr && more->isBool() && !more->asBool();
        const std::string channel = textOf(message, "channel");
        if (type == "subscribed" && textOf(message, "mode") != "tail") half.insert(channel);
        if (type == "snapshot" && whole) half.erase(channel);
    }
    return half;
}

}  // namespace

RequestSession::RequestSession(session::ShardContext& context, const session::AuthChain& auth,
                               const ApiSettings& settings, RequestPlan& plan,
                               session::Credentials shown, Done done)
    : context_(context),
      settings_(settings),
      name_(plan.transport),
      shown_(std::move(shown)),
      messages_(std::move(plan.messages)),
      cursors_(std::move(plan.cursors)),
      done_(std::move(done)),
      session_(context, *this, auth) {
    session_.setIdempotencyKey(std::move(plan.idempotencyKey));
    watch();
    session_.enter(std::move(plan.client),
                   [this](core::Result<void> entered) { onEntered(std::move(entered)); });
}

RequestSession::~RequestSession() {
    context_.shard.timers().stop(deadline_);
}

void RequestSession::onEntered(core::Result<void> entered) {
    if (stage_ != Stage::entering) return;
    if (!entered) return end(std::move(entered.error()));
    outcome_.principal = session_.principal()->document.clone();
    stage_ = Stage::running;
    session_.onMessages(std::move(messages_));
    look();
}

// Whatever is looked at may be in the middle of its own work now.
void RequestSession::look() {
    if (std::exchange(looking_, true)) return;
    context_.shard.atTickEnd([this, alive = std::weak_ptr<bool>(alive_)] {
        if (!alive.expired()) onTickEnd();
    });
}

void RequestSession::onTickEnd() {
    looking_ = false;
    if (stage_ == Stage::over) {
        // The last thing that this object does: whoever is told may destroy it.
        Done done = std::move(done_);
        RequestOutcome outcome = std::move(outcome_);
        if (done) done(std::move(outcome));
        return;
    }
    if (stage_ == Stage::running && full_) {
        return end(errorFor(session::CloseCode::slowConsumer, {}));
    }
    const bool done = session_.settled();
    if (stage_ == Stage::running && done) return follow();
    if (stage_ != Stage::following || (!done && !full_)) return;
    outcome_.more = full_ || outcome_.more;
    end(std::nullopt);
}

void RequestSession::follow() {
    stage_ = Stage::following;
    if (cursors_.empty()) return end(std::nullopt);
    watch();
    if (auto resumed = session_.resume(cursors_); !resumed) return end(std::move(resumed.error()));
    look();
}

void RequestSession::watch() {
    context_.shard.timers().stop(deadline_);
    deadline_ = context_.shard.timers().start(context_.shard.nowMs(), settings_.deadlineMs,
                                              [this] { onDeadline(); });
}

void RequestSession::onDeadline() {
    if (stage_ == Stage::entering) {
        return end(Error::of(Code::timedOut, "it was not found out in time who this is"));
    }
    if (stage_ == Stage::running) {
        session_.giveUp(Error::of(Code::timedOut, "not settled within api.deadline"));
        if (stage_ == Stage::running) follow();
    } else if (stage_ == Stage::following) {
        outcome_.more = true;
        end(std::nullopt);
    }
}

// What is settled is told all the same.
void RequestSession::goAway(const Error& draining) {
    if (stage_ == Stage::following) return onDeadline();
    end(draining);
}

void RequestSession::end(std::optional<Error> refused) {
    if (stage_ == Stage::over) return;
    stage_ = Stage::over;
    outcome_.refused = std::move(refused);
    if (outcome_.more) dropHalfSnapshots();
    context_.shard.timers().stop(deadline_);
    look();
}

bool RequestSession::send(std::string_view message) {
    if (stage_ == Stage::over) return true;
    const bool word = stage_ == Stage::following && message.size() <= kWordBytesMax;
    if (message.size() > roomBytes() && !word) {
        full_ = true;
        look();
        return false;
    }
    bytes_ += message.size();
    (stage_ == Stage::following ? outcome_.updates : outcome_.replies).emplace_back(message);
    look();
    return true;
}

bool RequestSession::sendFrames(const core::SharedBytes& frames) {
    if (stage_ == Stage::over) return true;
    look();
    if (frames->size() > roomBytes()) {
        full_ = true;
        return false;
    }
    bytes_ += frames->size();
    std::string_view rest = *frames;
    while (!rest.empty()) outcome_.updates.emplace_back(wire::takeFrame(rest));
    return true;
}

std::size_t RequestSession::roomBytes() const {
    return bytes_ < settings_.responseBytesMax ? settings_.responseBytesMax - bytes_ : 0;
}

void RequestSession::close(session::CloseCode code, std::string_view reason) {
    end(errorFor(code, reason));
}

// Nobody can go on from the middle of a snapshot. A channel whose data did not fit beside the rest
// is asked for again; one whose data would not fit alone is refused.
void RequestSession::dropHalfSnapshots() {
    const std::set<std::string> half = withoutTheirSnapshot(outcome_.updates);
    std::vector<std::string>& updates = outcome_.updates;
    const auto subscribed = std::ranges::find_if(updates, isSubscribed);
    std::string stuck = subscribed == updates.end() ? std::string() : channelOf(*subscribed);
    if (!half.empty()) stuck = *half.begin();
    std::erase_if(updates, [&](const std::string& text) { return half.contains(channelOf(text)); });
    const bool goesOn = !outcome_.replies.empty() || std::ranges::any_of(updates, isData);
    if (goesOn || stuck.empty()) return;
    std::erase_if(updates, isSubscribed);
    const Error error =
        Error::of(Code::tooLarge, "what this channel has is larger than api.response_bytes");
    wire::appendError(updates.emplace_back(), json::Value(), error, stuck);
    outcome_.more = cursors_.size() > 1;
}

}  // namespace syncline::gateway
