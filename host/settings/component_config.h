// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "settings/catalog.h"
#include "settings/component_use.h"
#include "settings/node.h"
#include "settings/reader.h"

namespace syncline::settings {

/// Checks what stands behind `with:` (null: nothing stands there) against the component's schema
/// and gives the configuration that the component will get:
///
/// - a value without quotes is read as its schema wants it: a text where that wants a text
/// - defaults of the schema fill what is absent
/// - `{ file: … }` where the schema wants a text is the content of that file, as a secret
/// - "x-syncline-file" (yaml, json, text): the text names a file, whose content takes its place;
///   "x-syncline-content" may give a schema for it
/// - "x-syncline-path": the text names a file or folder of the component, made absolute here
/// - "x-syncline-type" (duration, size, rate): the text must be one
/// - "x-syncline-component": the text names a component of that kind
/// - "x-syncline-secret": the text is shown nowhere
/// - "x-syncline-thorough": the value in its place while `syncline storage check` has it open
///
/// All that is wrong is reported at its line and column, in this file or the included one.
ComponentUse configure(const ComponentInfo& info, const Member* with, const Position& usePosition,
                       Reader& reader);

}  // namespace syncline::settings
