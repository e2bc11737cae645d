// SPDX-License-Identifier: Apache-2.0
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <thread>
#include <vector>

#include "simulation/shrink.h"
#include "simulation/world.h"

namespace {

using syncline::simulation::Coverage;
using syncline::simulation::Finding;
using syncline::simulation::Installation;
using syncline::simulation::Plan;
using syncline::simulation::planOf;
using syncline::simulation::World;

constexpr std::uint64_t kSeedsForCoverage = 2'000;

struct Options {
    std::string config = SYNCLINE_SIMULATION_CONFIG;
    std::string seeds;
    std::uint64_t first = 1;
    std::uint64_t last = 2'000;
    std::uint64_t seed = 0;
    double hours = 0;
    unsigned jobs = std::max(1U, std::thread::hardware_concurrency());
    std::size_t shrinkRuns = 400;
    bool trace = false;
    bool quiet = false;
    bool keepGoing = false;
};

/// What one process has found, as it goes through a pipe.
struct Tally {
    std::uint64_t runs = 0;
    std::uint64_t failed = 0;
    std::uint64_t firstFailure = 0;
    std::uint64_t events = 0;
    std::uint64_t ops = 0;
    std::uint64_t faults = 0;
    std::uint64_t wrongPlans = 0;
    Coverage coverage;

