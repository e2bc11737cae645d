// SPDX-License-Identifier: Apache-2.0
#include "core/task.h"

#include <gtest/gtest.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

namespace syncline::core {
namespace {

TEST(UniqueFunction, HoldsWhatMovesButDoesNotCopy) {
    auto number = std::make_unique<int>(42);
    UniqueFunction<int()> function = [number = std::move(number)] { return *number; };
    UniqueFunction<int()> moved = std::move(function);
    EXPECT_EQ(moved(), 42);
    EXPECT_FALSE(function);  // NOLINT(bugprone-use-after-move): that it is empty is the claim
}

TEST(UniqueFunction, IsEmptyUntilItHoldsSomething) {
    Task task;
    EXPECT_FALSE(task);
    task = [] {};
    EXPECT_TRUE(task);
    task = Task();
    EXPECT_FALSE(task);
}

TEST(UniqueFunction, PassesArgumentsAsTheyAre) {
    UniqueFunction<void(std::string&, std::unique_ptr<int>)> function =
        [](std::string& text, std::unique_ptr<int> number) { text += std::to_string(*number); };
    std::string text = "n=";
    function(text, std::make_unique<int>(7));
    EXPECT_EQ(text, "n=7");
}

TEST(UniqueFunction, DropsWhatNobodyAskedFor) {
    int count = 0;
    Task task = [&count] { return ++count; };
    task();
    EXPECT_EQ(count, 1);
}

TEST(UniqueFunction, KeepsTheStateOfItsCallable) {
    UniqueFunction<int()> count = [n = 0]() mutable { return ++n; };
    count();
    count();
    EXPECT_EQ(count(), 3);
}

TEST(UniqueFunction, DestroysItsCallableOnce) {
    const auto held = std::make_shared<int>(1);
    {
        Task task = [held] {};
        Task other = std::move(task);
        EXPECT_EQ(held.use_count(), 2);
        other = [] {};
        EXPECT_EQ(held.use_count(), 1);
    }
    EXPECT_EQ(held.use_count(), 1);
}

TEST(UniqueFunction, LetsExceptionsThrough) {
    Task throwing = [] { throw std::runtime_error("out"); };
    EXPECT_THROW(throwing(), std::runtime_error);
}

}  // namespace
}  // namespace syncline::core
