// The import law (docs/ARCHITECTURE.md): which room may see which. It is data in biome.json; here it is planted with
// violations, so that a linter that stopped looking is noticed, and checked once more by a scan that owes Biome nothing.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

/** What each room may import besides itself: rooms, or single files without their ending. */
const LAW: Record<string, readonly string[]> = {
  'wasm/sim': ['wasm/layout', 'wasm/points'],
  'wasm/net': ['wasm/layout', 'wasm/points', 'wasm/sim'],
  'wasm/hw': ['wasm/layout', 'wasm/points', 'wasm/sim', 'wasm/net'],
  'wasm/host': ['wasm/layout', 'wasm/points', 'wasm/sim', 'wasm/net', 'wasm/hw'],
  'wasm/guest': ['wasm/layout', 'wasm/points', 'wasm/sim', 'wasm/net', 'wasm/hw'],
  'wasm/bin': ['wasm/layout', 'wasm/points', 'wasm/sim', 'wasm/net'],
  'src/sim': ['wasm/layout', 'wasm/points', 'build'],
  'src/hw': ['src/sim', 'wasm/layout'],
  'src/pcap': [],
  'src/net': ['src/sim', 'src/sh', 'src/bin', 'wasm/layout'],
  'src/host': ['src/sim', 'src/hw', 'src/net', 'src/sh', 'src/bin', 'src/pcap', 'wasm/layout', 'wasm/points'],
  'src/guest': ['src/sim', 'src/hw', 'src/net', 'src/sh', 'src/bin', 'src/pcap', 'wasm/layout', 'wasm/points'],
  'src/sh': ['src/sim'],
  'src/bin': ['src/sh', 'src/sim', 'src/pcap', 'wasm/layout'],
  'src/lab': ['src/sim', 'src/hw', 'src/net', 'src/host', 'src/guest', 'src/sh', 'src/bin', 'src/pcap', 'src/lessons', 'wasm', 'build'],
  'src/lessons': ['src/lab'],
  'src/ui': ['src/lab/protocol', 'src/lab/sample', 'src/lab/source'],
};

/** Packages that only the page may use. */
const PAGE_ONLY = /^(react|react-dom|lucide-react|@xterm)(\/|$)/;

/** Exceptions, each with its reason; an entry that is no longer needed fails too. */
const DEBT: { file: string; imports: string; why: string }[] = [];

const posix = (path: string) => path.split(sep).join('/');

function sources(dir: string): string[] {
  if (!existsSync(dir)) return [];
  return readdirSync(dir, { withFileTypes: true }).flatMap((e) => {
    const path = join(dir, e.name);
    if (e.isDirectory()) return sources(path);
    return /\.(ts|tsx)$/.test(e.name) && !/\.test\.tsx?$/.test(e.name) ? [path] : [];
  });
}

