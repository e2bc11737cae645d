// SPDX-License-Identifier: Apache-2.0
#include "net/reactor.h"

#include <atomic>
#include <future>
#include <thread>

#include "loop_fixture.h"

namespace syncline::net::tests {
namespace {

class ReactorTest : public LoopFixture {
protected:
    std::vector<std::string> log;

    core::Task note(std::string text) {
        return [this, text = std::move(text)] { log.push_back(text); };
    }
};

TEST_F(ReactorTest, RunsATickInTheDocumentedOrder) {
    End end = connect();
    end.handler->consume = [&](std::span<char> bytes) {
        log.push_back("socket");
        reactor->postAlways(note("inbox, posted by the socket"));
        reactor->atTickEnd(note("hook"));
        end.connection->send("x");
        return bytes.size();
    };
    ASSERT_TRUE(reactor->post(note("inbox")));
    reactor->timers().start(clock.steadyMs(), 0, note("timer"));
    clock.advanceMs(20);
    end.peer.write("!");
    tick();
    EXPECT_EQ(log, (std::vector<std::string>{"socket", "inbox", "inbox, posted by the socket",
                                             "timer", "hook"}));
    EXPECT_EQ(end.peer.read(), "x") << "written in the same tick";
}

TEST_F(ReactorTest, DrainsTheInboxOnceATick) {
    reactor->postAlways([this] {
        log.push_back("first");
        reactor->postAlways(note("second"));
    });
    tick();
    EXPECT_EQ(log, std::vector<std::string>{"first"});
    tick();
    EXPECT_EQ(log, (std::vector<std::string>{"first", "second"}));
}

TEST_F(ReactorTest, RunsHooksThatHooksAddInTheSameTick) {
    reactor->atTickEnd([this] {
        log.push_back("first");
        reactor->atTickEnd(note("second"));
    });
    tick();
    EXPECT_EQ(log, (std::vector<std::string>{"first", "second"}));
    tick();
    EXPECT_EQ(log.size(), 2u) << "each once";
}

TEST_F(ReactorTest, RefusesATaskAtTheInboxLimitButNotAnAnswer) {
    restart({.inboxTasksMax = 2});
    EXPECT_TRUE(reactor->post(note("1")));
    EXPECT_TRUE(reactor->post(note("2")));
    EXPECT_FALSE(reactor->post(note("3")));
    reactor->postAlways(note("answer"));
    tick();
    EXPECT_EQ(log, (std::vector<std::string>{"1", "2", "answer"}));
    EXPECT_EQ(reactor->figures().tasksRefused, 1u);
    EXPECT_TRUE(reactor->post(note("4")));
}

TEST_F(ReactorTest, FiresTimersByItsClock) {
    reactor->timers().start(reactor->nowMs(), 100, note("timer"));
    clock.advanceMs(99);
    tick();
    EXPECT_TRUE(log.empty());
    clock.advanceMs(1 + core::TimerWheel::kTickMs);
    tick();
    EXPECT_EQ(log.size(), 1u);
}

TEST_F(ReactorTest, ReadsTheClockOnceATick) {
    tick();
    const std::int64_t before = reactor->nowMs();
    clock.advanceMs(50);
    EXPECT_EQ(reactor->nowMs(), before);
    tick();
    EXPECT_EQ(reactor->nowMs(), before + 50);
}

TEST_F(ReactorTest, KnowsItsThread) {
    EXPECT_FALSE(reactor->isCurrent()) << "nobody has run it";
    tick();
    EXPECT_TRUE(reactor->isCurrent());
    std::thread([this] { EXPECT_FALSE(reactor->isCurrent()); }).join();
}

TEST_F(ReactorTest, IsWokenByAPostFromAnotherThread) {
    std::thread shard([this] { reactor->run(); });
    std::promise<bool> ran;
    ASSERT_TRUE(reactor->post([&] { ran.set_value(reactor->isCurrent()); }));
    EXPECT_TRUE(ran.get_future().get());
    reactor->stop();
    shard.join();
}

TEST_F(ReactorTest, KeepsTheOrderOfEachPoster) {
    constexpr int kPosters = 4;
    constexpr int kTasks = 2000;
    std::vector<std::vector<int>> seen(kPosters);
    std::atomic<int> left{kPosters * kTasks};
    std::promise<void> done;
    std::thread shard([this] { reactor->run(); });
    std::vector<std::thread> posters;
    for (std::size_t poster = 0; poster < kPosters; ++poster) {
        posters.emplace_back([&, poster] {
            for (int i = 0; i < kTasks; ++i) {
                reactor->postAlways([&, poster, i] {
                    seen[poster].push_back(i);
                    if (--left == 0) done.set_value();
                });
            }
        });
    }
    done.get_future().wait();
    for (std::thread& poster : posters) poster.join();
    reactor->stop();
    shard.join();
    for (const std::vector<int>& numbers : seen) {
        ASSERT_EQ(numbers.size(), static_cast<std::size_t>(kTasks));
        EXPECT_TRUE(std::is_sorted(numbers.begin(), numbers.end()));
    }
}

TEST_F(ReactorTest, TellsEveryConnectionWhenItStops) {
    End first = connect();
    End second = connect();
    std::thread shard([this] { reactor->run(); });
    reactor->stop();
    shard.join();
    EXPECT_TRUE(first.record->closed && second.record->closed);
    EXPECT_EQ(first.record->reason, CloseReason::serverStopping);
    EXPECT_EQ(reactor->connectionCount(), 0u);
}

TEST_F(ReactorTest, StopBeforeRunEndsAtOnce) {
    reactor->stop();
    reactor->run();
    EXPECT_EQ(reactor->tickCount(), 0u);
}

TEST_F(ReactorTest, SleepsWhenThereIsNothingToDo) {
    End end = connect();
    tick();
    tick();
    for (int i = 0; i < 10; ++i) EXPECT_FALSE(reactor->runOnce(0));
    const std::uint64_t ticks = reactor->tickCount();
    reactor->runOnce(30);
    EXPECT_EQ(reactor->tickCount(), ticks + 1);
}

TEST_F(ReactorTest, ShowsAWatchdogThatItHangs) {
    std::promise<void> hanging;
    std::promise<void> release;
    std::thread shard([this] { reactor->run(); });
    reactor->postAlways([&] {
        hanging.set_value();
        release.get_future().wait();
    });
    hanging.get_future().wait();
    const std::uint64_t ticks = reactor->tickCount();
    EXPECT_EQ(reactor->tickStartedMs(), clock.steadyMs());
    EXPECT_EQ(reactor->tickCount(), ticks) << "the same tick still runs";
    release.set_value();
    reactor->stop();
    shard.join();
    EXPECT_EQ(reactor->tickStartedMs(), 0);
}

TEST_F(ReactorTest, SurvivesConnectionsThatCloseEachOther) {
    std::vector<End> ends;
    for (int i = 0; i < 20; ++i) ends.push_back(connect());
    ends[3].handler->consume = [&](std::span<char> bytes) {
        for (End& end : ends) {
            end.connection->send("bye");
            end.connection->abort();
        }
        return bytes.size();
    };
    for (End& end : ends) end.peer.write("x");
    tick();
    EXPECT_EQ(reactor->connectionCount(), 0u);
    for (End& end : ends) EXPECT_TRUE(end.record->closed);
    EXPECT_EQ(reactor->figures().connectionsOpen, 0u);
    EXPECT_EQ(reactor->figures().connectionsAccepted, 20u);
}

TEST_F(ReactorTest, GivesEverythingBackWhenItIsDestroyedWithConnections) {
    End end = connect(4096);
    end.connection->send(std::string(500'000, 'x'));
    tick();
    EXPECT_GT(budget->usedBytes(), 0u);
    reactor.reset();
    EXPECT_EQ(budget->usedBytes(), 0u);
    while (!end.peer.read().empty()) {
    }
    EXPECT_TRUE(end.peer.ended());
}

}  // namespace
}  // namespace syncline::net::tests
