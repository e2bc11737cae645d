// SPDX-License-Identifier: Apache-2.0
#include "channel/digest.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>
#include <vector>

#include "channel/member_text.h"
#include "json/canonical.h"

namespace syncline::channel {

namespace {

/// The text is hashed piece by piece: it may be as large as the channel.
class Sha256 {
public:
    Sha256() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
        EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
    }

    void add(std::string_view bytes) {
        EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size());
    }

    std::string toHex() {
        constexpr char kDigits[] = "0123456789abcdef";
        std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
        unsigned int size = 0;
        EVP_DigestFinal_ex(context_.get(), digest.data(), &size);
        std::string text;
        for (unsigned int i = 0; i < size; ++i) {
            text += kDigits[digest[i] >> 4];
            text += kDigits[digest[i] & 15];
        }
        return text;
    }

private:
    std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace

std::string digestOf(const CommittedState& state) {
    std::vector<const Records::value_type*> records;
    for (const auto& record : state.records)
        if (!record.second.deleted) records.push_back(&record);
    std::ranges::sort(records, [](const auto* a, const auto* b) {
        return json::comesBefore(a->first, b->first);
    });
    Sha256 hash;
    std::string text;
    hash.add("{");
    for (const auto* found : records) {
        text.assign(found == records.front() ? "" : ",");
        json::writeString(found->first, text);
        text += ":[";
        appendDigits(text, found->second.version);
        text += ',';
        json::writeJcs(found->second.value, text);
        text += ']';
        hash.add(text);
    }
    hash.add("}");
    return hash.toHex();
}

}  // namespace syncline::channel
