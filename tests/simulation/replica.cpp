// SPDX-License-Identifier: Apache-2.0
#include "simulation/replica.h"

#include <utility>

#include "channel/elements.h"
#include "channel/op_kind.h"
#include "core/ids.h"
#include "json/merge.h"
#include "json/patch.h"
#include "json/write.h"

namespace syncline::simulation {

namespace {

// The numbers and objects of the simulation lie at most one member deep.
bool increment(std::optional<json::Value>& current, const json::Value& op) {
    const std::string_view path = op.find("path")->asString();
    const double by = op.find("by")->asNumber();
    if (path.empty()) {
        if (current && !current->isNumber()) return false;
        current = json::Value((current ? current->asNumber() : 0) + by);
        return true;
    }
    if (!current) current = json::Value::object();
    if (!current->isObject()) return false;
    const std::string_view name = path.substr(1);
    const json::Value* old = current->find(name);
    if (old != nullptr && !old->isNumber()) return false;
    current->set(name, json::Value((old == nullptr ? 0 : old->asNumber()) + by));
    return true;
}

bool changeElements(std::optional<json::Value>& current, channel::OpKind kind,
                    const json::Value& op) {
    auto arguments = channel::readArguments(kind, channel::argumentsText(kind, op));
    if (!arguments) return false;
    const json::Value* now = current ? &*current : nullptr;
    if (!channel::checkElements(kind, *arguments, now, 64)) return false;
    if (!current) current = json::Value::object();
    channel::applyElements(kind, std::move(*arguments), *current);
    return true;
}

bool patch(std::optional<json::Value>& current, const json::Value& op) {
    json::Value root = current ? current->clone() : json::Value();
    if (!json::applyPatch(root, *op.find("patch"))) return false;
    current = std::move(root);
    return true;
}

}  // namespace

bool applyPlainly(std::optional<json::Value>& current, const json::Value& op) {
    const auto kind = channel::kindNamed(op.find("kind")->asString());
    if (!kind) return false;
    switch (*kind) {
        case channel::OpKind::set:
            current = op.find("value")->clone();
            return true;
        case channel::OpKind::merge: {
            json::Value root = current ? std::move(*current) : json::Value();
            json::mergePatch(root, op.find("value")->clone());
            current = std::move(root);
            return true;
        }
        case channel::OpKind::increment:
            return increment(current, op);
        case channel::OpKind::remove:
            current.reset();
            return true;
        case channel::OpKind::patch:
            return patch(current, op);
        case channel::OpKind::none:
            return true;
        default:
            return changeElements(current, *kind, op);
    }
}

bool Replica::apply(const json::Value& op, std::uint64_t version) {
    const std::string key(op.find("key")->asString());
    std::optional<json::Value> value;
    if (const Held* held = find(key)) value = held->value.clone();
    if (!applyPlainly(value, op)) return false;
    erase(key);
    if (value) store(key, std::move(*value), version);
    return true;
}

void Replica::put(const json::Value& record) {
    const std::string key(record.find("key")->asString());
    erase(key);
    if (record.contains("deleted")) return;
    store(key, record.find("value")->clone(),
          static_cast<std::uint64_t>(record.find("version")->asNumber()));
}

void Replica::clear() {
    records_.clear();
    digest_ = 0;
}

const Replica::Held* Replica::find(std::string_view key) const {
    const auto found = records_.find(key);
    return found == records_.end() ? nullptr : &found->second;
}

void Replica::store(const std::string& key, json::Value value, std::uint64_t version) {
    Held held{std::move(value), version};
    digest_ ^= digestOf(key, held);
    records_.insert_or_assign(key, std::move(held));
}

void Replica::erase(std::string_view key) {
    const auto found = records_.find(key);
    if (found == records_.end()) return;
    digest_ ^= digestOf(key, found->second);
    records_.erase(found);
}

std::uint64_t Replica::digestOf(std::string_view key, const Held& held) {
    std::string text(key);
    text += '\n';
    json::writeCanonical(held.value, text);
    return core::stableHash(text, held.version);
}

}  // namespace syncline::simulation
