// SPDX-License-Identifier: Apache-2.0
#include "conflicts.h"

#include <set>
#include <string_view>

#include "syncline/testing/struct_array.h"

namespace syncline::conformance {
namespace {

/// Takes verdicts, and answers for the strategy under `otherwise`. On the stack of one question.
struct Collector {
    const Question& question;
    MockBuilder& builder;
    const syncline_value* otherwiseValue;  // lent
    Decided decided;
    std::set<std::size_t> stopped;  // paths of which otherwise() said that the whole op ends

    static Collector& of(const syncline_verdicts* verdicts) {
        return *static_cast<Collector*>(verdicts->context);
    }

    void put(std::size_t index, Verdict verdict) {
        if (index >= decided.verdicts.size()) {
            decided.wrong.push_back("a verdict on path " + std::to_string(index) +
                                    ", which was not asked about");
            return;
        }
        decided.verdicts[index].push_back(std::move(verdict));
    }

    void give(std::size_t index, syncline_verdict verdict, const syncline_value* value) {
        Verdict given = {verdict, std::nullopt, false};
        if (verdict < SYNCLINE_KEEP || verdict > SYNCLINE_CONFLICT) {
            decided.wrong.push_back("the verdict " + std::to_string(verdict) + ", which is none");
        }
        if (const Json* json = read(value)) given.value = *json;
        if (verdict == SYNCLINE_PUT && !given.value) {
            decided.wrong.push_back("a put without a value");
        }
        // How a conflict is kept is an object.
        const bool keeps = verdict == SYNCLINE_CONFLICT && given.value &&
                           given.value->as<Json::Object>() != nullptr;
        if (verdict != SYNCLINE_PUT && value != nullptr && !keeps) {
            decided.wrong.push_back("a value with a verdict that puts none");
        }
        put(index, std::move(given));
    }

    /// The same strategy for a part of what stands at the path.
    syncline_verdict otherwiseAt(std::size_t index, const syncline_path* place,
                                 const syncline_value** value) {
        if (value != nullptr) *value = otherwiseValue;
        const syncline_verdict verdict = question.otherwise.verdict;
        if (index >= question.paths.size() || place == nullptr) {
            decided.wrong.push_back("asked otherwise about no path, or no place");
            return SYNCLINE_CONFLICT;
        }
        const std::string& path = question.paths[index].path;
        const std::string_view at = toView(place->path);
        const bool within = at.substr(0, path.size()) == path &&
                            (at.size() == path.size() || at[path.size()] == '/');
        if (!within) {
            decided.wrong.push_back("asked otherwise about '" + std::string(at) +
                                    "', which is not within '" + path + "'");
        }
        const syncline_value* sides[] = {place->base, place->current, place->incoming};
        for (const syncline_value* side : sides) read(side);
        if (verdict == SYNCLINE_REFUSE_OP || verdict == SYNCLINE_CONFLICT) stopped.insert(index);
        return verdict;
    }

    /// Behind the last verdict: whoever was told that the op ends says so of the path.
    void judgeStops() {
        for (const std::size_t index : stopped) {
            for (const Verdict& given : decided.verdicts[index]) {
                if (given.verdict == question.otherwise.verdict) continue;
                decided.wrong.push_back("path " + std::to_string(index) + " has the verdict " +
                                        given.text() + ", where otherwise ended the op");
            }
        }
    }

    syncline_verdicts table() {
        syncline_verdicts table = {};
        table.size = sizeof table;
        table.context = this;
        table.give = [](const syncline_verdicts* v, std::size_t index, syncline_verdict verdict,
                        const syncline_value* value) { of(v).give(index, verdict, value); };
        table.builder = [](const syncline_verdicts* v) {
            of(v).builder.clear();
            return of(v).builder.handle();
        };
        table.built = [](const syncline_verdicts* v) { return of(v).builder.result(); };
        table.otherwise = [](const syncline_verdicts* v, std::size_t index) {
            const Otherwise& answer = of(v).question.otherwise;
            of(v).put(index, {answer.verdict, answer.value, true});
        };
        table.otherwise_at = [](const syncline_verdicts* v, std::size_t index,
                                const syncline_path* place, const syncline_value** value) {
            return of(v).otherwiseAt(index, place, value);
        };
        table.refuse = [](const syncline_verdicts* v, std::size_t index, syncline_text reason,
                          const syncline_value* detail) {
            if (toView(reason).empty()) of(v).decided.wrong.push_back("a refusal without a reason");
            read(detail);
            of(v).give(index, SYNCLINE_REFUSE_OP, nullptr);
        };
        table.take_behind = [](const syncline_verdicts* v, std::size_t index,
                               const syncline_value* element) {
            if (read(element) == nullptr) of(v).decided.wrong.push_back("a place behind nothing");
            of(v).give(index, SYNCLINE_TAKE, nullptr);
        };
        table.revive = [](const syncline_verdicts* v, std::size_t index) {
            of(v).give(index, SYNCLINE_TAKE, nullptr);
        };
        table.stamp = [](const syncline_verdicts* v, std::int64_t ms, std::uint32_t) {
            if (ms < 0) of(v).decided.wrong.push_back("a stamp before 1970");
        };
        return table;
    }
};

/// A value of the question as a handle, or null for one that is absent.
class Lent {
public:
    explicit Lent(Vault& vault) : vault_(vault) {}
    ~Lent() {
        for (Loan* loan : loans_) loan->end();
    }
    Lent(const Lent&) = delete;
    Lent& operator=(const Lent&) = delete;

