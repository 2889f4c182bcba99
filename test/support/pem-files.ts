// PEM texts as files, in a folder that is removed with the test.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

/** Writes a text into a file and gives its path. */
export function pemFiles(t: TestContext): (text: string) => string {
  const folder = mkdtempSync(join(tmpdir(), 'foghorn-pem-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  let count = 0;
  return (text) => {
    count += 1;
    const path = join(folder, `${count}.pem`);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
}
