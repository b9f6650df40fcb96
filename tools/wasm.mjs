// Compiles the data plane: build/free.wasm, and build/step.wasm through Binaryen's Asyncify pass. Checks the pause points.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const sources = (dir) =>
  readdirSync(dir, { withFileTypes: true })
    .flatMap((e) => (e.isDirectory() ? sources(join(dir, e.name)) : e.name.endsWith('.ts') ? [join(dir, e.name)] : []))
    .sort();

/** Where each pause point is used: [file, line]; fails on one used twice or never. */
export function pausePoints(files = sources(join(root, 'wasm'))) {
  const names = [...readFileSync(join(root, 'wasm/points.ts'), 'utf8').matchAll(/export const P_(\w+) = (\d+);/g)].filter(
    (m) => m[1] !== 'COUNT',
  );
  const places = new Map();
  for (const file of files) {
    if (file.endsWith('points.ts')) continue;
    const text = readFileSync(file, 'utf8').replace(/import \{[^}]*\} from [^;]*;/g, (s) => s.replace(/[^\n]/g, ' '));
    text.split('\n').forEach((line, i) => {
      for (const m of line.matchAll(/\bP_(\w+)/g)) places.set(m[1], [...(places.get(m[1]) ?? []), [file.slice(root.length + 1), i + 1]]);
    });
  }
  const errors = names.flatMap(([, n]) => {
    const at = places.get(n) ?? [];
    return at.length === 1 ? [] : [`pause point P_${n} is used ${at.length} times${at.map((a) => ` ${a.join(':')}`).join('')}`];
  });
  return {
    errors,
    points: names.map(([, name, number]) => ({
      name,
      number: +number,
      file: places.get(name)?.[0]?.[0],
      line: places.get(name)?.[0]?.[1],
    })),
  };
}

/** One compilation of wasm/ as bytes. `changed`: path below the root → the text that stands in for that file. */
async function compile(extra, changed = {}) {
  const asc = (await import('assemblyscript/asc')).default;
  let wasm;
  const { error, stderr } = await asc.main(
    [
      'wasm/index.ts',
      '-o',
      'out.wasm',
      '--baseDir',
      root,
      '-O3',
      '--noAssert',
      '--runtime',
      'stub',
      '--importMemory',
      '--sharedMemory',
      '--initialMemory',
      '64',
      '--maximumMemory',
      '16384',
      '--memoryBase',
      '1024',
      '--enable',
      'threads',
      '--enable',
      'bulk-memory',
      '--debug',
      '--exportTable',
      ...extra,
    ],
    {
      readFile: (name, base) => {
        if (name in changed) return changed[name];
        const path = resolve(base, name);
        return existsSync(path) ? readFileSync(path, 'utf8') : null;
      },
      writeFile: (name, contents) => {
        if (name === 'out.wasm') wasm = contents;
      },
    },
  );
  if (error) throw new Error(`asc: ${error.message}\n${stderr}`);
  return wasm;
}

/** build/step.wasm: with pause points, through Asyncify. */
export async function stepBuild({ defines = [], changed = {} } = {}) {
  const plain = await compile(['--use', 'STEP=1', ...defines], changed);
  const binaryen = (await import('binaryen')).default;
  const module = binaryen.readBinary(plain);
  try {
    binaryen.setPassArgument('asyncify-ignore-imports', '1');
    binaryen.setOptimizeLevel(2);
    module.setFeatures(binaryen.Features.All & ~binaryen.Features.GC & ~binaryen.Features.StackSwitching);
    module.runPasses([
      'asyncify',
      'simplify-locals-nostructure',
      'vacuum',
      'merge-blocks',
      'remove-unused-brs',
      'coalesce-locals',
      'vacuum',
    ]);
    if (!module.validate()) throw new Error('the step build does not validate');
    binaryen.setDebugInfo(true);
    return module.emitBinary();
  } finally {
    module.dispose();
  }
}

/** What a build is made from: every source, this tool, and the compiler's version. */
export function sourcesHash(defines = [], changed = {}) {
  const files = [...sources(join(root, 'wasm')), join(root, 'tools/wasm.mjs'), join(root, 'package-lock.json')].filter(existsSync);
  return files
    .reduce((h, f) => h.update(f).update(changed[f.slice(root.length + 1)] ?? readFileSync(f)), createHash('sha256'))
    .update(defines.join())
    .digest('hex');
}

/** The texts of labs/litmus by their names, for the lab: build/litmus.json, written when it is another. */
function litmusTests(out) {
  const folder = join(root, 'labs', 'litmus'),
    file = join(out, 'litmus.json'),
    tests = readdirSync(folder)
      .filter((f) => f.endsWith('.litmus'))
      .sort()
      .map((f) => [f.slice(0, -7), readFileSync(join(folder, f), 'utf8')]),
    text = JSON.stringify(Object.fromEntries(tests));
  if (!existsSync(file) || readFileSync(file, 'utf8') !== text) writeFileSync(file, text);
}

export async function buildWasm({ force = false, defines = [], suffix = '', quiet = false } = {}) {
  const out = join(root, 'build');
  mkdirSync(out, { recursive: true });
  litmusTests(out);
  const hash = sourcesHash(defines);
  const stamp = join(out, `stamp${suffix}`);
  if (!force && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return false;
  const { errors, points } = pausePoints();
  if (errors.length) throw new Error(errors.join('\n'));
  writeFileSync(join(out, `free${suffix}.wasm`), await compile(defines));
  writeFileSync(join(out, `step${suffix}.wasm`), await stepBuild({ defines }));
  writeFileSync(join(out, 'points.json'), JSON.stringify(points));
  writeFileSync(stamp, hash);
  if (!quiet) console.log('built the data plane');
  return true;
}
if (process.argv[1] === fileURLToPath(import.meta.url)) await buildWasm({ force: process.argv.includes('--force') });
