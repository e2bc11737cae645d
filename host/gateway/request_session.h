// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "core/task.h"
#include "core/timer_wheel.h"
#include "gateway/gateway_settings.h"
#include "gateway/request_plan.h"
#include "session/session.h"
#include "session/transport.h"

namespace syncline::gateway {

/// The session of one request: opened by what the request shows, asked what the plan says, gone
/// with the answer. Its outbox is the answer. Owned by the connection that waits for it; [its
/// shard].
///
///     entering -> running: messages, until all are settled or the deadline
///              -> following: cursors, until each channel is at its head or the answer is full
///              -> over: done
class RequestSession final : private session::Transport {
public:
    /// May destroy this object.
    using Done = core::UniqueFunction<void(RequestOutcome)>;

    RequestSession(session::ShardContext& context, const session::AuthChain& auth,
                   const ApiSettings& settings, RequestPlan& plan, session::Credentials shown,
                   Done done);
    ~RequestSession() override;
    RequestSession(const RequestSession&) = delete;
    RequestSession& operator=(const RequestSession&) = delete;

private:
    enum class Stage { entering, running, following, over };

    // session::Transport
    bool send(std::string_view message) override;
    bool sendFrames(const core::SharedBytes& frames) override;
    std::size_t roomBytes() const override;
    void ping() override { session_.onAlive(); }
    void pauseReading() override {}
    void resumeReading() override {}
    void close(session::CloseCode code, std::string_view reason) override;
    void goAway(const core::Error& draining) override;
    bool twoWay() const override { return false; }
    bool takesPushes() const override { return false; }
    void onProgress() override { look(); }
    std::string_view name() const override { return name_; }
    std::string_view address() const override { return shown_.address; }
    std::string_view authorization() const override { return shown_.authorization; }
    std::string_view cookie() const override { return shown_.cookie; }
    std::string_view traceparent() const override { return shown_.traceparent; }

    void onEntered(core::Result<void> entered);
    void look();
    void onTickEnd();
    void follow();
    void onDeadline();
    void watch();
    void end(std::optional<core::Error> refused);
    void dropHalfSnapshots();

    session::ShardContext& context_;
    const ApiSettings& settings_;
    const std::string_view name_;
    const session::Credentials shown_;
    std::vector<wire::ClientMessage> messages_;
    json::Value cursors_;
    Done done_;

    Stage stage_ = Stage::entering;
    RequestOutcome outcome_;
    std::size_t bytes_ = 0;
    bool full_ = false;
    bool looking_ = false;
    core::TimerWheel::Id deadline_;
    /// Shared with the hook of a tick's end, which may outlive this object.
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
    session::Session session_;  ///< last: it uses all of the above until its end
};

}  // namespace syncline::gateway
