// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>

#include "syncline/testing/instance.h"
#include "syncline/testing/process_watch.h"
#include "syncline/testing/subject.h"

namespace syncline::conformance {

/// Far beyond what any function of the contract may take, on any machine.
constexpr std::int64_t kReturnLimitMs = 5'000;

inline void expectOk(const Answer& answer) {
    EXPECT_TRUE(answer.ok()) << answer.reason;
}

/// What every life comes to: nothing forbidden was done, nothing lent was kept.
inline void expectGoodConduct(MockHost& host) {
    for (const std::string& misconduct : host.ledger().misconduct()) {
        ADD_FAILURE() << "the component " << misconduct;
    }
    EXPECT_EQ(host.vault().leakedBuilders(), 0U) << "builders that it made and never destroyed";
}

/// A life that is judged at its end.
class Life : public Instance {
public:
    using Instance::Instance;
    ~Life() {
        end();
        expectGoodConduct(host());
    }
};

/// One claim about one subject.
class SubjectTest : public ::testing::TestWithParam<Subject> {
protected:
    SubjectTest() { folder.fill(subject()); }

    const Subject& subject() const { return GetParam(); }
    const syncline_component& component() const { return *subject().component; }
    Json config() const { return subject().configIn(folder.path()); }

    /// A life from create to open shards.
    std::unique_ptr<Life> live(std::uint32_t shards = 1) const {
        auto life = std::make_unique<Life>(component());
        expectOk(life->live(config(), shards));
        return life;
    }

    TestFolder folder;
};

inline std::string nameOfParam(const ::testing::TestParamInfo<Subject>& info) {
    return info.param.name;
}

}  // namespace syncline::conformance
