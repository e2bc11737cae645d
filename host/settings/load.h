// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "settings/catalog.h"
#include "settings/diagnostic.h"
#include "settings/environment.h"
#include "settings/node.h"
#include "settings/settings.h"

namespace syncline::settings {

/// A configuration whose text is read and whose plugins are not known yet. Made by readDraft, used
/// up by finish. [setup]
class Draft {
public:
    /// Where plugins come from: what the catalog is made of. Defaults if the text has no tree.
    const PluginsSettings& plugins() const { return plugins_; }

    /// False if the file cannot be read or is no YAML: then there is nothing to load plugins for,
    /// and finish only hands over the diagnostics.
    bool hasTree() const { return root_.has_value(); }

private:
    friend Draft readDraft(const std::filesystem::path&, const Environment&);
    friend struct Finish;

    std::filesystem::path file_;
    std::optional<Node> root_;
    PluginsSettings plugins_;
    Diagnostics diagnostics_;
};

/// The settings, if there are no errors, and all there is to say of the file, in its order.
struct LoadOutcome {
    std::optional<Settings> settings;
    Diagnostics diagnostics;
};

/// First stage: reads the file, replaces variables and secrets, reads `plugins`.
Draft readDraft(const std::filesystem::path& file, const Environment& environment);

/// Second stage: checks everything else against the components of the catalog. All errors of both
/// stages are in the outcome.
LoadOutcome finish(Draft draft, const Environment& environment, const Catalog& catalog);

/// Makes the catalog of what a draft says about plugins. Null: there is none to be had, and the
/// caller has told why; then only the first stage's errors are reported.
using CatalogFactory = std::function<std::unique_ptr<Catalog>(const PluginsSettings&)>;

/// Both stages.
LoadOutcome load(const std::filesystem::path& file, const Environment& environment,
                 const CatalogFactory& catalogFor);

}  // namespace syncline::settings
