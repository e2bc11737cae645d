// SPDX-License-Identifier: Apache-2.0
#include "simulation/shrink.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace syncline::simulation {

namespace {

std::string_view promiseOf(std::string_view violation) {
    return violation.substr(0, violation.find(':'));
}

}  // namespace

Plan shrink(Installation& installation, Plan plan, const std::string& violation,
            std::size_t runsMax) {
    const auto failsAlike = [&](const Plan& candidate) {
        World world(installation, candidate, false);
        return promiseOf(world.run().violation) == promiseOf(violation);
    };
    for (std::size_t size = plan.steps.size() / 2; size > 0 && runsMax > 0; size /= 2) {
        for (std::size_t at = 0; at < plan.steps.size() && runsMax > 0;) {
            Plan candidate = plan;
            const auto first = candidate.steps.begin() + static_cast<std::ptrdiff_t>(at);
            const std::size_t count = std::min(size, candidate.steps.size() - at);
            candidate.steps.erase(first, first + static_cast<std::ptrdiff_t>(count));
            --runsMax;
            if (failsAlike(candidate))
                plan = std::move(candidate);
            else
                at += size;
        }
    }
    return plan;
}

}  // namespace syncline::simulation
