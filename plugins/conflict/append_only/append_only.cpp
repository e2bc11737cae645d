// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <syncline/plugin.hpp>

namespace {

using syncline::Builder;
using syncline::Conflict;
using syncline::Path;
using syncline::Value;
using syncline::Verdicts;

/// What both sides made of one value that only grows.
class Growth {
public:
    Growth(Value base, Value current, Value incoming, bool baseKnown)
        : base_(base), current_(current), incoming_(incoming), baseKnown_(baseKnown) {}

    /// Whether nothing that is there goes or changes. What the author never saw is not missing.
    bool fits() const {
        if (!current_.exists() || current_ == incoming_) return true;
        if (current_.isObject() && incoming_.isObject()) return membersFit();
        if (!current_.isArray() || !incoming_.isArray()) return false;
        return startsWith(incoming_, current_) || (baseKnown_ && bothAppended());
    }

    /// For what fits and where current is there.
    void write(Builder& out) const {
        if (current_.isObject() && incoming_.isObject()) return writeMembers(out);
        if (!current_.isArray() || startsWith(incoming_, current_)) {
            out.add(incoming_);
            return;
        }
        out.array([&](Builder& elements) {
            for (const Value element : current_) elements.add(element);
            if (endsAsIncoming()) return;
            for (std::size_t i = base_.size(); i < incoming_.size(); ++i)
                elements.add(incoming_.at(i));
        });
    }

private:
    static bool startsWith(const Value& array, const Value& start) {
        if (start.size() > array.size()) return false;
        for (std::size_t i = 0; i < start.size(); ++i)
            if (array.at(i) != start.at(i)) return false;
        return true;
    }

    bool bothAppended() const {
        if (base_.exists() && !base_.isArray()) return false;
        return startsWith(current_, base_) && startsWith(incoming_, base_);
    }

    // The same elements at the end of both are one and the same appending.
    bool endsAsIncoming() const {
        const std::size_t added = incoming_.size() - base_.size();
        if (current_.size() < base_.size() + added) return false;
        for (std::size_t i = 0; i < added; ++i)
            if (current_.at(current_.size() - added + i) != incoming_.at(base_.size() + i))
                return false;
        return true;
    }

    Growth member(std::string_view name) const {
        return {base_[name], current_[name], incoming_[name], baseKnown_};
    }
    bool isUnseen(std::string_view name) const {
        return baseKnown_ && !base_.contains(name) && !incoming_.contains(name);
    }

    bool membersFit() const {
        for (const auto [name, value] : current_.members())
            if (!isUnseen(name) && !member(name).fits()) return false;
        return true;
    }

    void writeMembers(Builder& out) const {
        out.object([&](Builder& members) {
            for (const auto [name, value] : current_.members()) {
                members.key(name);
                if (isUnseen(name))
                    members.add(value);
                else
                    member(name).write(members);
            }
            for (const auto [name, value] : incoming_.members())
                if (!current_.contains(name)) members.key(name).add(value);
        });
    }

    Value base_;
    Value current_;
    Value incoming_;
    bool baseKnown_;
};

/// Nothing that exists is changed or removed.
class AppendOnly final : public syncline::ConflictStrategy {
public:
    void decide(const Conflict& conflict, Verdicts& verdicts) override {
        for (std::size_t i = 0; i < conflict.pathCount(); ++i)
            decidePath(conflict, conflict.path(i), i, verdicts);
    }

private:
    static void decidePath(const Conflict& conflict, const Path& path, std::size_t index,
                           Verdicts& verdicts) {
        if (!path.current.exists()) return verdicts.take(index);
        const std::string_view kind = conflict.kind();
        // An element of a set: the host puts it behind the others, once.
        if (kind == "add") return verdicts.take(index);
        if (kind == "remove" && !contains(path.current, conflict.incoming()))
            return verdicts.take(index);
        const Growth growth(path.base, path.current, path.incoming, conflict.baseKnown());
        const bool reaches = kind == "remove" || kind == "move" || kind == "increment";
        if (reaches || !growth.fits())
            return verdicts.refuseOp(index, "what is there is neither changed nor removed");
        verdicts.put(index, [&](Builder& out) { growth.write(out); });
    }

    static bool contains(const Value& array, const Value& wanted) {
        if (!array.isArray()) return true;
        for (const Value element : array)
            if (element == wanted) return true;
        return false;
    }
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.append_only", "1.0.0",
                syncline::conflictStrategy<AppendOnly>("append_only")
                    .asksAlways()
                    .describes("Nothing that exists is changed or removed."))
