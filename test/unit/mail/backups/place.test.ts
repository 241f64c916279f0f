/* The folder that backups go to: an empty mount point is not the disk that was there. */
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { findPlace } from '#mail/backups/place';

test('a folder on the mail’s own disk is missing when backups went to another one', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'place-'));
  const [data, usb] = [join(folder, 'data'), join(folder, 'usb')];
  await mkdir(data);
  await mkdir(usb);
  const first = await findPlace(usb, data, false);
  assert.ok(first.ok && !first.value.otherDisk);
  const unplugged = await findPlace(usb, data, true);
  assert.equal(unplugged.ok ? '' : unplugged.error.code, 'missing');
  const beside = await findPlace(`${data}-beside`, data, false);
  assert.equal(beside.ok ? '' : beside.error.code, 'missing');
  await mkdir(`${data}-beside`);
  assert.ok((await findPlace(`${data}-beside`, data, false)).ok);
  const other = await findPlace('/dev', data, true);
  assert.ok(other.ok && other.value.otherDisk);
  await rm(folder, { recursive: true });
});
