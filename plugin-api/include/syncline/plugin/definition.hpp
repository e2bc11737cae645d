// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <syncline/abi.h>

#include <cstddef>
#include <syncline/plugin/manifest.hpp>
#include <utility>

namespace syncline::detail {

constexpr syncline_component describeComponent(const ComponentSpec& spec) {
    return {sizeof(syncline_component),
            spec.kind,
            spec.name,
            spec.create,
            &validate,
            &start,
            &shardOpen,
            &shardClose,
            &drain,
            &destroy,
            spec.functions};
}

/// What the entry symbol answers, for a spec with static storage.
template <const auto& spec, class Indices>
struct Definition;

template <const auto& spec, std::size_t... index>
struct Definition<spec, std::index_sequence<index...>> {
    static constexpr syncline_component components[] = {
        describeComponent(spec.components[index])...};
    static constexpr const syncline_component* pointers[] = {&components[index]...};
    static constexpr syncline_plugin plugin = {sizeof(syncline_plugin),
                                               SYNCLINE_ABI_MAJOR,
                                               SYNCLINE_ABI_MINOR,
                                               spec.id,
                                               spec.version,
                                               pointers,
                                               sizeof...(index)};
};

template <std::size_t count>
constexpr std::make_index_sequence<count> indicesOf(const PluginSpec<count>&) {
    return {};
}

}  // namespace syncline::detail

/// Once per library: SYNCLINE_PLUGIN("com.acme.echo", "1.0.0", syncline::handler<Echo>("echo"),
/// ...) makes the entry symbol and the manifest section.
#define SYNCLINE_PLUGIN(plugin_id, plugin_version, ...)                                         \
    namespace {                                                                                 \
    constexpr auto synclinePluginSpec =                                                         \
        ::syncline::detail::describePlugin(plugin_id, plugin_version, __VA_ARGS__);             \
    SYNCLINE_SECTION(SYNCLINE_MANIFEST_SECTION)                                                 \
    constexpr auto synclinePluginManifest =                                                     \
        ::syncline::detail::manifestText<::syncline::detail::manifestSize(synclinePluginSpec)>( \
            synclinePluginSpec);                                                                \
    }                                                                                           \
    extern "C" const syncline_plugin* syncline_plugin_v1(void) {                                \
        return &::syncline::detail::Definition<synclinePluginSpec,                              \
                                               decltype(::syncline::detail::indicesOf(          \
                                                   synclinePluginSpec))>::plugin;               \
    }
