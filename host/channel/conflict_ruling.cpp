// SPDX-License-Identifier: Apache-2.0
#include "channel/conflict_ruling.h"

#include <algorithm>
#include <utility>

#include "json/pointer.h"

namespace syncline::channel {

namespace {

const json::Value* at(const json::Value* root, std::string_view path) {
    if (root == nullptr || path.empty()) return root;
    return json::Pointer::parse(path)->resolve(*root);
}

/// The touches that one strategy is asked about, as it sees them.
class Question {
public:
    Question(const Dispute& dispute, ConflictStrategy& strategy, BaseValue& base)
        : dispute_(dispute), strategy_(strategy), base_(base) {}

    void add(std::size_t touch) { touches_.push_back(touch); }
    bool empty() const { return touches_.empty(); }
    const ConflictStrategy& strategy() const { return strategy_; }

    /// Puts a verdict per touch in its place.
    core::Result<void> ask(std::vector<PathVerdict>& verdicts) {
        ConflictQuestion question = frame();
        for (const std::size_t touch : touches_) paths_.push_back(seen(touch, question.base));
        question.paths = paths_;
        core::Result<std::vector<PathVerdict>> answers = strategy_.decide(question);
        if (!answers) return core::fail(answers.error());
        if (answers->size() != touches_.size())
            return core::fail(core::Code::pluginFailed,
                              "a conflict strategy gave another number of verdicts than of paths");
        for (std::size_t i = 0; i < touches_.size(); ++i)
            verdicts[touches_[i]] = simplest(std::move((*answers)[i]), paths_[i]);
        return {};
    }

private:
    ConflictQuestion frame() {
        const Op& op = dispute_.op;
        ConflictQuestion question;
        question.channel = dispute_.channel;
        question.key = op.key;
        question.kind = nameOf(op.kind);
        question.baseKnown = base_.known();
        question.base = base_.value();
        question.current = current();
        question.by = dispute_.by;
        question.theirBy = dispute_.theirBy;
        question.nowMs = dispute_.nowMs;
        if (!op.hlc.isNull()) question.hlc = &op.hlc;
        if (op.kind == OpKind::increment) {
            by_ = json::Value(op.arguments.by);
            question.incoming = &by_;
        } else if (op.kind != OpKind::remove) {
            question.incoming = &op.arguments.value;
        }
        return question;
    }

    TouchedPath seen(std::size_t touch, const json::Value* base) {
        const std::string& path = dispute_.touches[touch].path;
        TouchedPath seen;
        seen.path = path;
        seen.base = at(base, path);
        seen.current = at(current(), path);
        seen.incoming = incoming(path);
        seen.stampSeq = dispute_.hits[touch].seq;
        if (seen.stampSeq == 0 && dispute_.record != nullptr) {
            const StampClass stampClass = dispute_.touches[touch].stampClass;
            seen.stampSeq =
                dispute_.record->stamps.conflict(path, stampClass, dispute_.stream, 0).seq;
        }
        return seen;
    }

    const json::Value* incoming(std::string_view path) {
        const Op& op = dispute_.op;
        if (op.kind == OpKind::remove) return nullptr;
        if (op.kind == OpKind::increment) {
            const core::Result<double> sum = incremented(current(), op.arguments);
            sum_ = json::Value(sum.value_or(op.arguments.by));
            return &sum_;
        }
        const json::Value* value = at(&op.arguments.value, path);
        const bool removes =
            op.kind == OpKind::merge && value != nullptr && value->isNull() && !path.empty();
        return removes ? nullptr : value;
    }

    const json::Value* current() const {
        return dispute_.record == nullptr ? nullptr : dispute_.record->current();
    }

    // A value that is one of the two sides' is that side: so the op stays what it was if it can.
    static PathVerdict simplest(PathVerdict verdict, const TouchedPath& path) {
        if (verdict.verdict != Verdict::put) return verdict;
        if (!verdict.value) return PathVerdict{Verdict::keep, {}};
        if (path.incoming != nullptr && *verdict.value == *path.incoming)
            return PathVerdict{Verdict::take, {}};
        if (path.current != nullptr && *verdict.value == *path.current)
            return PathVerdict{Verdict::keep, {}};
        return verdict;
    }

    const Dispute& dispute_;
    ConflictStrategy& strategy_;
    BaseValue& base_;
    std::vector<std::size_t> touches_;
    std::vector<TouchedPath> paths_;
    json::Value by_;
    json::Value sum_;
};

// Which strategy is asked about what.
std::vector<Question> questionsOf(const Dispute& dispute, const ConflictRules& rules,
                                  BaseValue& base) {
    std::vector<Question> questions;
    for (std::size_t i = 0; i < dispute.touches.size(); ++i) {
        ConflictStrategy* strategy = rules.strategyFor(dispute.op.key, dispute.touches[i].path);
        if (strategy == nullptr) continue;
        if (dispute.hits[i].seq == 0 && !strategy->asksAlways()) continue;
        const auto same = std::ranges::find_if(questions, [strategy](const Question& question) {
            return &question.strategy() == strategy;
        });
        if (same != questions.end())
            same->add(i);
        else
            questions.emplace_back(dispute, *strategy, base).add(i);
    }
    return questions;
}

Ruling combined(std::vector<PathVerdict> verdicts, std::span<const Touch> touches) {
    const auto named = [&](Verdict wanted) {
        std::vector<std::string> paths;
        for (std::size_t i = 0; i < verdicts.size(); ++i)
            if (verdicts[i].verdict == wanted) paths.push_back(touches[i].path);
        return paths;
    };
    Ruling ruling;
    if (ruling.paths = named(Verdict::refuse); !ruling.paths.empty()) {
        ruling.kind = Ruling::Kind::refuse;
    } else if (ruling.paths = named(Verdict::conflict); !ruling.paths.empty()) {
        ruling.kind = Ruling::Kind::conflict;
    } else if (std::ranges::any_of(verdicts, [](const PathVerdict& verdict) {
                   return verdict.verdict != Verdict::take;
               })) {
        ruling.kind = Ruling::Kind::changed;
        ruling.verdicts = std::move(verdicts);
    }
    return ruling;
}

}  // namespace

bool BaseValue::known() {
    rebuild();
    return known_;
}

const json::Value* BaseValue::value() {
    rebuild();
    return known_ && value_ ? &*value_ : nullptr;
}

void BaseValue::rebuild() {
    if (asked_) return;
    asked_ = true;
    const Op& op = dispute_.op;
    if (!op.base) return;
    if (dispute_.record == nullptr)
        known_ = *op.base >= dispute_.state.committed().floor;
    else
        known_ = dispute_.state.rebuild(*dispute_.record, *op.base, value_);
}

core::Result<Ruling> ruleOn(const Dispute& dispute, const ConflictRules& rules, BaseValue& base) {
    std::vector<Question> questions = questionsOf(dispute, rules, base);
    if (questions.empty()) return Ruling{};
    std::vector<PathVerdict> verdicts(dispute.touches.size());
    for (PathVerdict& verdict : verdicts) verdict.verdict = Verdict::take;
    for (Question& question : questions)
        if (core::Result<void> asked = question.ask(verdicts); !asked)
            return core::fail(std::move(asked.error()));
    return combined(std::move(verdicts), dispute.touches);
}

}  // namespace syncline::channel
