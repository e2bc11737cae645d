// SPDX-License-Identifier: Apache-2.0
#include "channel/patching.h"

#include <algorithm>
#include <functional>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "channel/member_text.h"
#include "channel/place.h"
#include "json/patch.h"
#include "json/pointer.h"

namespace syncline::channel {

namespace {

using core::Code;
using core::fail;

// What a value holds in memory is at most this often the length of its text.
constexpr std::size_t kMemoryPerTextMax = 32;

std::string_view textAt(const json::Value& step, std::string_view member) {
    // Through a pointer: no literal in host/ equals the name of a shipped component.
    const json::Value* text = json::Pointer().child(member).resolve(step);
    return text != nullptr && text->isString() ? text->asString() : std::string_view();
}

bool isPointer(const json::Value& step, std::string_view member) {
    const json::Value* text = step.find(member);
    return text != nullptr && text->isString() && json::Pointer::parse(text->asString());
}

/// The places of one patch, each once.
class Places {
public:
    explicit Places(const json::Value* current) : current_(current) {}

    void write(std::string_view path) { add(path, written_, writes_); }
    void look(std::string_view path) { add(path, lookedAt_, looks_); }

    std::vector<Touch> take() {
        std::vector<Touch> touches;
        for (std::string& path : writes_)
            if (!isWrittenAbove(path))
                touches.push_back({std::move(path), StampClass::write, Touch::Role::written});
        for (std::string& path : looks_)
            if (!written_.contains(path) && !isWrittenAbove(path))
                touches.push_back({std::move(path), StampClass::write, Touch::Role::checked});
        return touches;
    }

private:
    using Known = std::unordered_set<std::string>;

    void add(std::string_view path, Known& known, std::vector<std::string>& inOrder) {
        const auto [at, fresh] = known.emplace(cutAtArray(current_, path));
        if (fresh) inOrder.push_back(*at);
    }

    bool isWrittenAbove(const std::string& path) const {
        for (std::size_t slash = path.rfind('/'); slash != std::string::npos;
             slash = slash == 0 ? std::string::npos : path.rfind('/', slash - 1))
            if (written_.contains(path.substr(0, slash))) return true;
        return false;
    }

    const json::Value* current_;
    Known written_;
    Known lookedAt_;
    std::vector<std::string> writes_;
    std::vector<std::string> looks_;
};

bool addsTheRecord(const json::Value& steps) {
    if (steps.empty()) return false;
    const json::Value& first = steps[0];
    return textAt(first, "op") == "add" && isPointer(first, "path") &&
           textAt(first, "path").empty();
}

core::Error atStep(core::Error error, std::size_t step) {
    error.detail = "{";
    appendMember(error.detail, "pointer", "/patch/" + std::to_string(step));
    error.detail += '}';
    return error;
}

}  // namespace

std::vector<Touch> touchedByPatch(const json::Value& steps, const json::Value* current) {
    Places places(current);
    if (!steps.isArray()) return {};
    for (const json::Value& step : steps.elements()) {
        if (!isPointer(step, "path")) continue;
        const std::string_view does = textAt(step, "op");
        const bool hasSource = (does == "move" || does == "copy") && isPointer(step, "from");
        if (hasSource && does == "move") places.write(textAt(step, "from"));
        if (hasSource && does == "copy") places.look(textAt(step, "from"));
        if (does == "test")
            places.look(textAt(step, "path"));
        else
            places.write(textAt(step, "path"));
    }
    return places.take();
}

std::optional<std::size_t> misfitStep(const json::Value* current, const json::Value& steps,
                                      const PatchBounds& bounds) {
    std::size_t failedStep = steps.size();
    if (patched(current, steps, bounds, &failedStep)) return std::nullopt;
    return failedStep;
}

core::Result<json::Value> patched(const json::Value* current, const json::Value& steps,
                                  const PatchBounds& bounds, std::size_t* failedAt) {
    if (steps.size() > bounds.stepsMax) {
        core::Error error = wrongMember(
            "patch", "at most " + std::to_string(bounds.stepsMax) + " steps are allowed");
        error.code = Code::tooLarge;
        return fail(std::move(error));
    }
    if (current == nullptr && !addsTheRecord(steps))
        return fail(Code::noRecord, "there is no such record");
    json::PatchLimits limits;
    limits.depthMax = bounds.depthMax;
    limits.bytesMax = kMemoryPerTextMax * bounds.recordBytesMax;
    limits.workBytesMax = limits.bytesMax;
    json::Value outcome = current == nullptr ? json::Value() : current->clone();
    std::size_t failedStep = steps.size();
    core::Result<void> done = json::applyPatch(outcome, steps, limits, &failedStep);
    if (done) return outcome;
    if (failedAt != nullptr) *failedAt = failedStep;
    if (failedStep == steps.size()) return fail(std::move(done.error()));
    return fail(atStep(std::move(done.error()), failedStep));
}

}  // namespace syncline::channel
