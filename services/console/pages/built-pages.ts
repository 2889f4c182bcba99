// The pages as `npm run build` left them: the HTML of every page, and the files that it loads.
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** A file that the HTML loads; its name holds the hash of its content. */
export interface Asset {
  readonly type: string;
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly gzip: Uint8Array<ArrayBuffer>;
}

/** The pages. */
export interface BuiltPages {
  readonly html: string;
  /** By name. */
  readonly assets: ReadonlyMap<string, Asset>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Reads a folder; undefined when it holds no pages. Throws for a file that cannot be read. */
export function readBuiltPages(folder: string): BuiltPages | undefined {
  let html: string;
  try {
    html = readFileSync(join(folder, 'index.html'), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const assets = readdirSync(join(folder, 'assets')).map((name) => {
    const plain = new Uint8Array(readFileSync(join(folder, 'assets', name)));
    const type = TYPES[extname(name)] ?? 'application/octet-stream';
    return [name, { type, plain, gzip: new Uint8Array(gzipSync(plain, { level: 9 })) }] as const;
  });
  return { html, assets: new Map(assets) };
}
