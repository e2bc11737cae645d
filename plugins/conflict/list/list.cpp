// SPDX-License-Identifier: Apache-2.0
#include <merging/merge.h>
#include <merging/paths.h>
#include <merging/settling.h>

#include <algorithm>
#include <cstddef>
#include <string>
#include <syncline/plugin.hpp>
#include <vector>

namespace {

using syncline::Builder;
using syncline::Conflict;
using syncline::Document;
using syncline::Path;
using syncline::Value;
using syncline::Verdicts;
using syncline::merging::KeyedArray;
using syncline::merging::Merge;
using syncline::merging::Merged;
using syncline::merging::Sides;

/// Elements by the member that orders them, then by id: numbers, then texts, then what has none.
class Order {
public:
    explicit Order(std::string member) : member_(std::move(member)) {}

    bool operator()(const Value& one, const Value& other) const {
        const int keys = compare(one[member_], other[member_]);
        return keys != 0 ? keys < 0 : compare(one["id"], other["id"]) < 0;
    }

private:
    static int rank(const Value& value) { return value.isNumber() ? 0 : value.isString() ? 1 : 2; }

    static int compare(const Value& one, const Value& other) {
        if (rank(one) != rank(other)) return rank(one) < rank(other) ? -1 : 1;
        if (one.isNumber())
            return one.number() < other.number() ? -1 : one.number() > other.number() ? 1 : 0;
        return one.string().compare(other.string());
    }

    std::string member_;
};

/// Elements come, go and move each for itself, by their ids; whole lists merge element by element.
class List final : public syncline::ConflictStrategy {
public:
    void configure(const Value& config) override { orderBy_ = config["order"].string(); }

    void decide(const Conflict& conflict, Verdicts& verdicts) override {
        for (std::size_t i = 0; i < conflict.pathCount(); ++i) {
            const Path path = conflict.path(i);
            if (conflict.kind() == "insert")
                insert(conflict, path, i, verdicts);
            else if (conflict.kind() == "move" && !orderBy_.empty())
                verdicts.refuseOp(i, "the place of an element follows from its '" + orderBy_ + "'");
            else if (isElementKind(conflict.kind()))
                verdicts.take(i);
            else
                write(conflict, path, i, verdicts);
        }
    }

private:
    // Elements that came with a whole list may be called anything; behind those nothing can stand.
    static bool isId(const Value& id) {
        constexpr std::size_t bytesMax = 255;
        return id.isNumber() ||
               (id.isString() && !id.string().empty() && id.string().size() <= bytesMax);
    }

    static bool isElementKind(std::string_view kind) {
        return kind == "move" || kind == "erase" || kind == "add" || kind == "remove";
    }

    void insert(const Conflict& conflict, const Path& path, std::size_t index,
                Verdicts& verdicts) const {
        // Somebody else replaced the element, or took it away.
        if (path.conflicts && path.current != path.incoming) return verdicts.otherwise(index);
        if (orderBy_.empty()) return verdicts.take(index);
        const std::string_view around = path.path.substr(0, path.path.rfind('/'));
        const Value list = syncline::merging::at(conflict.current(), around);
        const Order order(orderBy_);
        Value before;
        for (const Value element : list) {
            const bool isOther = element["id"] != path.incoming["id"] && isId(element["id"]);
            if (isOther && element.isObject() && order(element, path.incoming)) before = element;
        }
        if (before.exists()) return verdicts.takeBehind(index, before["id"]);
        Document front = document();
        front.add(nullptr);
        verdicts.takeBehind(index, front.result());
    }

    void write(const Conflict& conflict, const Path& path, std::size_t index,
               Verdicts& verdicts) const {
        if (path.current == path.incoming) return verdicts.take(index);
        if (!path.conflicts) return put(path.incoming, index, verdicts);
        if (!conflict.baseKnown()) return verdicts.otherwise(index);
        const std::vector<KeyedArray> arrays = {{std::string(path.path), "id"}};
        const Merge merge(arrays);
        const Sides sides = {path.base, path.current, path.incoming};
        switch (merge.compare(sides, {std::string(path.path), std::string(path.path)})) {
            case Merged::current:
                return verdicts.keep(index);
            case Merged::incoming:
                return put(path.incoming, index, verdicts);
            case Merged::conflict:
                return verdicts.otherwise(index);
            case Merged::within:
                break;
        }
        Document merged = document();
        if (syncline::merging::writeSettled(merge, path, index, verdicts, merged))
            put(merged.result(), index, verdicts);
    }

    void put(const Value& value, std::size_t index, Verdicts& verdicts) const {
        if (!value.exists()) return verdicts.take(index);
        if (orderBy_.empty() || !value.isArray()) return verdicts.put(index, value);
        std::vector<Value> elements;
        for (const Value element : value) elements.push_back(element);
        std::stable_sort(elements.begin(), elements.end(), Order(orderBy_));
        verdicts.put(index, [&](Builder& out) {
            out.array([&](Builder& sorted) {
                for (const Value& element : elements) sorted.add(element);
            });
        });
    }

    std::string orderBy_;
};

}  // namespace

SYNCLINE_PLUGIN("dev.syncline.list", "1.0.0",
                syncline::conflictStrategy<List>("list").asksAlways().describes(
                    "Elements of a list come, go and move, each for itself."))
