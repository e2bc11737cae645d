// SPDX-License-Identifier: Apache-2.0
#include "json/parse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "json/careful_reader.h"
#include "unit/json/support.h"

namespace syncline::json {
namespace {

using core::Code;
using testing::HasSubstr;
using tests::json;
using namespace std::string_view_literals;

/// What the slower of the two readers says, which parse() asks only about refusals.
core::Result<Value> parseCarefully(std::string_view text, const ParseLimits& limits = {}) {
    std::string copy(text);
    std::vector<Value> stack;
    return readCarefully(text, copy.data(), limits, stack);
}

struct Malformed {
    std::string_view text;
    std::string_view at;  ///< the byte offset as the reason has it, or empty when it may vary
};

// Each line is one way to be wrong.
const Malformed kMalformed[] = {
    {"", "byte 0"},
    {" \n\t ", "byte 4"},
    {"\xef\xbb\xbf{}", "byte 0"},
    {"nul", ""},
    {"nulll", "byte 4"},
    {"True", "byte 0"},
    {"undefined", "byte 0"},
    {"NaN", "byte 0"},
    {"Infinity", "byte 0"},
    {"-Infinity", ""},
    {"'a'", "byte 0"},
    {"{a:1}", "byte 1"},
    {"{\"a\"}", "byte 4"},
    {"{\"a\" 1}", "byte 5"},
    {"{\"a\":}", "byte 5"},
    {"{\"a\":1,}", "byte 7"},
    {"{,}", "byte 1"},
    {"{\"a\":1 \"b\":2}", "byte 7"},
    {"{1:2}", "byte 1"},
    {"{\"a\":1", "byte 6"},
    {"{", "byte 1"},
    {"}", "byte 0"},
    {"[", ""},
    {"]", "byte 0"},
    {"[1,]", "byte 3"},
    {"[,1]", "byte 1"},
    {"[1 2]", "byte 3"},
    {"[1}", "byte 2"},
    {"{\"a\":[1}", "byte 7"},
    {"{} {}", "byte 3"},
    {"1 2", "byte 2"},
    {"{}x", "byte 2"},
    {"[] // why", "byte 3"},
    {"/* why */ []", "byte 0"},
    {"{}\0"sv, "byte 2"},
    {"\0"sv, "byte 0"},
    {"[1\0]"sv, "byte 2"},
    {"01", "byte 1"},
    {"-", ""},
    {"+1", "byte 0"},
    {".5", "byte 0"},
    {"1.", ""},
    {"1.e5", ""},
    {"1e", ""},
    {"1e+", ""},
    {"0x10", "byte 1"},
    {"1_000", "byte 1"},
    {"- 1", ""},
    {"\"abc", ""},
    {"\"a\nb\"", "byte 2"},
    {"\"a\tb\"", "byte 2"},
    {"\"a\0b\""sv, "byte 2"},
    {"\"\\x41\"", "byte 1"},
    {"\"\\'\"", "byte 1"},
    {"\"\\u12\"", "byte 1"},
    {"\"\\u12G4\"", "byte 1"},
    {"\"\\", ""},
    {"\"\\\"", ""},
    // Halves of surrogate pairs, as values and as keys.
    {"\"\\ud800\"", "byte"},
    {"\"\\ud800x\"", "byte"},
    {"\"\\ud800\\n\"", "byte"},
    {"\"\\ud800\\ud800\"", "byte"},
    {"\"\\udc00\"", "byte"},
    {"\"\\udfff\\ud800\"", "byte"},
    {"{\"\\udc00\":1}", "byte"},
    {"[\"ok\",\"\\uDBFF\"]", "byte"},
    // What is no UTF-8: a lone continuation, cut sequences, overlong forms, surrogates, too large.
    {"\"\x80\"", "byte 1"},
    {"\"a\xc3\"", "byte 2"},
    {"\"ab\xe2\x82\"", "byte 3"},
    {"\"\xf0\x9f\x8e\"", "byte 1"},
    {"\"\xc0\xaf\"", "byte 1"},
    {"\"\xe0\x80\xaf\"", "byte 1"},
    {"\"\xed\xa0\x80\"", "byte 1"},
    {"\"\xf4\x90\x80\x80\"", "byte 1"},
    {"\"\xff\"", "byte 1"},
    {"{\"\xc3(\":1}", "byte 2"},
    {"[1]\xc3", "byte 3"},
    // A key twice.
    {"{\"a\":1,\"a\":1}", "byte 13"},
    {"{\"a\":1,\"\\u0061\":2}", "byte"},
    {"[{\"x\":{\"\":1,\"b\":2,\"\":3}}]", "byte"},
    // Numbers too large for a double.
    {"1e309", "byte 0"},
    {"-1e309", "byte 0"},
    {"[1.8e308]", "byte 1"},
    {"1e99999999999999999999", "byte 0"},
};

TEST(Parse, RefusesWhatIsNotJsonAndSaysWhere) {
    for (const Malformed& malformed : kMalformed) {
        const auto value = parse(malformed.text);
        ASSERT_FALSE(value) << malformed.text;
        EXPECT_EQ(value.error().code, Code::notJson) << malformed.text;
        EXPECT_FALSE(value.error().retry);
        EXPECT_THAT(value.error().reason, HasSubstr("byte ")) << malformed.text;
        EXPECT_TRUE(value.error().reason.ends_with(malformed.at) ||
                    value.error().reason.find(std::string(malformed.at) + ":") !=
                        std::string::npos ||
                    malformed.at == "byte")
            << malformed.text << "\n"
            << value.error().reason;
    }
}

TEST(Parse, ReadsEveryKindOfValue) {
    EXPECT_TRUE(json("null").isNull());
    EXPECT_EQ(json("true"), Value(true));
    EXPECT_EQ(json(" false "), Value(false));
    EXPECT_EQ(json("\r\n\t 12"), Value(12));
    EXPECT_EQ(json("\"\""), Value(""));
    EXPECT_EQ(json("[]"), Value::array());
    EXPECT_EQ(json("{}"), Value::object());

    Value expected = Value::object();
    Value& list = expected.set("list", Value::array());
    list.push(1);
    list.push(Value::object()).set("deep", Value::null());
    expected.set("text", "é");
    EXPECT_EQ(json(R"( { "list" : [ 1 , {"deep":null} ] , "text" : "é" } )"), expected);
}

TEST(Parse, UnescapesStrings) {
    const struct {
        const char* text;
        std::string_view expected;
    } rows[] = {
        {R"("\"\\\/\b\f\n\r\t")", "\"\\/\b\f\n\r\t"sv},
        {R"("\u0041\u00e9\u20AC")", "Aé€"sv},
        {R"("\ud83c\udf88")", "\xf0\x9f\x8e\x88"sv},
        {R"("\uD800\uDC00\uDBFF\uDFFF")", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"sv},
        {R"("a\u0000b")", "a\0b"sv},
        {R"("\uffff")", "\xef\xbf\xbf"sv},
        {"\"\x7f\xe2\x80\xa8\"", "\x7f\xe2\x80\xa8"sv},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(json(row.text).asString(), row.expected) << row.text;
        const Value asKey = json("{" + std::string(row.text) + ":1}");
        EXPECT_TRUE(asKey.contains(row.expected)) << row.text;
    }
}

TEST(Parse, ReadsNumbersToTheNearestDouble) {
    const struct {
        const char* text;
        double expected;
    } rows[] = {
        {"0", 0},
        {"-0", 0},
        {"-0.0", 0},
        {"0e5", 0},
        {"1E2", 100},
        {"1e+2", 100},
        {"25e-1", 2.5},
        {"0.1", 0.1},
        {"9007199254740991", 9007199254740991.0},
        {"-9007199254740991", -9007199254740991.0},
        {"9007199254740993.0", 9007199254740992.0},
        {"1.7976931348623157e308", 1.7976931348623157e308},
        {"1.7976931348623158e308", 1.7976931348623157e308},
        {"2.2250738585072011e-308", 2.2250738585072011e-308},
        {"5e-324", 5e-324},
        {"2.4e-324", 0},
        {"1e-400", 0},
        {"-1e-99999999999", 0},
        // Half-way between two doubles: to the even one. One digit less or more decides otherwise.
        {"0.3000000000000000166533453693773481063544750213623046875", 0.30000000000000004},
        {"0.3000000000000000166533453693773481063544750213623046874", 0.3},
        {"179769313486231570000000000000000000000000000000000000000000.0", 1.7976931348623157e59},
    };
    for (const auto& row : rows) {
        EXPECT_EQ(json(row.text), Value(row.expected)) << row.text;
        const auto carefully = parseCarefully(row.text);
        ASSERT_TRUE(carefully) << row.text << carefully.error().reason;
        EXPECT_EQ(*carefully, Value(row.expected)) << row.text;
    }
}

TEST(Parse, RefusesIntegersThatADoubleCannotHold) {
    for (const std::string_view text :
         {"9007199254740992"sv, "-9007199254740992"sv, "[1,9007199254740993]"sv,
          "{\"a\":18446744073709551615}"sv, "9223372036854775808"sv, "-9223372036854775809"sv,
          "100000000000000000000000000000"sv}) {
        const auto value = parse(text);
        ASSERT_FALSE(value) << text;
        EXPECT_EQ(value.error().code, Code::numberOutOfRange) << text;
        EXPECT_THAT(value.error().reason, HasSubstr("at byte ")) << text;
    }
    const auto huge = parse("[" + std::string(400, '9') + "]");
    ASSERT_FALSE(huge);
    EXPECT_EQ(huge.error().code, Code::numberOutOfRange);

    ParseLimits rounding;
    rounding.exactIntegers = false;
    for (const auto& [text, expected] : {std::pair{"9007199254740993", 9007199254740992.0},
                                         std::pair{"18446744073709551615", 18446744073709551616.0},
                                         std::pair{"-100000000000000000000", -1e20}}) {
        const auto value = parse(text, rounding);
        ASSERT_TRUE(value) << text;
        EXPECT_EQ(*value, Value(expected)) << text;
    }
}

TEST(Parse, NestsAsDeepAsTheLimitAndNoDeeper) {
    for (const std::size_t depth : {std::size_t{1}, std::size_t{64}, std::size_t{300}}) {
        ParseLimits limits;
        limits.depthMax = depth;
        const std::string arrays = std::string(depth, '[') + std::string(depth, ']');
        EXPECT_TRUE(parse(arrays, limits)) << depth;
        EXPECT_TRUE(parseCarefully(arrays, limits)) << depth;
        const auto deeper = parse("[" + arrays + "]", limits);
        ASSERT_FALSE(deeper);
        EXPECT_EQ(deeper.error().code, Code::notJson);
        EXPECT_THAT(deeper.error().reason,
                    HasSubstr("nested deeper than " + std::to_string(depth)));
    }
    EXPECT_TRUE(parse(std::string(64, '[') + std::string(64, ']')));
    EXPECT_FALSE(parse(std::string(65, '[') + std::string(65, ']')));

    ParseLimits none;
    none.depthMax = 0;
    EXPECT_TRUE(parse("1", none));
    EXPECT_FALSE(parse("[]", none));
    EXPECT_FALSE(parse("{}", none));
}

TEST(Parse, AHugeDepthLimitIsCutToWhatTheStackBears) {
    ParseLimits limits;
    limits.depthMax = static_cast<std::size_t>(-1);
    EXPECT_TRUE(parse(std::string(1000, '[') + std::string(1000, ']'), limits));
    EXPECT_FALSE(parse(std::string(1'000'000, '['), limits));
    EXPECT_FALSE(parse(std::string(1001, '[') + std::string(1001, ']'), limits));
}

TEST(Parse, RefusesTextBeyondTheByteLimit) {
    ParseLimits limits;
    limits.bytesMax = 4;
    EXPECT_TRUE(parse("[12]", limits));
    const auto value = parse("[123]", limits);
    ASSERT_FALSE(value);
    EXPECT_EQ(value.error().code, Code::notJson);
    EXPECT_THAT(value.error().reason, HasSubstr("longer than 4 bytes"));
}

TEST(Parse, NamesTheKeyThatIsThereTwice) {
    const auto value = parse(R"({"price":1,"title":2,"price":3})");
    ASSERT_FALSE(value);
    EXPECT_THAT(value.error().reason, HasSubstr("\"price\" twice"));
}

TEST(Parse, FindsADuplicateAmongManyKeys) {
    std::string text = "{";
    for (int i = 0; i < 5000; ++i) text += "\"key" + std::to_string(i) + "\":0,";
    EXPECT_TRUE(parse(text + "\"last\":0}"));
    const auto value = parse(text + "\"key2500\":0}");
    ASSERT_FALSE(value);
    EXPECT_THAT(value.error().reason, HasSubstr("\"key2500\" twice"));
}

TEST(Parse, ReadsLargeTextsAndSmallOnesAfterThem) {
    std::string large = "[";
    for (int i = 0; i < 50'000; ++i) large += "{\"n\":" + std::to_string(i) + "},";
    large += "null]";
    const Value value = json(large);
    EXPECT_EQ(value.size(), 50'001u);
    EXPECT_EQ(toText(value), large);
    EXPECT_EQ(json("[1]"), json("[1]"));
    EXPECT_FALSE(parse(large + "]"));
    EXPECT_EQ(toText(json("{\"a\":[]}")), "{\"a\":[]}");
}

TEST(Parse, LeavesNothingBehindAfterARefusal) {
    for (const Malformed& malformed : kMalformed) {
        EXPECT_FALSE(parse(malformed.text));
        EXPECT_EQ(toText(json(R"({"a":[1,"two"]})")), R"({"a":[1,"two"]})");
    }
}

TEST(Parse, WorksOnManyThreadsAtOnce) {
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 4; ++thread) {
        threads.emplace_back([thread] {
            const std::string text = "{\"thread\":" + std::to_string(thread) + ",\"list\":[1,2,3]}";
            for (int i = 0; i < 2000; ++i) ASSERT_EQ(toText(*parse(text)), text);
        });
    }
    for (std::thread& thread : threads) thread.join();
}

// parse() reads with one library and explains with another: they have to agree on what JSON is.
TEST(Parse, BothReadersAgreeOnTextsThatWereDamaged) {
    tests::RandomValues random(99);
    constexpr std::string_view kBytes = "{}[]\":,\\u0123eE+-.ntf \x01\xc3\xa9\x80\xed";
    for (int round = 0; round < 20'000; ++round) {
        std::string text = toText(random.value());
        for (int damage = random.below(3); damage > 0; --damage) {
            const auto at =
                static_cast<std::size_t>(random.below(static_cast<int>(text.size()) + 1));
            const char byte =
                kBytes[static_cast<std::size_t>(random.below(static_cast<int>(kBytes.size())))];
            if (random.below(2) == 0 || at == text.size()) {
                text.insert(text.begin() + static_cast<std::ptrdiff_t>(at), byte);
            } else {
                text[at] = byte;
            }
        }
        const auto value = parse(text);
        const auto carefully = parseCarefully(text);
        if (!value) {
            // Of what is no UTF-8 the careful reader knows nothing.
            EXPECT_NE(value.error().reason, "") << text;
        } else {
            ASSERT_TRUE(carefully) << text << ": " << carefully.error().reason;
            ASSERT_EQ(*value, *carefully) << text;
        }
    }
}

}  // namespace
}  // namespace syncline::json
