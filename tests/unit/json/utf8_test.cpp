// SPDX-License-Identifier: Apache-2.0
#include "json/utf8.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace syncline::json {
namespace {

using namespace std::string_view_literals;

TEST(Utf8, AcceptsEveryLengthUpToTheLastCodePoint) {
    for (const std::string_view text :
         {""sv, "plain"sv, "\0"sv, "\x7f"sv, "\xc2\x80"sv, "\xdf\xbf"sv, "\xe0\xa0\x80"sv,
          "\xed\x9f\xbf"sv, "\xee\x80\x80"sv, "\xef\xbf\xbf"sv, "\xf0\x90\x80\x80"sv,
          "\xf4\x8f\xbf\xbf"sv}) {
        EXPECT_TRUE(isUtf8(text));
        EXPECT_EQ(invalidUtf8At(text), text.size());
    }
}

TEST(Utf8, RefusesWhatIsMalformedWhereverItStands) {
    for (const std::string_view wrong :
         {"\x80"sv, "\xbf"sv, "\xc0\x80"sv, "\xc1\xbf"sv, "\xc2"sv, "\xc2\x20"sv, "\xe0\x9f\xbf"sv,
          "\xe2\x82"sv, "\xed\xa0\x80"sv, "\xed\xbf\xbf"sv, "\xf0\x8f\xbf\xbf"sv, "\xf0\x9f\x8e"sv,
          "\xf4\x90\x80\x80"sv, "\xf5\x80\x80\x80"sv, "\xfe"sv, "\xff"sv}) {
        for (std::size_t before = 0; before < 70; ++before) {
            // Two bytes of 'é' each, so that blocks of any width are met at any offset.
            std::string text(before % 2, 'a');
            for (std::size_t i = 0; i < before / 2; ++i) text += "é";
            EXPECT_FALSE(isUtf8(text + std::string(wrong)));
            EXPECT_EQ(invalidUtf8At(text + std::string(wrong)), text.size());
            EXPECT_EQ(invalidUtf8At(text + std::string(wrong) + "tail"), text.size());
        }
    }
}

}  // namespace
}  // namespace syncline::json
