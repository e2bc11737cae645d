// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <string>
#include <syncline/plugin.hpp>
#include <unordered_set>
#include <utility>
#include <vector>

namespace {

using syncline::Builder;
using syncline::Conflict;
using syncline::Path;
using syncline::Value;
using syncline::Verdicts;

/// Equal values have the same text, whatever the order of their members.
std::string canonical(const Value& value) {
    std::string text;
    if (value.isArray()) {
        for (const Value element : value) text += canonical(element) + ",";
        return "[" + text + "]";
    }
    if (!value.isObject()) return value.serialize();
    std::vector<std::pair<std::string, std::string>> members;
    for (const auto [name, member] : value.members())
        members.emplace_back(std::string(name), canonical(member));
    std::sort(members.begin(), members.end());
    for (const auto& [name, member] : members)
        text += std::to_string(name.size()) + name + ":" + member + ",";
    return "{" + text + "}";
}

/// The values of an array, told apart by what they are.
class Elements {
public:
    explicit Elements(const Value& array) {
        for (const Value element : array) texts_.insert(canonical(element));
    }

    bool has(const std::string& text) const { return texts_.count(text) != 0; }
    bool add(const std::string& text) { return texts_.insert(text).second; }
    std::size_t size() const { return texts_.size(); }
    bool operator==(const Elements& other) const { return texts_ == other.texts_; }

private:
    std::unordered_set<std::string> texts_;
};

/// Elements come and go each for itself. Two whole values merge as what they added and removed.
class Set final : public syncline::ConflictStrategy {
public:
    void decide(const Conflict& conflict, Verdicts& verdicts) override {
        const bool isElement = conflict.kind() == "add" || conflict.kind() == "remove";
        for (std::size_t i = 0; i < conflict.pathCount(); ++i) {
            if (isElement)
                verdicts.take(i);
            else
                decideWhole(conflict, conflict.path(i), i, verdicts);
        }
    }

private:
    static void decideWhole(const Conflict& conflict, const Path& path, std::size_t index,
                            Verdicts& verdicts) {
        if (path.current == path.incoming) return verdicts.take(index);
        if (!path.incoming.isArray())
            return path.conflicts ? verdicts.otherwise(index) : verdicts.take(index);
        const bool sameKind = !path.current.exists() || path.current.isArray();
        if (sameKind && Elements(path.current) == Elements(path.incoming) && path.current.exists())
            return verdicts.keep(index);
        if (!path.conflicts)
            return verdicts.put(index, [&](Builder& out) { writeOnce(path.incoming, out); });
        const bool baseFits = !path.base.exists() || path.base.isArray();
        if (!conflict.baseKnown() || !baseFits || !path.current.isArray())
            return verdicts.otherwise(index);
        verdicts.put(index, [&](Builder& out) { writeMerged(path, out); });
    }

    static void writeOnce(const Value& array, Builder& out) {
        Elements written((Value()));
        out.array([&](Builder& elements) {
            for (const Value element : array)
                if (written.add(canonical(element))) elements.add(element);
        });
    }

    // What is there, without what the op removed of its base, and with what it added to it.
    static void writeMerged(const Path& path, Builder& out) {
        const Elements base(path.base);
        const Elements incoming(path.incoming);
        Elements written((Value()));
        out.array([&](Builder& elements) {
            for (const Value element : path.current) {
                const std::string text = canonical(element);
                const bool isRemoved = base.has(text) && !incoming.has(text);
                if (!isRemoved && written.add(text)) elements.add(element);
            }
            for (const Value element : path.incoming) {
                const std::string text = canonical(element);
                if (!base.has(text) && written.add(text)) elements.add(element);
            }
        });
    }
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.set", "1.0.0",
                syncline::conflictStrategy<Set>("set").asksAlways().describes(
                    "Elements of a set come and go, each for itself."))