    const syncline_value* lend(const std::optional<Json>& value) {
        if (!value) return nullptr;
        loans_.push_back(&vault_.lend(*value, "a value of a conflict"));
        return loans_.back()->value();
    }

private:
    Vault& vault_;
    std::vector<Loan*> loans_;
};

std::optional<Json> parsed(const char* text) {
    return text == nullptr ? std::nullopt : std::optional<Json>(Json::parse(text));
}

}  // namespace

bool Verdict::operator==(const Verdict& other) const {
    return verdict == other.verdict && value == other.value && byOtherwise == other.byOtherwise;
}

std::string Verdict::text() const {
    constexpr const char* names[] = {"none", "keep", "take", "put", "refuse", "conflict"};
    const bool known = verdict >= SYNCLINE_KEEP && verdict <= SYNCLINE_CONFLICT;
    std::string text = byOtherwise ? "otherwise" : known ? names[verdict] : "?";
    if (value) text += " " + value->text();
    return text;
}

std::string Decided::text() const {
    std::string text = answer.ok() ? "" : "failed: " + answer.reason + "; ";
    for (const auto& path : verdicts) {
        for (const Verdict& verdict : path) text += verdict.text() + ", ";
        text += "| ";
    }
    return text;
}

Decided decide(Instance& instance, const Question& question, bool newerHost) {
    MockHost& host = instance.host();
    Lent lent(host.vault());
    StructArray<syncline_path> paths(newerHost);
    std::vector<std::unique_ptr<LentText>> names;
    for (const TouchedPath& path : question.paths) {
        names.push_back(std::make_unique<LentText>(path.path));
        paths.add({sizeof(syncline_path), names.back()->view(), lent.lend(path.base),
                   lent.lend(path.current), lent.lend(path.incoming), path.stampSeq,
                   path.stampSeq != 0 ? 1U : 0U});
    }
    const LentText channel("room");
    const LentText key("note");
    const LentText kind(question.kind);
    const LentText by(question.by);
    const LentText theirBy(question.theirBy);
    syncline_conflict conflict = {};
    conflict.size = sizeof conflict;
    conflict.channel = channel.view();
    conflict.key = key.view();
    conflict.kind = kind.view();
    conflict.base_known = question.baseKnown ? 1 : 0;
    conflict.base = lent.lend(question.base);
    conflict.current = lent.lend(question.current);
    conflict.incoming = lent.lend(question.incoming);
    conflict.paths = paths.data();
    conflict.path_count = paths.size();
    conflict.by = by.view();
    conflict.their_by = theirBy.view();
    conflict.now_ms = question.nowMs;
    conflict.has_base = 1;
    conflict.base_seq = 1;
    conflict.version = 5;
    conflict.misfit_step = -1;
    MockBuilder& builder = host.vault().newBuilder(MockBuilder::Owner::host);
    Collector collector{question, builder, lent.lend(question.otherwise.value), {}, {}};
    collector.decided.verdicts.resize(question.paths.size());
    const syncline_verdicts verdicts = collector.table();
    collector.decided.answer = answerOf([&](syncline_error* error) {
        return instance.functions<syncline_conflict_strategy>().decide(instance.self(), &conflict,
                                                                       &verdicts, error);
    });
    collector.judgeStops();
    builder.retire();
    return collector.decided;
}

Question smallConflict() {
    Question question;
    question.base = Json::parse(R"({"title":"a","size":1})");
    question.current = Json::parse(R"({"title":"b","size":1})");
    question.incoming = Json::parse(R"({"title":"c","size":1})");
    question.paths = {{"/title", Json("a"), Json("b"), Json("c")}};
    return question;
}

Question wholeRecord(std::optional<Json> base, std::optional<Json> current,
                     std::optional<Json> incoming) {
    Question question;
    question.kind = incoming ? "set" : "delete";
    question.base = base;
    question.current = current;
    question.incoming = incoming;
    question.paths = {{"", std::move(base), std::move(current), std::move(incoming)}};
    return question;
}

std::vector<Question> conflictsOfContainers() {
    constexpr const char* values[] = {R"([{"id":"a","n":1},{"id":"b","n":1}])",
                                      R"([{"id":"b","n":2},{"id":"c","n":2}])",
                                      R"({"id":"a","n":1,"deep":{"x":[1],"y":null}})",
                                      R"({"id":"b","n":2,"deep":{"x":[1,2],"z":"ä"}})",
                                      R"({"id":"c","list":[{"id":"a"}],"deep":{"x":"y"}})"};
    const std::vector<Otherwise> answers = {{SYNCLINE_KEEP},
                                            {SYNCLINE_TAKE},
                                            {SYNCLINE_PUT, Json("put")},
                                            {SYNCLINE_REFUSE_OP},
                                            {SYNCLINE_CONFLICT}};
    std::vector<Question> questions;
    for (const Otherwise& answer : answers) {
        for (const char* base : values) {
            for (const char* current : values) {
                for (const char* incoming : values) {
                    Question question =
                        wholeRecord(parsed(base), parsed(current), parsed(incoming));
                    question.otherwise = answer;
                    questions.push_back(std::move(question));
                }
            }
        }
    }
    return questions;
}

std::vector<Question> conflictsOfEveryKind() {
    struct Kind {
        const char* name;
        const char* argument;
        const char* path;
        const char* current;
        const char* incoming;
    };
    constexpr Kind kinds[] = {
        {"increment", "2", "/n", "5", "7"},
        {"increment", "2", "/n", nullptr, "2"},
        {"patch", R"([{"op":"replace","path":"/n","value":7}])", "/n", "5", "7"},
        {"patch", R"([{"op":"remove","path":"/l/0"}])", "/l", "[1,2]", "[2]"},
        {"add", "3", "/l", "[1,2]", "[1,2,3]"},
        {"remove", "1", "/l", "[1,2]", "[2]"},
        {"insert", R"({"v":1})", "/rows/a", R"({"id":"a","v":2})", R"({"id":"a","v":1})"},
        {"insert", R"({"v":1})", "/rows/a", nullptr, R"({"id":"a","v":1})"},
        {"move", R"("a")", "/rows/a", R"({"id":"a"})", R"({"id":"a"})"},
        {"erase", R"("a")", "/rows/a", R"({"id":"a"})", nullptr},
    };
    const Json record = Json::parse(R"({"n":5,"l":[1,2],"rows":[{"id":"a","v":2}]})");
    std::vector<Question> questions;
    for (const Kind& kind : kinds) {
        for (const std::uint64_t stampSeq : {std::uint64_t{0}, std::uint64_t{5}}) {
            Question question;
            question.kind = kind.name;
            question.base = record;
            question.current = record;
            question.incoming = parsed(kind.argument);
            question.paths = {{kind.path, parsed(kind.current), parsed(kind.current),
                               parsed(kind.incoming), stampSeq}};
            questions.push_back(std::move(question));
        }
    }
    return questions;
}

std::vector<Question> manyConflicts() {
    constexpr const char* values[] = {nullptr,
                                      "null",
                                      "false",
                                      "7.5",
                                      R"("text")",
                                      "[]",
                                      "[1,2,{\"id\":\"a\",\"n\":1}]",
                                      "{}",
                                      R"({"id":"a","n":1,"deep":{"x":[1],"y":null}})",
                                      R"({"id":"a","n":2,"deep":{"x":[1,2],"z":"ä"}})"};
    std::vector<Question> questions = {smallConflict()};
    for (const char* base : values) {
        for (const char* current : values) {
            for (const char* incoming : values) {
                Question question = wholeRecord(parsed(base), parsed(current), parsed(incoming));
                questions.push_back(question);
                question.baseKnown = false;
                question.base.reset();
                question.paths[0].base.reset();
                questions.push_back(std::move(question));
            }
        }
    }
    Question several = smallConflict();
    several.kind = "merge";
    several.paths.push_back({"/size", Json(1), Json(2), Json(3)});
    several.paths.push_back({"/gone", Json(true), std::nullopt, Json(false)});
    several.paths.push_back({"/new~1name", std::nullopt, std::nullopt, Json("x"), 0});
    questions.push_back(std::move(several));
    for (Question& question : conflictsOfContainers()) questions.push_back(std::move(question));
    for (Question& question : conflictsOfEveryKind()) questions.push_back(std::move(question));
    return questions;
}

Question largeConflict() {
    const auto sideOf = [](double number) {
        Json::Array elements;
        for (int i = 0; i < 500; ++i) {
            Json element;
            element["id"] = "element-" + std::to_string(i);
            element["n"] = number;
            elements.push_back(std::move(element));
        }
        Json deep = number;
        for (int i = 0; i < 60; ++i) {
            Json around;
            around["in"] = std::move(deep);
            deep = std::move(around);
        }
        Json side;
        side["list"] = std::move(elements);
        side["deep"] = std::move(deep);
        for (int i = 0; i < 500; ++i) side["member-" + std::to_string(i)] = number + i;
        return side;
    };
    Question question = wholeRecord(sideOf(1), sideOf(2), sideOf(3));
    for (int i = 0; i < 100; ++i) {
        question.paths.push_back({"/member-" + std::to_string(i), Json(1), Json(2), Json(3)});
    }
    return question;
}

std::optional<Json> resultOf(const Verdict& verdict, const TouchedPath& path) {
    if (verdict.verdict == SYNCLINE_TAKE) return path.incoming;
    return verdict.verdict == SYNCLINE_PUT ? verdict.value : path.current;
}

}  // namespace syncline::conformance
