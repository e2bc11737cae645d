// SPDX-License-Identifier: Apache-2.0
#include "simulation/plan.h"

#include "simulation/dice.h"

namespace syncline::simulation {

namespace {

constexpr std::array<std::string_view, kPhases> kPhaseNames = {
    "queued", "sent", "sequenced", "committing", "committed", "acked", "live"};

constexpr std::array<std::string_view, kFaults> kFaultNames = {
    "drop",        "duplicate",  "delay",        "reorder",       "halfOpen",   "lostAck",
    "crash",       "tornWrite",  "diskFull",     "unknownCommit", "restore",    "clockJump",
    "clockSkew",   "twoTabs",    "slowConsumer", "revocation",    "compaction", "wrongStrategy",
    "lostStorage", "userChange", "ageing"};

constexpr std::array<std::string_view, 11> kActNames = {"edit",      "batch",  "giveUp",  "ask",
                                                        "reload",    "backup", "restart", "resolve",
                                                        "transport", "idle",   "fault"};

Act actOf(Dice& dice) {
    const std::uint64_t drawn = dice.below(1'000);
    if (drawn < 40) return Act::batch;
    if (drawn < 60) return Act::giveUp;
    if (drawn < 75) return Act::ask;
    if (drawn < 90) return Act::reload;
    if (drawn < 100) return Act::backup;
    if (drawn < 103) return Act::restart;
    if (drawn < 150) return Act::resolve;
    if (drawn < 165) return Act::transport;
    if (drawn < 210) return Act::idle;
    return Act::edit;
}

// Mostly little: what hurts is what happens at the same time.
std::int64_t waitOf(Dice& dice) {
    const std::uint64_t drawn = dice.below(100);
    if (drawn < 60) return dice.between(0, 2'000);
    if (drawn < 90) return dice.between(2'000, 30'000);
    if (drawn < 99) return dice.between(30'000, 500'000);
    return dice.between(500'000, 20'000'000);
}

Step faultOf(Dice& dice) {
    Step step;
    step.act = Act::fault;
    do {
        step.fault = static_cast<Fault>(dice.below(kFaults));
        step.phase = static_cast<Phase>(dice.below(kPhases));
    } while (!whyNever(step.fault, step.phase).empty());
    return step;
}

}  // namespace

std::string_view nameOf(Phase phase) {
    return kPhaseNames[static_cast<std::size_t>(phase)];
}

std::string_view nameOf(Fault fault) {
    return kFaultNames[static_cast<std::size_t>(fault)];
}

std::string_view whyNever(Fault fault, Phase phase) {
    if (fault == Fault::lostAck && phase != Phase::committed)
        return "only an op that is committed, and whose client does not know, has an ack to lose";
    if ((fault == Fault::tornWrite || fault == Fault::unknownCommit) && phase == Phase::sequenced)
        return "ticks do not run into each other: what was sequenced is with the writer when a "
               "commit begins";
    return {};
}

std::string describe(const Step& step) {
    std::string text(kActNames[static_cast<std::size_t>(step.act)]);
    if (step.act == Act::fault) {
        text += ' ';
        text += nameOf(step.fault);
        text += " when ";
        text += nameOf(step.phase);
    }
    return text + " client " + std::to_string(step.client) + ", then " +
           std::to_string(step.waitUs) + " us";
}

Plan planOf(std::uint64_t seed) {
    Dice dice(seed, "plan");
    Plan plan;
    plan.seed = seed;
    const std::size_t steps = kStepsMin + dice.below(60);
    const std::size_t faultEvery = 8 + dice.below(20);
    for (std::size_t i = 0; i < steps; ++i) {
        const bool isFault = i % faultEvery == faultEvery - 1;
        Step step = isFault ? faultOf(dice) : Step();
        if (!isFault) step.act = actOf(dice);
        step.client = static_cast<std::uint32_t>(dice.below(64));
        step.waitUs = waitOf(dice);
        step.salt = dice.next();
        plan.steps.push_back(step);
    }
    return plan;
}

}  // namespace syncline::simulation
