// SPDX-License-Identifier: Apache-2.0
#include "jose/base64url.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

namespace syncline::jose {
namespace {

TEST(Base64UrlTest, WritesWhatItReads) {
    const std::vector<std::pair<std::string, std::string>> pairs = {
        {"", ""},
        {"f", "Zg"},
        {"fo", "Zm8"},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg"},
        {"fooba", "Zm9vYmE"},
        {"\xff\xfe\xfd", "__79"},
        {"\xfb\xef", "--8"},
        {std::string(1, '\0'), "AA"},
    };
    for (const auto& [bytes, text] : pairs) {
        EXPECT_EQ(encodeBase64Url(bytes), text);
        EXPECT_EQ(decodeBase64Url(text), bytes) << text;
    }
}

TEST(Base64UrlTest, GivesBackEveryByteAtEveryPlace) {
    std::string bytes;
    for (int i = 0; i < 256; ++i) {
        bytes += static_cast<char>(i);
        EXPECT_EQ(decodeBase64Url(encodeBase64Url(bytes)), bytes);
    }
}

TEST(Base64UrlTest, RefusesEveryOtherSpelling) {
    for (const std::string& text :
         {std::string("A"), std::string("Zg="), std::string("Zg=="), std::string("Zh"),
          std::string("Zm9"), std::string("Zm9v\n"), std::string(" Zg"), std::string("+/+/"),
          std::string("Zm9vA"), std::string("Zm9\0", 4), std::string("Z\xc3\xa4"),
          std::string("Zg.."), std::string("====")}) {
        EXPECT_FALSE(decodeBase64Url(text)) << text;
    }
}

}  // namespace
}  // namespace syncline::jose
