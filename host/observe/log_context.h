// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

namespace syncline::observe {

/// What a line of the log is about, as far as it is known; empty: not.
struct LogContext {
    std::string connection;   ///< `shard.number`, as /api/stats calls it
    std::string session;      ///< as its client was told
    std::string message;      ///< the id that the client gave it
    std::string traceparent;  ///< W3C Trace Context, checked
};

/// Something that lines are about. Asked only when one is written.
class LogSubject {
public:
    virtual void describe(LogContext& context) const = 0;

protected:
    ~LogSubject() = default;
};

/// What this thread is at: lines that it logs meanwhile are about `subject`. Nests. [one thread]
class LogScope {
public:
    explicit LogScope(const LogSubject& subject) noexcept
        : outer_(std::exchange(current_, &subject)) {}
    ~LogScope() { current_ = outer_; }
    LogScope(const LogScope&) = delete;
    LogScope& operator=(const LogScope&) = delete;

    /// Null: nothing that is known.
    static const LogSubject* current() noexcept { return current_; }

private:
    static inline constinit thread_local const LogSubject* current_ = nullptr;

    const LogSubject* const outer_;
};

/// A subject that was described before.
class KnownSubject final : public LogSubject {
public:
    explicit KnownSubject(LogContext context) : context_(std::move(context)) {}
    void describe(LogContext& context) const override { context = context_; }

private:
    const LogContext context_;
};

}  // namespace syncline::observe
