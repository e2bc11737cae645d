// SPDX-License-Identifier: Apache-2.0
// docs/consistency.md: what each promise rests on is there, and so is the test that shows it.

import { testRows } from './shown.mjs';

testRows('docs/consistency.md', { rowsMin: 25 });
