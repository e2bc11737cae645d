// SPDX-License-Identifier: Apache-2.0
#include "wire/frame.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace syncline::wire {
namespace {

using namespace std::string_literals;

std::string framed(Opcode opcode, const std::string& payload) {
    std::string out = "before";
    appendFrame(out, opcode, payload);
    return out.substr(6);
}

// RFC 6455, section 5.7.
TEST(Frame, LooksLikeTheExamplesOfTheStandard) {
    EXPECT_EQ(framed(Opcode::text, "Hello"), "\x81\x05Hello");
    EXPECT_EQ(framed(Opcode::ping, "Hello"), "\x89\x05Hello");
    EXPECT_EQ(framed(Opcode::binary, std::string(256, 'x')),
              "\x82\x7E\x01\x00"s + std::string(256, 'x'));
    EXPECT_EQ(framed(Opcode::binary, std::string(65536, 'x')),
              "\x82\x7F\0\0\0\0\0\x01\0\0"s + std::string(65536, 'x'));
}

TEST(Frame, UsesTheShortestLength) {
    EXPECT_EQ(framed(Opcode::text, "").size(), 2u);
    EXPECT_EQ(framed(Opcode::text, std::string(125, 'x')).size(), 127u);
    EXPECT_EQ(framed(Opcode::text, std::string(126, 'x')).size(), 130u);
    EXPECT_EQ(framed(Opcode::text, std::string(65535, 'x')).size(), 65539u);
    EXPECT_EQ(framed(Opcode::text, std::string(65536, 'x')).size(), 65546u);
}

TEST(Frame, WholeFramesAreTakenApartAgain) {
    std::string frames;
    const std::vector<std::string> payloads = {"", "a", std::string(126, 'b'),
                                               std::string(70'000, 'c')};
    for (const std::string& payload : payloads) appendFrame(frames, Opcode::text, payload);
    std::string_view rest = frames;
    for (const std::string& payload : payloads) EXPECT_EQ(takeFrame(rest), payload);
    EXPECT_TRUE(rest.empty());
    EXPECT_EQ(takeFrame(rest), "");
}

TEST(Frame, CloseCarriesCodeAndReason) {
    std::string out;
    appendClose(out, 4001, "draining");
    EXPECT_EQ(out, "\x88\x0A\x0F\xA1"s + "draining");
}

TEST(Frame, CloseCutsItsReasonBetweenCharacters) {
    std::string reason(122, 'x');
    reason += "\u00e9\u00e9";
    std::string out;
    appendClose(out, 1000, reason);
    EXPECT_EQ(out.size(), 2u + 2u + 122u) << "the two-byte character does not fit";
    out.clear();
    appendClose(out, 1000, std::string(200, 'x'));
    EXPECT_EQ(out.size(), 2u + 125u);
}

TEST(Frame, KnowsWhichCloseCodesAPeerMaySend) {
    for (const int code : {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014,
                           3000, 3999, 4000, 4501, 4999}) {
        EXPECT_TRUE(isCloseCodeAllowed(static_cast<std::uint16_t>(code))) << code;
    }
    for (const int code :
         {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535}) {
        EXPECT_FALSE(isCloseCodeAllowed(static_cast<std::uint16_t>(code))) << code;
    }
}

}  // namespace
}  // namespace syncline::wire
