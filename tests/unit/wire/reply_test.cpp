// SPDX-License-Identifier: Apache-2.0
#include "wire/reply.h"

#include <gtest/gtest.h>

#include <string>

#include "json/parse.h"

namespace syncline::wire {
namespace {

std::string errorText(const json::Value& id, const core::Error& error,
                      std::string_view channel = {}) {
    std::string out;
    appendError(out, id, error, channel);
    EXPECT_TRUE(json::parse(out)) << out;
    return out;
}

TEST(Reply, TellsAnError) {
    EXPECT_EQ(errorText(7, core::Error::of(core::Code::busy, "later")),
              R"({"type":"error","re":7,"code":1404,"reason":"later","retry":true})");
    EXPECT_EQ(errorText("x", core::Error::of(core::Code::badField, "no \"n\"\n"), "a\"b"),
              R"({"type":"error","re":"x","channel":"a\"b","code":1102,)"
              R"("reason":"no \"n\"\n","retry":false})");
}

TEST(Reply, LeavesOutWhatIsUnknown) {
    EXPECT_EQ(errorText({}, core::Error::of(core::Code::internal, "")),
              R"({"type":"error","code":1001,"reason":"","retry":true})");
}

TEST(Reply, GivesAdviceAndDetail) {
    core::Error error = core::Error::of(core::Code::gap, "gap");
    error.retryAfterMs = 250;
    error.detail = R"({"expected":5})";
    EXPECT_EQ(errorText({}, error),
              R"({"type":"error","code":1207,"reason":"gap","retry":true,"retryAfterMs":250,)"
              R"("detail":{"expected":5}})");
}

TEST(Reply, BeginsAnyReply) {
    std::string out;
    appendReplyHead(out, "any", 1.5);
    EXPECT_EQ(out, R"({"type":"any","re":1.5)");
}

}  // namespace
}  // namespace syncline::wire
