// `npm run build`, last step: the console's pages as a browser takes them. One script, one style
// sheet and one icon, each with the hash of its content in its name, and the HTML that names them.
// `bundle.mjs FOLDER` writes elsewhere than dist/web.
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SOURCES = join(ROOT, 'services', 'console', 'web');
const ENTRIES = ['main.tsx', 'style.css', 'icon.svg'];
const out = resolve(process.argv[2] ?? join(ROOT, 'dist', 'web'));
const making = `${out}.${process.pid}`;

const { metafile } = await build({
  absWorkingDir: ROOT,
  entryPoints: ENTRIES.map((name) => join(SOURCES, name)),
  outdir: join(making, 'assets'),
  entryNames: '[name]-[hash]',
  bundle: true,
  minify: true,
  format: 'esm',
  target: ['es2022', 'chrome111', 'firefox114', 'safari16.4'],
  jsx: 'automatic',
  jsxImportSource: 'preact',
  loader: { '.svg': 'copy' },
  // The licence of what is inside goes with it.
  banner: { js: `/*! preact\n${readFileSync(join(ROOT, 'node_modules', 'preact', 'LICENSE'), 'utf8').trim()}\n*/` },
  metafile: true,
  logLevel: 'warning',
});

let html = readFileSync(join(SOURCES, 'index.html'), 'utf8');
for (const [file, { entryPoint, inputs }] of Object.entries(metafile.outputs)) {
  // What is copied has no entry point.
  const source = basename(entryPoint ?? Object.keys(inputs)[0] ?? '');
  if (ENTRIES.includes(source)) html = html.replaceAll(source, `/assets/${basename(file)}`);
}
const missing = ENTRIES.filter((name) => html.includes(`"${name}"`));
if (missing.length > 0) throw new Error(`index.html still names ${missing.join(', ')}: esbuild made no such file.`);
writeFileSync(join(making, 'index.html'), html);
mkdirSync(dirname(out), { recursive: true });
rmSync(out, { recursive: true, force: true });
renameSync(making, out);
