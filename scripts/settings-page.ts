/*
 * Writes firmware/settings/REFERENCE.md from the table of settings. Run `scripts/settings-page`;
 * test/unit/settings/pages.test.ts fails while the page is not what this would write.
 */
import { writeFileSync } from 'node:fs';
import { settingsReference } from '#settings/pages';

writeFileSync(new URL('../firmware/settings/REFERENCE.md', import.meta.url), settingsReference());