    void add(const Tally& other) {
        runs += other.runs;
        if (other.firstFailure != 0 && (firstFailure == 0 || other.firstFailure < firstFailure))
            firstFailure = other.firstFailure;
        failed += other.failed;
        events += other.events;
        ops += other.ops;
        faults += other.faults;
        wrongPlans += other.wrongPlans;
        coverage.add(other.coverage);
    }
};

Finding runSeed(Installation& installation, std::uint64_t seed, bool tracing) {
    World world(installation, planOf(seed), tracing);
    return world.run();
}

void tellFailure(Installation& installation, const Options& options, std::uint64_t seed,
                 const Finding& finding) {
    std::printf("seed %llu FAILED: %s\n", static_cast<unsigned long long>(seed),
                finding.violation.c_str());
    std::fflush(stdout);
    if (options.shrinkRuns == 0) return;
    const Plan shortest = syncline::simulation::shrink(installation, planOf(seed),
                                                       finding.violation, options.shrinkRuns);
    World world(installation, shortest, true);
    const Finding again = world.run();
    std::printf("%zu of %zu steps are enough for: %s\n", shortest.steps.size(),
                planOf(seed).steps.size(), again.violation.c_str());
    for (const std::string& line : again.trace) std::printf("  %s\n", line.c_str());
    std::fflush(stdout);
}

// Seeds first, first + every, …; ends at the first failure, unless it is to keep going.
Tally runSome(const Options& options, std::uint64_t first, std::uint64_t every,
              std::chrono::steady_clock::time_point until) {
    Installation installation = Installation::open(options.config);
    Tally tally;
    for (std::uint64_t seed = first; options.hours > 0 || seed <= options.last; seed += every) {
        if (options.hours > 0 && std::chrono::steady_clock::now() >= until) break;
        const Finding finding = runSeed(installation, seed, false);
        ++tally.runs;
        tally.events += finding.events;
        tally.ops += finding.opsLanded;
        tally.faults += finding.faults;
        tally.coverage.add(finding.coverage);
        if (finding.violation.empty() && finding.faults < syncline::simulation::kFaultsMin)
            ++tally.wrongPlans;
        if (finding.violation.empty()) continue;
        ++tally.failed;
        if (tally.firstFailure == 0) tally.firstFailure = seed;
        tellFailure(installation, options, seed, finding);
        if (!options.keepGoing) break;
    }
    return tally;
}

Tally runAll(const Options& options) {
    const auto until = std::chrono::steady_clock::now() +
                       std::chrono::duration_cast<std::chrono::steady_clock::duration>(
                           std::chrono::duration<double, std::ratio<3600>>(options.hours));
    std::vector<std::pair<pid_t, int>> children;
    std::fflush(stdout);
    for (unsigned job = 0; job < options.jobs; ++job) {
        int ends[2];
        if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
        const pid_t child = ::fork();
        if (child < 0) throw std::runtime_error("no process");
        if (child == 0) {
            const Tally tally = runSome(options, options.first + job, options.jobs, until);
            const bool told = ::write(ends[1], &tally, sizeof tally) == sizeof tally;
            std::fflush(stdout);
            ::_exit(told ? 0 : 1);
        }
        ::close(ends[1]);
        children.emplace_back(child, ends[0]);
    }
    Tally all;
    for (const auto& [child, end] : children) {
        Tally tally;
        if (::read(end, &tally, sizeof tally) == sizeof tally) {
            all.add(tally);
        } else {
            std::printf("seed 0 FAILED: a process died\n");
            ++all.failed;
        }
        ::close(end);
        ::waitpid(child, nullptr, 0);
    }
    return all;
}

int tellAll(const Options& options, const Tally& tally, double seconds) {
    std::printf(
        "%llu seeds, %llu failed; %llu ops, %llu faults, %llu events, %.1f s\n",
        static_cast<unsigned long long>(tally.runs), static_cast<unsigned long long>(tally.failed),
        static_cast<unsigned long long>(tally.ops), static_cast<unsigned long long>(tally.faults),
        static_cast<unsigned long long>(tally.events), seconds);
    if (tally.failed != 0) {
        std::printf("first failing seed: %llu\n",
                    static_cast<unsigned long long>(tally.firstFailure));
        return 1;
    }
    if (!options.quiet) std::printf("%s", tally.coverage.table().c_str());
    if (tally.wrongPlans != 0) {
        std::printf("%llu seeds had too few faults\n",
                    static_cast<unsigned long long>(tally.wrongPlans));
        return 1;
    }
    const std::string missing = tally.coverage.missing();
    if (tally.runs < kSeedsForCoverage || missing.empty()) return 0;
    std::printf("never hit: %s\n", missing.c_str());
    return 1;
}

int runOne(const Options& options) {
    Installation installation = Installation::open(options.config);
    const Finding finding = runSeed(installation, options.seed, options.trace);
    for (const std::string& line : finding.trace) std::printf("%s\n", line.c_str());
    std::printf("seed %llu: trace %016llx, %zu events, %zu ops, %zu faults\n",
                static_cast<unsigned long long>(options.seed),
                static_cast<unsigned long long>(finding.traceHash), finding.events,
                finding.opsLanded, finding.faults);
    if (finding.violation.empty()) return 0;
    tellFailure(installation, options, options.seed, finding);
    return 1;
}

int run(const Options& options) {
    if (options.seed != 0) return runOne(options);
    const auto began = std::chrono::steady_clock::now();
    const Tally tally = runAll(options);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    return tellAll(options, tally, took.count());
}

}  // namespace

int main(int count, char** arguments) {
    Options options;
    CLI::App app("Runs the sync core on a virtual clock, network and disk; one seed is one run.");
    app.add_option("--config", options.config, "the simulated server's conflict rules");
    app.add_option("--seeds", options.seeds, "A..B (default 1..2000)");
    app.add_option("--seed", options.seed, "one run");
    app.add_option("--hours", options.hours, "run on for so long, from the first seed");
    app.add_option("--jobs", options.jobs, "processes");
    app.add_option("--shrink", options.shrinkRuns, "runs to look for a shorter plan; 0: none");
    app.add_flag("--trace", options.trace, "with --seed: print every event");
    app.add_flag("--keep-going", options.keepGoing, "past a seed that fails");
    app.add_flag("--quiet", options.quiet, "no table");
    CLI11_PARSE(app, count, arguments);
    try {
        if (const auto dots = options.seeds.find(".."); dots != std::string::npos) {
            options.first = std::stoull(options.seeds.substr(0, dots));
            options.last = std::stoull(options.seeds.substr(dots + 2));
        }
        return run(options);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "%s\n", error.what());
        return 2;
    }
}
