// SPDX-License-Identifier: Apache-2.0
// Conflict strategies, each wrong in one thing that the suite has to find, and the right one.
#include <atomic>
#include <syncline/plugin.hpp>

namespace syncline::wrong {
namespace {

/// The incoming value stands.
class RightStrategy : public ConflictStrategy {
public:
    void decide(const Conflict& conflict, Verdicts& verdicts) override {
        for (std::size_t i = 0; i < conflict.pathCount(); ++i) verdicts.take(i);
    }
};

/// Decides about the first path alone.
class ForgetsPaths final : public RightStrategy {
    void decide(const Conflict&, Verdicts& verdicts) override { verdicts.take(0); }
};

/// Lets the two sides win in turns.
class TakesTurns final : public RightStrategy {
    void decide(const Conflict& conflict, Verdicts& verdicts) override {
        const bool theirs = turn_++ % 2 == 0;
        for (std::size_t i = 0; i < conflict.pathCount(); ++i) {
            theirs ? verdicts.keep(i) : verdicts.take(i);
        }
    }
    std::atomic<unsigned> turn_ = 0;
};

/// Looks at a clock of its own, where the time is passed in.
class AsksTheClock final : public RightStrategy {
    void decide(const Conflict& conflict, Verdicts& verdicts) override {
        if (clock().wallMs() > 0) RightStrategy::decide(conflict, verdicts);
    }
};

/// Compares with a value of the conflict before, which was only lent.
class KeepsAValue final : public RightStrategy {
    void decide(const Conflict& conflict, Verdicts& verdicts) override {
        static_cast<void>(before_.size());
        before_ = conflict.current();
        RightStrategy::decide(conflict, verdicts);
    }
    Value before_;
};

/// Finds no end when a record is large.
class FindsNoEnd final : public RightStrategy {
    void decide(const Conflict& conflict, Verdicts& verdicts) override {
        const std::size_t size = conflict.current().size();
        while (size > 100 && !tired_) {
        }
        RightStrategy::decide(conflict, verdicts);
    }
    std::atomic<bool> tired_ = false;
};

/// Puts something, and does not say what.
class PutsNothing final : public RightStrategy {
    void decide(const Conflict& conflict, Verdicts& verdicts) override {
        for (std::size_t i = 0; i < conflict.pathCount(); ++i) verdicts.put(i, Value());
    }
};

/// Asks the strategy under `otherwise`, and takes the incoming value when that ends the op.
class OverrulesOtherwise final : public RightStrategy {
    void decide(const Conflict& conflict, Verdicts& verdicts) override {
        for (std::size_t i = 0; i < conflict.pathCount(); ++i) {
            static_cast<void>(verdicts.otherwise(i, conflict.path(i)));
        }
        RightStrategy::decide(conflict, verdicts);
    }
};

}  // namespace
}  // namespace syncline::wrong

using namespace syncline;
using namespace syncline::wrong;

SYNCLINE_PLUGIN("dev.syncline.wrong.conflict", "1.0.0", conflictStrategy<RightStrategy>("right"),
                conflictStrategy<ForgetsPaths>("forgets_paths"),
                conflictStrategy<TakesTurns>("takes_turns"),
                conflictStrategy<AsksTheClock>("asks_the_clock").needs(SYNCLINE_CLOCK_TABLE),
                conflictStrategy<KeepsAValue>("keeps_a_value"),
                conflictStrategy<FindsNoEnd>("finds_no_end"),
                conflictStrategy<PutsNothing>("puts_nothing"),
                conflictStrategy<OverrulesOtherwise>("overrules_otherwise"))
