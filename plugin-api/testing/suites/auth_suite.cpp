// SPDX-License-Identifier: Apache-2.0
// What the contract says of auth providers. A subject's `accepts`, `refuses` and `notMine` are
// credentials that its author knows the answer to.
#include <thread>

#include "subject_test.h"
#include "traffic.h"

namespace syncline::conformance {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;

std::string text(const Authenticated& result) {
    switch (result.answer) {
        case SYNCLINE_ACCEPT:
            return "accept " + (result.principal ? result.principal->text() : "(nothing built)");
        case SYNCLINE_REFUSE:
            return "refuse " + std::to_string(result.failure.code) + " " + result.failure.reason;
        case SYNCLINE_NOT_MINE:
            return "not mine";
        default:
            return "the answer " + std::to_string(result.answer) + ", which is none";
    }
}

/// The credential with one byte changed, at some places of it. Not in a scheme before it, whose
/// case is free (RFC 9110, 11.1), and not the last byte: in base64 that may hold bits which count
/// for nothing.
std::vector<std::string> changedWithin(const std::string& credential) {
    constexpr std::size_t placesMax = 100;
    std::vector<std::string> all;
    const std::size_t step = credential.size() / placesMax + 1;
    const std::size_t first = credential.find(' ') + 1;  // 0 when there is none
    for (std::size_t at = first; at + 1 < credential.size(); at += step) {
        std::string changed = credential;
        changed[at] = changed[at] == 'A' ? 'B' : 'A';
        all.push_back(std::move(changed));
    }
    return all;
}

class AuthProvider : public SubjectTest {
protected:
    std::vector<Shown> listed(const char* list) const {
        std::vector<Shown> all;
        for (const Json& described : subject().facts.list(list)) {
            all.push_back(Shown::read(described));
        }
        return all;
    }
    std::vector<Shown> allListed() const {
        std::vector<Shown> all = listed("accepts");
        for (const char* list : {"refuses", "notMine"}) {
            for (Shown& shown : listed(list)) all.push_back(std::move(shown));
        }
        return all;
    }
    bool isOpenToAnyone() const { return hasFlag(subject().manifest(), "open_to_anyone"); }
};

TEST_P(AuthProvider, AcceptsWhatIsGoodAndSaysWhoItIs) {
    const auto life = live();
    std::size_t at = 0;
    for (const Json& described : subject().facts.list("accepts")) {
        SCOPED_TRACE("accepts/" + std::to_string(at++));
        const Authenticated result = authenticate(*life, Shown::read(described));
        ASSERT_EQ(result.answer, SYNCLINE_ACCEPT) << text(result);
        ASSERT_TRUE(result.principal) << "accepted, and built no principal";
        const Json& who = *result.principal;
        const std::string user = who.string("user");
        EXPECT_TRUE(!user.empty() && user.size() <= 255 && user[0] != '$')
            << "a user's name has 1 to 255 bytes and no leading $: '" << user << "'";
        EXPECT_EQ(user, described.string("user", user));
        for (const Json& role : who.list("roles")) {
            EXPECT_NE(role.as<std::string>(), nullptr) << "a role is a string: " << role.text();
        }
        if (const Json* claims = who.find("claims")) {
            EXPECT_NE(claims->as<Json::Object>(), nullptr) << claims->text();
        }
        if (const Json* expires = who.find("expiresAt")) {
            ASSERT_NE(expires->as<double>(), nullptr) << expires->text();
            EXPECT_GT(*expires->as<double>(), static_cast<double>(Shown::read(described).nowMs));
        }
    }
}

TEST_P(AuthProvider, RefusesWhatIsWrongWithACodeAndAReason) {
    const auto life = live();
    for (const Json& described : subject().facts.list("refuses")) {
        const Authenticated result = authenticate(*life, Shown::read(described));
        EXPECT_EQ(result.answer, SYNCLINE_REFUSE) << described.text() << ": " << text(result);
        EXPECT_TRUE(result.failure.code >= 1300 && result.failure.code < 1400)
            << described.text() << ": " << result.failure.code << " is no code of authentication";
        EXPECT_FALSE(result.failure.reason.empty());
        if (const Json* code = described.find("code")) {
            EXPECT_EQ(Json(static_cast<double>(result.failure.code)), *code) << described.text();
        }
    }
}

TEST_P(AuthProvider, LeavesToOthersWhatIsNotItsOwn) {
    const auto life = live();
    for (const Shown& shown : listed("notMine")) {
        EXPECT_EQ(authenticate(*life, shown).answer, SYNCLINE_NOT_MINE) << shown.token;
    }
    Shown nothing;
    EXPECT_EQ(authenticate(*life, nothing).answer, SYNCLINE_NOT_MINE) << "nothing was shown";
    nothing.client = "a-client-id-of-somebody";
    const Authenticated result = authenticate(*life, nothing);
    EXPECT_EQ(result.answer, isOpenToAnyone() ? SYNCLINE_ACCEPT : SYNCLINE_NOT_MINE)
        << "only a client id was shown, and the manifest says open_to_anyone or not: "
        << text(result);
}

TEST_P(AuthProvider, AcceptsNothingThatNobodyGaveOut) {
    const auto life = live();
    std::vector<std::string> odd = {"x",
                                    "Bearer",
                                    "Bearer ",
                                    "Basic Og==",
                                    "a.b.c",
                                    "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbm4ifQ.",
                                    std::string(1 << 20, 'a'),
                                    std::string("\0\x01\xff", 3),
                                    std::string(64, '.'),
                                    "' OR 1=1 --"};
    for (const Shown& good : listed("accepts")) {
        for (const std::string& token : {good.token, good.authorization}) {
            if (token.empty()) continue;
            odd.push_back(token.substr(0, token.size() - 1));
            odd.push_back(token + "x");
            odd.push_back(token + token);
            for (std::string& changed : changedWithin(token)) odd.push_back(std::move(changed));
        }
    }
    for (const std::string& each : odd) {
        for (std::string Shown::*place : {&Shown::token, &Shown::authorization}) {
            Shown shown;
            shown.client = "a-client-id-of-somebody";
            shown.*place = each;
            const Authenticated result = authenticate(*life, shown);
            EXPECT_TRUE(result.answer == SYNCLINE_REFUSE || result.answer == SYNCLINE_NOT_MINE)
                << each.substr(0, 80) << ": " << text(result);
        }
    }
}

TEST_P(AuthProvider, SaysTheSameEachTimeOnEveryShard) {
    const auto life = live(2);
    std::vector<std::string> first;
    for (const Shown& shown : allListed()) first.push_back(text(authenticate(*life, shown)));
    for (const std::uint32_t shard : {1U, 0U}) {
        std::size_t at = 0;
        for (const Shown& shown : allListed()) {
            EXPECT_EQ(text(authenticate(*life, shown, shard)), first[at++]);
        }
    }
}

TEST_P(AuthProvider, TellsNoSecretToTheLogOrThePeer) {
    const auto life = live();
    std::vector<std::string> said;
    for (const Shown& shown : allListed()) {
        const Authenticated result = authenticate(*life, shown);
        said.push_back(result.failure.reason);
        if (result.principal) said.push_back(result.principal->text());
    }
    for (const std::string& line : life->host().lines()) said.push_back(line);
    for (const Shown& shown : allListed()) {
        for (const std::string& secret :
             {shown.token, shown.authorization, shown.cookie, shown.client, shown.certificate}) {
            if (secret.size() < 8) continue;
            for (const std::string& each : said) {
                EXPECT_EQ(each.find(secret), std::string::npos) << "a secret is told: " << each;
            }
        }
    }
}

TEST_P(AuthProvider, KeepsNoViewOfWhatItWasShown) {
    const auto life = live();
    // The same memory shows something good, then something else of the same length.
    for (const Shown& good : listed("accepts")) {
        if (good.token.empty()) continue;
        std::string memory = good.token;
        syncline_credentials credentials = {};
        credentials.size = sizeof credentials;
        credentials.token = toText(memory);
        credentials.client = toText(good.client);
        credentials.now_ms = good.nowMs;
        const auto ask = [&] {
            MockBuilder& built = life->host().vault().newBuilder(MockBuilder::Owner::host);
            syncline_error error = {};
            error.size = sizeof error;
            const auto answer = life->functions<syncline_auth_provider>().authenticate(
                life->self(), life->shard(0), &credentials, built.handle(), &error);
            built.retire();
            return answer;
        };
        EXPECT_EQ(ask(), SYNCLINE_ACCEPT);
        std::fill(memory.begin(), memory.end(), 'x');
        EXPECT_NE(ask(), SYNCLINE_ACCEPT) << "it compares with a view of memory that has changed";
    }
}

TEST_P(AuthProvider, KnowsTheTimeFromTheHostAlone) {
    const auto life = live();
    for (const Shown& good : listed("accepts")) {
        const Authenticated before = authenticate(*life, good);
        const Json* expires = before.principal ? before.principal->find("expiresAt") : nullptr;
        if (expires == nullptr) continue;
        Shown late = good;
        late.nowMs = static_cast<std::int64_t>(*expires->as<double>()) + kDayMs;
        const Authenticated result = authenticate(*life, late);
        EXPECT_EQ(result.answer, SYNCLINE_REFUSE) << "a day after its end: " << text(result);
        EXPECT_EQ(result.failure.code, 1302U) << "expired is 1302";
    }
}

TEST_P(AuthProvider, WorksOnSeveralShardsAtOnce) {
    constexpr std::uint32_t shards = 4;
    const auto life = live(shards);
    std::vector<std::string> expected;
    for (const Shown& shown : allListed()) expected.push_back(text(authenticate(*life, shown)));
    std::vector<std::thread> threads;
    std::vector<int> other(shards, 0);
    for (std::uint32_t shard = 0; shard < shards; ++shard) {
        threads.emplace_back([&, shard] {
            for (int round = 0; round < 25; ++round) {
                std::size_t at = 0;
                for (const Shown& shown : allListed()) {
                    if (text(authenticate(*life, shown, shard)) != expected[at++]) ++other[shard];
                }
            }
        });
    }
    for (std::thread& thread : threads) thread.join();
    for (const int count : other) EXPECT_EQ(count, 0) << "answers that differ";
}

TEST_P(AuthProvider, ReturnsAtOnceUnlessItIsBlocking) {
    if (hasFlag(subject().manifest(), "blocking")) GTEST_SKIP() << "it may wait";
    const auto life = live();
    std::vector<Shown> all = allListed();
    Shown huge;
    huge.token = std::string(1 << 20, '.');
    huge.authorization = "Bearer " + huge.token;
    all.push_back(huge);
    expectToReturn("authenticate", kReturnLimitMs, [&] {
        for (const Shown& shown : all) authenticate(*life, shown);
    });
}

INSTANTIATE_TEST_SUITE_P(Every, AuthProvider,
                         ::testing::ValuesIn(subjectsOf(SYNCLINE_AUTH_PROVIDER)), nameOfParam);
GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(AuthProvider);

}  // namespace
}  // namespace syncline::conformance
