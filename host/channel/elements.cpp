// SPDX-License-Identifier: Apache-2.0
#include "channel/elements.h"

#include <algorithm>
#include <utility>

#include "channel/member_text.h"
#include "channel/place.h"

namespace syncline::channel {

namespace {

using core::Code;
using core::fail;

bool isSetKind(OpKind kind) {
    return kind == OpKind::include || kind == OpKind::exclude;
}

bool adds(OpKind kind) {
    return kind == OpKind::include || kind == OpKind::insert;
}

std::optional<std::size_t> indexOfValue(const json::Value& set, const json::Value& value) {
    const auto found = std::ranges::find(set.elements(), value);
    if (found == set.elements().end()) return std::nullopt;
    return static_cast<std::size_t>(found - set.elements().begin());
}

// Where an element goes that `behind` places, in a list without it; `old` is where it was.
std::size_t placeIn(const json::Value& list, const Arguments& arguments,
                    std::optional<std::size_t> old) {
    const std::size_t end = list.size() - (old ? 1 : 0);
    if (!arguments.behind) return end;
    if (arguments.behind->isNull()) return 0;
    const std::optional<std::size_t> before = indexOf(list, idText(*arguments.behind));
    if (!before) return end;
    return *before + (old && *old < *before ? 0 : 1);
}

ElementStep setStep(OpKind kind, const Arguments& arguments, const json::Value& set) {
    const std::optional<std::size_t> there = indexOfValue(set, arguments.value);
    if (kind == OpKind::exclude) return {there, std::nullopt};
    if (there) return {};
    return {std::nullopt, set.size()};
}

json::Value elementOf(Arguments& arguments) {
    json::Value element = std::move(arguments.value);
    element.set("id", std::move(arguments.element));
    return element;
}

std::string pointerTo(std::string_view member) {
    std::string detail = "{";
    appendMember(detail, "pointer", member);
    return detail + '}';
}

tl::unexpected<core::Error> wrongPath(Code code, const char* why) {
    core::Error error = core::Error::of(code, why);
    error.detail = pointerTo("/path");
    return fail(std::move(error));
}

core::Result<void> checkDepth(const Arguments& arguments, std::size_t depthMax) {
    const std::size_t above = arguments.path.tokens().size() + 1;
    if (above <= depthMax && arguments.value.fitsDepth(depthMax - above)) return {};
    return wrongPath(Code::tooLarge, "the record would be nested too deep");
}

}  // namespace

std::optional<std::size_t> indexOf(const json::Value& list, std::string_view id) {
    const auto found = std::ranges::find_if(list.elements(), [id](const json::Value& element) {
        const json::Value* own = element.find("id");
        if (own == nullptr) return false;
        return own->isString() ? own->asString() == id : own->isNumber() && idText(*own) == id;
    });
    if (found == list.elements().end()) return std::nullopt;
    return static_cast<std::size_t>(found - list.elements().begin());
}

ElementStep stepOf(OpKind kind, const Arguments& arguments, const json::Value& array) {
    if (isSetKind(kind)) return setStep(kind, arguments, array);
    const std::optional<std::size_t> there = indexOf(array, idText(arguments.element));
    if (kind == OpKind::erase) return {there, std::nullopt};
    // An element that is there and is inserted again without a place gets its new value in its old.
    if (kind == OpKind::insert && there && !arguments.behind) return {there, there};
    return {there, placeIn(array, arguments, there)};
}

core::Result<void> checkElements(OpKind kind, const Arguments& arguments,
                                 const json::Value* current, std::size_t depthMax) {
    if (adds(kind))
        if (auto fits = checkDepth(arguments, depthMax); !fits) return fits;
    if (current == nullptr) {
        if (adds(kind)) return {};
        return fail(Code::noRecord, "there is no such record");
    }
    const json::Value* array = arguments.path.resolve(*current);
    if (array == nullptr) {
        if (kind == OpKind::move) return wrongPath(Code::noRecord, "there is no such list");
        if (canPlace(*current, arguments.path)) return {};
        return wrongPath(Code::badField, "the path leads through no object");
    }
    if (!array->isArray()) return wrongPath(Code::badField, "there is no array at the path");
    if (kind != OpKind::move || indexOf(*array, idText(arguments.element))) return {};
    core::Error error = core::Error::of(Code::noRecord, "the list has no such element");
    error.detail = pointerTo("/element");
    return fail(std::move(error));
}

void applyElements(OpKind kind, Arguments arguments, json::Value& root) {
    json::Value* array = arguments.path.resolve(root);
    if (array == nullptr) {
        if (!adds(kind)) return;
        place(root, arguments.path, json::Value::array());
        array = arguments.path.resolve(root);
    }
    const ElementStep step = stepOf(kind, arguments, *array);
    json::Value moved;
    if (step.erased) {
        moved = std::move((*array)[*step.erased]);
        array->erase(*step.erased);
    }
    if (!step.inserted) return;
    if (kind == OpKind::insert) moved = elementOf(arguments);
    if (kind == OpKind::include) moved = std::move(arguments.value);
    array->insert(*step.inserted, std::move(moved));
}

}  // namespace syncline::channel
