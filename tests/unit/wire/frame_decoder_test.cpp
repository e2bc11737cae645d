// SPDX-License-Identifier: Apache-2.0
#include "wire/frame_decoder.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "client_frames.h"

namespace syncline::wire::tests {
namespace {

using namespace std::string_literals;

constexpr FrameDecoder::Limits kLimits{.messageBytesMax = 70'000, .framesPerMessageMax = 8};

/// Feeds the bytes in the given parts, as a connection does: what was not consumed comes again.
/// The error, if any, ends the line.
std::string decode(const std::string& bytes, const std::vector<std::size_t>& cuts,
                   FrameDecoder::Limits limits = kLimits) {
    FrameDecoder decoder(limits);
    FrameLog log;
    std::string held;
    std::size_t from = 0;
    for (std::size_t i = 0; i <= cuts.size(); ++i) {
        const std::size_t to = i < cuts.size() ? cuts[i] : bytes.size();
        held += bytes.substr(from, to - from);
        from = to;
        const FrameDecoder::Outcome outcome = decoder.feed(held, log);
        held.erase(0, outcome.consumed);
        EXPECT_LE(held.size(), 139u) << "more than a head and a control frame is held back";
        if (!outcome.error) continue;
        EXPECT_TRUE(held.empty());
        log.add("error:", std::to_string(outcome.error->closeCode));
        break;
    }
    return log.line;
}

struct Case {
    const char* claim;
    std::string bytes;
    std::string expected;
};

std::vector<Case> legalCases() {
    const ClientFrame zeroMask{.payload = "plain", .mask = {0, 0, 0, 0}};
    return {
        {"nothing", "", ""},
        {"a text", text("hello"), "text:hello"},
        {"an empty text", text(""), "text:"},
        {"a binary", binary("\x01\xFF"), "binary:\x01\xFF"},
        {"an empty binary", binary(""), "binary:"},
        {"125 bytes", text(std::string(125, 'a')), "text:125xa"},
        {"126 bytes", text(std::string(126, 'a')), "text:126xa"},
        {"127 bytes", text(std::string(127, 'a')), "text:127xa"},
        {"300 bytes", text(std::string(300, 'a')), "text:300xa"},
        {"a mask of zeros", zeroMask.bytes(), "text:plain"},
        {"two messages", text("a") + text("b"), "text:a text:b"},
        {"text then binary", text("a") + binary("b"), "text:a binary:b"},
        {"UTF-8", text("\u00e9\u20ac\U0001F600"), "text:\u00e9\u20ac\U0001F600"},
        {"a ping", ping("x"), "ping:x"},
        {"an empty ping", ping(""), "ping:"},
        {"a ping of 125 bytes", ping(std::string(125, 'p')), "ping:125xp"},
        {"a ping that is not text", ping("\xFF"), "ping:\xFF"},
        {"a pong", pong("y"), "pong:y"},
        {"two fragments", text("he", false) + continuation("llo"), "text:hello"},
        {"fragments of a binary", binary("\xFF", false) + continuation("\xFE"), "binary:\xFF\xFE"},
        {"an empty first fragment", text("", false) + continuation("a"), "text:a"},
        {"an empty last fragment", text("a", false) + continuation(""), "text:a"},
        {"only empty fragments", text("", false) + continuation("", false) + continuation(""),
         "text:"},
        {"eight fragments",
         text("1", false) + continuation("2", false) + continuation("3", false) +
             continuation("4", false) + continuation("5", false) + continuation("6", false) +
             continuation("7", false) + continuation("8"),
         "text:12345678"},
        {"a ping between fragments", text("a", false) + ping("p") + continuation("b"),
         "ping:p text:ab"},
        {"several control frames between fragments",
         text("a", false) + ping("p") + pong("q") + continuation("b", false) + ping("r") +
             continuation("c"),
         "ping:p pong:q ping:r text:abc"},
        {"a message behind a fragmented one", text("a", false) + continuation("b") + text("c"),
         "text:ab text:c"},
        {"a character across two fragments", text("\xE2\x82", false) + continuation("\xAC"),
         "text:\u20ac"},
        {"a character across four fragments",
         text("\xF0", false) + continuation("\x9F", false) + continuation("\x98", false) +
             continuation("\x80"),
         "text:\U0001F600"},
        {"a character across a ping", text("\xC3", false) + ping("p") + continuation("\xA9"),
         "ping:p text:\u00e9"},
        {"two fragmented texts, each from a fresh start",
         text("\u00e9", false) + continuation("x") + text("y", false) + continuation("\u00e9"),
         "text:\u00e9x text:y\u00e9"},
        {"a fragmented binary with half a character, then a text",
         binary("\xC3", false) + continuation("(") + text("a", false) + continuation("b"),
         "binary:\xC3( text:ab"},
        {"an empty close", closing(""), "close:1005,"},
        {"a close with a code", closing(1000), "close:1000,"},
        {"a close with a reason", closing(1001, "going"), "close:1001,going"},
        {"a close of an application", closing(4999, "x"), "close:4999,x"},
        {"a close with the longest reason", closing(1000, std::string(123, 'r')), "close:128x1"},
        {"a close between fragments", text("a", false) + closing(1000), "close:1000,"},
        {"what follows a close is ignored", closing(1000) + text("late") + "\xFF\xFF",
         "close:1000,"},
        {"a message before a close", text("a") + closing(1000), "text:a close:1000,"},
    };
}

std::vector<Case> illegalCases() {
    const auto frame = [](ClientFrame description) { return description.bytes(); };
    const std::string bigHead = "\x82\xFF\x80\0\0\0\0\0\0\0"s;
    return {
        {"no mask", frame({.payload = "a", .masked = false}), "error:1002"},
        {"an empty frame without mask", frame({.masked = false}), "error:1002"},
        {"reserved bit 1", frame({.payload = "a", .reserved = 0x40}), "error:1002"},
        {"reserved bit 2", frame({.payload = "a", .reserved = 0x20}), "error:1002"},
        {"reserved bit 3", frame({.payload = "a", .reserved = 0x10}), "error:1002"},
        {"a reserved bit on a ping", frame({.opcode = 9, .reserved = 0x40}), "error:1002"},
        {"opcode 3", frame({.opcode = 3}), "error:1002"},
        {"opcode 7", frame({.opcode = 7}), "error:1002"},
        {"opcode 11", frame({.opcode = 11}), "error:1002"},
        {"opcode 15", frame({.opcode = 15}), "error:1002"},
        {"a fragmented ping", frame({.opcode = 9, .final = false}), "error:1002"},
        {"a fragmented close", frame({.opcode = 8, .final = false}), "error:1002"},
        {"a ping of 126 bytes", ping(std::string(126, 'p')), "error:1002"},
        {"a close of 126 bytes", closing(1000, std::string(124, 'r')), "error:1002"},
        {"5 bytes with a 16-bit length", frame({.payload = "hello", .lengthBytes = 2}),
         "error:1002"},
        {"125 bytes with a 16-bit length",
         frame({.payload = std::string(125, 'a'), .lengthBytes = 2}), "error:1002"},
        {"126 bytes with a 64-bit length",
         frame({.payload = std::string(126, 'a'), .lengthBytes = 8}), "error:1002"},
        {"a ping with a 16-bit length", frame({.opcode = 9, .payload = "p", .lengthBytes = 2}),
         "error:1002"},
        {"a length with the highest bit", bigHead, "error:1002"},
        {"a continuation of nothing", continuation("a"), "error:1002"},
        {"an unfinished continuation of nothing", continuation("a", false), "error:1002"},
        {"a continuation behind a whole message", text("a") + continuation("b"),
         "text:a error:1002"},
        {"a text within a fragmented text", text("a", false) + text("b"), "error:1002"},
        {"a binary within a fragmented text", text("a", false) + binary("b"), "error:1002"},
        {"nine fragments",
         text("1", false) + continuation("2", false) + continuation("3", false) +
             continuation("4", false) + continuation("5", false) + continuation("6", false) +
             continuation("7", false) + continuation("8", false) + continuation("9"),
         "error:1009"},
        {"too big at once", "\x82\xFF\0\0\0\0\0\x01\x11\x71"s, "error:1009"},
        {"too big by far", "\x82\xFF\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s, "error:1009"},
        {"too big in fragments",
         binary(std::string(300, 'a'), false) + "\x80\xFF\0\0\0\0\0\x01\x11\x70"s, "error:1009"},
        {"text that is not UTF-8", text("\xFF"), "error:1007"},
        {"an overlong slash", text("\xC0\xAF"), "error:1007"},
        {"a surrogate", text("\xED\xA0\x80"), "error:1007"},
        {"beyond U+10FFFF", text("\xF4\x90\x80\x80"), "error:1007"},
        {"text that ends within a character", text("ab\xE2\x82"), "error:1007"},
        {"fragments that end within a character", text("a", false) + continuation("\xE2\x82"),
         "error:1007"},
        {"a bad byte in a fragment, before the end", text("\xFF", false), "error:1007"},
        {"a character broken by the next fragment", text("\xC3", false) + continuation("("),
         "error:1007"},
        {"messages before an error arrive", text("a") + ping("b") + text("\xFF") + text("c"),
         "text:a ping:b error:1007"},
        {"a close of one byte", closing("\x03"), "error:1002"},
        {"close code 0", closing(0), "error:1002"},
        {"close code 999", closing(999), "error:1002"},
        {"close code 1004", closing(1004), "error:1002"},
        {"close code 1005", closing(1005), "error:1002"},
        {"close code 1006", closing(1006), "error:1002"},
        {"close code 1015", closing(1015), "error:1002"},
        {"close code 1016", closing(1016), "error:1002"},
        {"close code 2999", closing(2999), "error:1002"},
        {"close code 5000", closing(5000), "error:1002"},
        {"a close reason that is not UTF-8", closing(1000, "\xFF"), "error:1007"},
        {"a close reason that ends within a character", closing(1000, "a\xC3"), "error:1007"},
    };
}

class FrameDecoderCases : public ::testing::Test {
protected:
    /// Whole, cut once at each position, byte by byte.
    static void expectAlways(const Case& c) {
        EXPECT_EQ(decode(c.bytes, {}), c.expected) << c.claim;
        for (std::size_t cut = 1; cut < c.bytes.size(); ++cut) {
            ASSERT_EQ(decode(c.bytes, {cut}), c.expected) << c.claim << ", cut at " << cut;
        }
        std::vector<std::size_t> everywhere;
        for (std::size_t cut = 1; cut < c.bytes.size(); ++cut) everywhere.push_back(cut);
        EXPECT_EQ(decode(c.bytes, everywhere), c.expected) << c.claim << ", byte by byte";
    }
};

TEST_F(FrameDecoderCases, DecodesWhatIsLegalHoweverItIsCut) {
    for (const Case& c : legalCases()) expectAlways(c);
}

TEST_F(FrameDecoderCases, RefusesWhatIsNotHoweverItIsCut) {
    for (const Case& c : illegalCases()) expectAlways(c);
}

TEST_F(FrameDecoderCases, DecodesALongStreamCutAtRandom) {
    std::string bytes;
    std::string expected;
    for (const Case& c : legalCases()) {
        if (c.expected.find("close") != std::string::npos || c.expected.empty()) continue;
        bytes += c.bytes;
        expected += (expected.empty() ? "" : " ") + c.expected;
    }
    std::mt19937 random(11);
    for (int round = 0; round < 500; ++round) {
        std::vector<std::size_t> cuts;
        for (std::size_t at = random() % 40; at < bytes.size(); at += 1 + random() % 200) {
            cuts.push_back(at);
        }
        ASSERT_EQ(decode(bytes, cuts), expected);
    }
}

TEST(FrameDecoder, RefusesABadFirstByteWithoutWaiting) {
    FrameDecoder decoder(kLimits);
    FrameLog log;
    std::string bytes = "\xC1";
    EXPECT_EQ(decoder.feed(bytes, log).error->closeCode, close_code::protocolError);
}

TEST(FrameDecoder, RefusesATooLargeMessageBeforeItsPayloadComes) {
    EXPECT_EQ(decode("\x82\xFF\0\0\0\0\0\x01\x11\x71"s, {}), "error:1009");
}

TEST(FrameDecoder, TakesAMessageAtTheLimit) {
    EXPECT_EQ(decode(binary(std::string(70'000, 'x')), {}), "binary:70000xx");
    EXPECT_EQ(decode(binary(std::string(70'000, 'x')), {30'000, 60'001}), "binary:70000xx");
    EXPECT_EQ(
        decode(binary(std::string(35'000, 'x'), false) + continuation(std::string(35'000, 'x')),
               {}),
        "binary:70000xx");
    EXPECT_EQ(
        decode(binary(std::string(35'000, 'x'), false) + continuation(std::string(35'001, 'x')),
               {}),
        "error:1009");
}

TEST(FrameDecoder, HandsOnAWholeMessageWhereItLies) {
    struct Where final : FrameSink {
        Next onMessage(Opcode, std::string_view payload) override {
            at = payload.data();
            return Next::proceed;
        }
        Next onPing(std::string_view) override { return Next::proceed; }
        Next onPong(std::string_view) override { return Next::proceed; }
        void onClose(std::uint16_t, std::string_view) override {}
        const char* at = nullptr;
    } sink;
    std::string bytes = text(std::string(1000, 'x'));
    FrameDecoder decoder(kLimits);
    EXPECT_EQ(decoder.feed(bytes, sink).consumed, bytes.size());
    EXPECT_EQ(sink.at, bytes.data() + 8);
    EXPECT_EQ(decoder.bufferedBytes(), std::string().capacity());
}

TEST(FrameDecoder, HoldsNoMemoryBetweenMessages) {
    FrameDecoder decoder(kLimits);
    FrameLog log;
    std::string bytes = text(std::string(5000, 'x'), false);
    decoder.feed(bytes, log);
    EXPECT_GE(decoder.bufferedBytes(), 5000u);
    bytes = continuation("y");
    decoder.feed(bytes, log);
    EXPECT_EQ(decoder.bufferedBytes(), std::string().capacity());
    EXPECT_EQ(log.line, "text:5001xx");
}

TEST(FrameDecoder, ReservesNothingForALengthThatIsOnlyClaimed) {
    FrameDecoder decoder(kLimits);
    FrameLog log;
    std::string bytes = text(std::string(60'000, 'x')).substr(0, 20);
    decoder.feed(bytes, log);
    EXPECT_LT(decoder.bufferedBytes(), 100u);
}

TEST(FrameDecoder, StopsBehindTheFrameWhenTheSinkSaysSo) {
    const std::string first = text("a", false) + continuation("b");
    std::string bytes = first + ping("p") + text("c");
    FrameDecoder decoder(kLimits);
    FrameLog log;
    log.stopAfter = 1;
    const std::size_t consumed = decoder.feed(bytes, log).consumed;
    EXPECT_EQ(consumed, first.size());
    EXPECT_EQ(log.line, "text:ab");
    log.stopAfter = 1;
    std::string rest = bytes.substr(consumed);
    const std::size_t second = decoder.feed(rest, log).consumed;
    EXPECT_EQ(log.line, "text:ab ping:p");
    rest = rest.substr(second);
    EXPECT_EQ(decoder.feed(rest, log).consumed, rest.size());
    EXPECT_EQ(log.line, "text:ab ping:p text:c");
}

TEST(FrameDecoder, LeavesUnconsumedBytesAsTheyWere) {
    std::string bytes = text("a") + ping("a longer ping").substr(0, 10);
    const std::string before = bytes;
    FrameDecoder decoder(kLimits);
    FrameLog log;
    const std::size_t consumed = decoder.feed(bytes, log).consumed;
    EXPECT_EQ(bytes.substr(consumed), before.substr(consumed));
}

TEST(FrameDecoder, RepeatsItsErrorAndSwallowsTheRest) {
    FrameDecoder decoder(kLimits);
    FrameLog log;
    std::string bytes = text("\xFF") + text("a");
    EXPECT_EQ(decoder.feed(bytes, log).consumed, bytes.size());
    std::string more = text("b");
    const FrameDecoder::Outcome outcome = decoder.feed(more, log);
    EXPECT_EQ(outcome.consumed, more.size());
    EXPECT_EQ(outcome.error->closeCode, close_code::invalidText);
    EXPECT_EQ(log.line, "");
}

TEST(FrameDecoder, UnmasksAtAnyLengthAndAlignment) {
    const std::array<char, 4> mask{'\x01', '\x80', '\x7F', '\x33'};
    for (std::size_t size = 0; size < 40; ++size) {
        for (std::size_t shift = 0; shift < 8; ++shift) {
            std::string bytes(size + shift, '\x55');
            applyMask(std::span<char>(bytes).subspan(shift), mask);
            for (std::size_t i = 0; i < size; ++i) {
                ASSERT_EQ(bytes[shift + i], static_cast<char>('\x55' ^ mask[i % 4]));
            }
        }
    }
}

}  // namespace
}  // namespace syncline::wire::tests
