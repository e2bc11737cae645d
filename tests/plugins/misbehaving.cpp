// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <mutex>
#include <stdexcept>
#include <string>
#include <syncline/plugin.hpp>
#include <thread>
#include <vector>

#include "wait_for_file.h"

namespace {

using namespace syncline;

class Throws final : public MessageHandler {
public:
    Outcome onMessage(const Message&, Call&) override {
        throw std::runtime_error("thrown on purpose");
    }
};

class ThrowsNoException final : public MessageHandler {
public:
    Outcome onMessage(const Message&, Call&) override { throw 42; }
};

class NeverCompletes final : public MessageHandler {
public:
    Outcome onMessage(const Message&, Call&) override { return Outcome::pending; }
};

/// Ends each call twice, from a thread of its own.
class CompletesTwice final : public MessageHandler {
public:
    ~CompletesTwice() override {
        for (std::thread& thread : threads_) thread.join();
    }

    Outcome onMessage(const Message&, Call& call) override {
        const std::lock_guard lock(mutex_);
        threads_.emplace_back([pending = call.defer()] {
            pending.reply("completed");
            pending.complete(Outcome::stop);
            pending.reply("completed");
            pending.complete(Outcome::stop);
        });
        return Outcome::pending;
    }

private:
    std::mutex mutex_;
    std::vector<std::thread> threads_;
};

/// Ends each call from another thread, once a file is there: also long after its deadline.
class CompletesLate final : public MessageHandler {
public:
    ~CompletesLate() override {
        stop_ = true;
        for (std::thread& thread : threads_) thread.join();
    }

    void configure(const Value& config) override {
        until_ = config["until"].string();
        seconds_ = config["seconds"].number(30);
    }

    Outcome onMessage(const Message&, Call& call) override {
        const std::lock_guard lock(mutex_);
        threads_.emplace_back([this, pending = call.defer()] {
            test::waitForFile(until_, seconds_, stop_);
            pending.reply("late");
            pending.complete(Outcome::stop);
        });
        return Outcome::pending;
    }

private:
    std::string until_;
    double seconds_ = 0;
    std::atomic<bool> stop_ = false;
    std::mutex mutex_;
    std::vector<std::thread> threads_;
};

/// Completes a call and then says that it never was pending.
class CompletesAndStops final : public MessageHandler {
public:
    Outcome onMessage(const Message&, Call& call) override {
        call.complete(Outcome::stop);
        return Outcome::stop;
    }
};

/// Answers a number that is no outcome.
class UnknownOutcome final : public MessageHandler {
public:
    Outcome onMessage(const Message&, Call&) override { return static_cast<Outcome>(77); }
};

}  // namespace

SYNCLINE_PLUGIN("test.misbehaving", "1.0.0", handler<Throws>("throws"),
                handler<ThrowsNoException>("throws_no_exception"),
                handler<NeverCompletes>("never_completes"),
                handler<CompletesTwice>("completes_twice"),
                handler<CompletesLate>("completes_late"),
                handler<CompletesAndStops>("completes_and_stops"),
                handler<UnknownOutcome>("unknown_outcome"))