/** Every module that a text names in an import, a re-export, a dynamic import or a type import. */
function imports(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
  const forms = [
    /^\s*(?:import|export)\b[^'";]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^\s*import\s*['"]([^'"]+)['"]/gm,
    /\bimport\s*\(\s*['"]([^'"]+)['"]/g,
  ];
  return forms.flatMap((form) => [...code.matchAll(form)].map((m) => m[1] ?? ''));
}

/** A sentence if this file may not import that module, else nothing. */
function violation(file: string, module: string): string | undefined {
  const room = Object.keys(LAW).find((r) => file.startsWith(`${r}/`));
  if (!room) return undefined; // wasm/ops.ts, wasm/index.ts: they tie the rooms together
  if (!module.startsWith('.')) {
    return PAGE_ONLY.test(module) && room !== 'src/ui' ? `${file} imports ${module}, which only src/ui may` : undefined;
  }
  const target = posix(relative(root, resolve(root, dirname(file), module.replace(/\?.*/, ''))));
  const bare = target.replace(/\.tsx?$/, '');
  const allowed = [room, ...(LAW[room] ?? [])];
  if (allowed.some((a) => bare === a || bare.startsWith(`${a}/`))) return undefined;
  return `${file} imports ${bare}; ${room} sees ${LAW[room]?.join(', ')} only`;
}

function scan(): { file: string; module: string; text: string }[] {
  return [...sources(join(root, 'src')), ...sources(join(root, 'wasm'))].flatMap((path) => {
    const file = posix(relative(root, path));
    return imports(readFileSync(path, 'utf8')).flatMap((module) => {
      const text = violation(file, module);
      return text ? [{ file, module, text }] : [];
    });
  });
}

describe('the import law, by our own scan', () => {
  const found = scan();
  const excused = (v: { file: string; module: string }) => DEBT.some((d) => d.file === v.file && d.imports === v.module);

  it('holds', () => {
    expect(found.filter((v) => !excused(v)).map((v) => v.text)).toEqual([]);
  });

  it('excuses nothing that needs no excuse', () => {
    expect(DEBT.filter((d) => !found.some((v) => v.file === d.file && v.module === d.imports))).toEqual([]);
  });

  it('knows every room', () => {
    const rooms = ['src', 'wasm'].flatMap((top) =>
      readdirSync(join(root, top), { withFileTypes: true })
        .filter((e) => e.isDirectory() && sources(join(root, top, e.name)).length > 0)
        .map((e) => `${top}/${e.name}`),
    );
    expect(rooms.filter((r) => !(r in LAW))).toEqual([]);
  });

  it('sees all the ways of importing', () => {
    const text = [
      `import { a,\n  b } from '../guest/a';`,
      `import type { T } from "../guest/b";`,
      `export * from '../guest/c';`,
      `import '../guest/d';`,
      `const x = await import('../guest/e');`,
      `// import { z } from '../guest/comment';`,
    ].join('\n');
    expect(imports(text).sort()).toEqual(['a', 'b', 'c', 'd', 'e'].map((f) => `../guest/${f}`));
    expect(violation('src/host/kernel/netmap.ts', '../../guest/kernel/netmap.ts')).toMatch(/src\/host sees/);
    expect(violation('src/host/kernel/netmap.ts', '../bhyve/mem.ts')).toBeUndefined();
  });
});

/** One import per line: [the room's file, what it imports, whether the law lets it]. */
const PLANTED: readonly (readonly [file: string, module: string, allowed: boolean])[] = [
  ['wasm/sim/x.ts', '../net/mmu', false],
  ['wasm/sim/x.ts', '../layout', true],
  ['wasm/net/x.ts', '../hw/vcpu', false],
  ['wasm/host/x.ts', '../guest/sched', false],
  ['wasm/host/x.ts', '../net/mmu', true],
  ['wasm/guest/x.ts', '../host/ptnetmap', false],
  ['wasm/guest/x.ts', '../hw/vcpu', true],
  ['wasm/bin/x.ts', '../host/ptnetmap', false],
  ['src/sim/x.ts', '../host/kernel/netmap.ts', false],
  ['src/sim/x.ts', '../../wasm/net/mmu.ts', false],
  ['src/sim/x.ts', '../../wasm/points.ts', true],
  ['src/sim/x.ts', 'react', false],
  ['src/hw/x.ts', '../host/kernel/netmap.ts', false],
  ['src/host/kernel/x.ts', '../../guest/kernel/netmap.ts', false],
  ['src/host/kernel/x.ts', '../bhyve/mem.ts', true],
  ['src/host/kernel/x.ts', '../../../wasm/layout.ts', true],
  ['src/guest/kernel/x.ts', '../../host/kernel/netmap.ts', false],
  ['src/guest/x.ts', '../sim/machine.ts', true],
  ['src/net/x.ts', '../host/kernel/netmap.ts', false],
  ['src/net/x.ts', '../guest/kernel/kmem.ts', false],
  ['src/net/x.ts', '../bin/nmreq.ts', true],
  ['src/host/kernel/x.ts', '../../net/netmap.ts', true],
  ['src/guest/kernel/x.ts', '../../net/netmap.ts', true],
  ['src/bin/x.ts', '../net/netmap.ts', false],
  ['src/ui/x.tsx', '../net/tree.ts', false],
  ['src/sh/x.ts', '../lab/lab.ts', false],
  ['src/pcap/x.ts', '../sim/machine.ts', false],
  ['src/pcap/x.ts', '../../wasm/layout.ts', false],
  ['src/pcap/x.ts', './field.ts', true],
  ['src/sh/x.ts', '../pcap/summary.ts', false],
  ['src/sim/x.ts', '../pcap/read.ts', false],
  ['src/bin/x.ts', '../pcap/summary.ts', true],
  ['src/host/kernel/x.ts', '../../pcap/write.ts', true],
  ['src/guest/kernel/x.ts', '../../pcap/write.ts', true],
  ['src/lab/x.ts', '../pcap/dissect.ts', true],
  ['src/ui/x.tsx', '../pcap/dissect.ts', false],
  ['src/bin/x.ts', '../host/kernel/netmap.ts', false],
  ['src/bin/x.ts', '../sh/getopt.ts', true],
  ['src/lab/x.ts', '../ui/App.tsx', false],
  ['src/lessons/x.ts', '../sim/machine.ts', false],
  ['src/ui/x.tsx', '../lab/lab.ts', false],
  ['src/ui/x.tsx', '../lab/protocol.ts', true],
  ['src/ui/panels/x.tsx', '../../sim/machine.ts', false],
  ['src/ui/panels/x.tsx', '../../lab/sample.ts', true],
  ['src/ui/panels/x.tsx', '../../../wasm/layout.ts', false],
];

describe('the import law, in biome.json', () => {
  const folder = mkdtempSync(join(tmpdir(), 'import-law-'));
  const config = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
  delete config.$schema;
  delete config.vcs; // the planted tree is not a repository
  writeFileSync(join(folder, 'biome.json'), JSON.stringify(config));
  const byFile = new Map<string, (typeof PLANTED)[number][]>();
  for (const p of PLANTED) byFile.set(p[0], [...(byFile.get(p[0]) ?? []), p]);
  for (const [file, lines] of byFile) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    writeFileSync(join(folder, file), lines.map(([, module], i) => `import { a${i} } from '${module}';\n`).join(''));
  }
  const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');
  const args = [biome, 'lint', '--only=style/noRestrictedImports', '--colors=off', '--max-diagnostics=none', '--reporter=json', '.'];
  const run = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  rmSync(folder, { recursive: true, force: true });
  const reported = new Set<string>(
    (JSON.parse(run.stdout) as { diagnostics: { category: string; location: { path: string; start: { line: number } } }[] }).diagnostics
      .filter((d) => d.category === 'lint/style/noRestrictedImports')
      .map((d) => `${d.location.path}:${d.location.start.line}`),
  );

  it.each(PLANTED)('%s importing %s: allowed is %s', (file, module, allowed) => {
    const line = (byFile.get(file) ?? []).findIndex(([, m]) => m === module) + 1;
    expect(reported.has(`${file}:${line}`)).toBe(!allowed);
    expect(violation(file, module) === undefined).toBe(allowed);
  });
});
