// SPDX-License-Identifier: Apache-2.0
// docs/sync-rules.md: each rule has a file that keeps it and a test that is named after it.

import { testRows } from './shown.mjs';

testRows('docs/sync-rules.md', { rowsMin: 40 });
