// SPDX-License-Identifier: Apache-2.0
#include "settings/load.h"

#include <system_error>
#include <utility>

#include "settings/document.h"
#include "settings/references.h"
#include "settings/sections.h"
#include "settings/substitution.h"

namespace syncline::settings {

namespace {

std::filesystem::path absoluteOf(const std::filesystem::path& file) {
    std::error_code error;
    const auto absolute = std::filesystem::absolute(file, error);
    return error ? file : absolute.lexically_normal();
}

}  // namespace

Draft readDraft(const std::filesystem::path& file, const Environment& environment) {
    Draft draft;
    draft.file_ = absoluteOf(file);
    const auto source = readSource(draft.file_, file.string(), draft.diagnostics_);
    if (!source) return draft;
    draft.root_ = parseDocument(source, draft.diagnostics_);
    if (!draft.root_) return draft;
    substitute(*draft.root_, environment, draft.diagnostics_);
    if (const auto* plugins = draft.root_->find("plugins")) {
        Reader reader(draft.file_.parent_path(), environment, draft.diagnostics_);
        pluginsTable().read(plugins->value, plugins->keyPosition, "'plugins'", draft.plugins_,
                            reader);
    }
    return draft;
}

/// What finish does with the inside of a draft.
struct Finish {
    static LoadOutcome run(Draft draft, const Environment& environment, const Catalog* catalog) {
        LoadOutcome outcome;
        outcome.diagnostics = std::move(draft.diagnostics_);
        if (draft.root_ && catalog != nullptr) {
            Settings settings;
            settings.file = draft.file_;
            settings.plugins = std::move(draft.plugins_);
            Reader reader(draft.file_.parent_path(), environment, outcome.diagnostics);
            reader.setCatalog(*catalog);
            const auto& root = *draft.root_;
            rootTable().read(root, root.position, "the configuration", settings, reader);
            if (root.isMap()) checkReferences(settings, root, reader);
            if (!outcome.diagnostics.hasErrors()) outcome.settings = std::move(settings);
        }
        outcome.diagnostics.sort();
        return outcome;
    }
};

LoadOutcome finish(Draft draft, const Environment& environment, const Catalog& catalog) {
    return Finish::run(std::move(draft), environment, &catalog);
}

LoadOutcome load(const std::filesystem::path& file, const Environment& environment,
                 const CatalogFactory& catalogFor) {
    auto draft = readDraft(file, environment);
    if (!draft.hasTree()) return Finish::run(std::move(draft), environment, nullptr);
    const auto catalog = catalogFor(draft.plugins());
    return Finish::run(std::move(draft), environment, catalog.get());
}

}  // namespace syncline::settings
