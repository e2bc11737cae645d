// SPDX-License-Identifier: Apache-2.0
// docs/security.md: what it says is checked is checked in a file that is there, and shown by a test that is there.

import { testRows } from './shown.mjs';

testRows('docs/security.md', { rowsMin: 25 });
