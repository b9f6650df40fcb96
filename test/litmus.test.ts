// The memory models against the published litmus tests (labs/litmus), against their axioms (litmus_axioms.ts), and against each
// other. A test's own lines SC=, TSO= and PSO= are what is published or follows from the definition; Source= says where.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test, vi } from 'vitest';
import { litmusCommand } from '../src/lab/litmus_node.ts';
import { type Litmus, finalText, isBad, parseLitmus } from '../src/lab/explore/litmus.ts';
import { type LitmusAnswer, litmus } from '../src/lab/explore/litmus_machine.ts';
import { MODELS, type Model } from '../src/lab/explore/question.ts';
import { Machine } from '../src/sim/machine.ts';
import * as L from '../wasm/layout.ts';
import { wasmFile } from './booted.ts';
import { allowed } from './litmus_axioms.ts';
import { TESTS, parsed, random } from './litmus_tests.ts';

const m = Machine.create(wasmFile('step'), false);
const answers = new Map<string, LitmusAnswer>();
const ask = (t: Litmus, model: Model): LitmusAnswer => {
  const key = `${t.name} ${model}`,
    a = answers.get(key) ?? litmus(m, t, model);
  answers.set(key, a);
  return a;
};
const byAxioms = (t: Litmus, model: Model) => [...new Set(allowed(t, model).map((f) => finalText(t, f)))].sort();
const named = (name: string): Litmus => {
  const t = TESTS.find((x) => x.name === name);
  if (!t) throw new Error(`no test ${name}`);
  return t;
};

describe('published tests', () => {
  test.each(TESTS.map((t) => [t.name, t] as const))('%s', (_, t) => {
    expect(Object.keys(t.verdicts).sort()).toEqual([...MODELS].sort());
    expect(t.info.Source?.length).toBeGreaterThan(10);
    for (const model of MODELS) {
      const a = ask(t, model);
      expect(a.verdict, `${t.name} under ${model}`).toBe(t.verdicts[model]);
      expect(a.outcomes, `${t.name} under ${model}`).toEqual(byAxioms(t, model));
    }
  });

  test('the table', () => {
    const cell = (a: LitmusAnswer) =>
      `${a.model} ${a.verdict.padEnd(9)} ${`${a.outcomes.length}`.padStart(3)} ends, ${`${a.states}`.padStart(5)} states`;
    console.log(TESTS.map((t) => `${t.name.padEnd(20)}${MODELS.map((x) => cell(ask(t, x))).join(' | ')}`).join('\n'));
    expect(TESTS.length).toBeGreaterThanOrEqual(50);
  });

  test('each model shows what the stricter one does, and more where the tests are there for it', () => {
    const differ = (a: Model, b: Model) => TESTS.filter((t) => ask(t, a).verdict !== ask(t, b).verdict).map((t) => t.name);
    for (const t of TESTS) {
      expect(ask(t, 'tso').outcomes).toEqual(expect.arrayContaining(ask(t, 'sc').outcomes));
      expect(ask(t, 'pso').outcomes).toEqual(expect.arrayContaining(ask(t, 'tso').outcomes));
    }
    expect(differ('sc', 'tso')).toEqual(expect.arrayContaining(['SB', 'R', 'RWC', 'n6', 'n7', 'iwp2.4', 'amd3']));
    expect(differ('tso', 'pso')).toEqual(expect.arrayContaining(['MP', 'S', '2+2W', 'ISA2', 'n2', 'R+po+mfence']));
    // no load is reordered in any of them
    expect(MODELS.map((x) => ask(named('LB'), x).verdict)).toEqual(['Forbidden', 'Forbidden', 'Forbidden']);
  });
});

/** A machine that is wrong: some instructions do not see the thread's store buffer, so that they neither drain nor forward. */
const blind = (ops: readonly number[]) => (machine: Machine, t: number) => {
  const page = machine.ld32(t + L.T_ARG),
    op = machine.ld32(page + L.LIT_CODE + machine.ld32(page + L.LIT_PC) * L.LIT_INSN + L.LIT_OP),
    held = machine.ld32(t + L.T_SB_COUNT);
  if (ops.includes(op)) machine.st32(t + L.T_SB_COUNT, 0);
  const before = machine.steps;
  while (machine.steps === before) machine.wasm.step_thread(t, 0, 0n);
  if (ops.includes(op)) machine.st32(t + L.T_SB_COUNT, held);
};
/** Tests whose verdict under a model is not the published one, on a machine that runs its threads so. */
const caught = (model: Model, go: (m: Machine, t: number) => void) =>
  TESTS.filter((t) => litmus(m, t, model, go).verdict !== t.verdicts[model]).map((t) => t.name);

describe('a wrong machine is caught', () => {
  test('the way of running alone is not what catches it', () => {
    for (const x of MODELS) expect(caught(x, blind([]))).toEqual([]);
  });
  test('barriers that do not drain', () => {
    expect(caught('tso', blind([L.LIT_FENCE]))).toEqual(expect.arrayContaining(['SB+mfences', 'R+mfences', 'RWC+po+mfence', 'amd10']));
    expect(caught('pso', blind([L.LIT_FENCE]))).toEqual(expect.arrayContaining(['MP+mfence+po', 'S+mfence+po', '2+2W+mfences']));
  });
  test('loads that do not forward', () => {
    expect(caught('tso', blind([L.LIT_LD]))).toEqual(expect.arrayContaining(['iwp2.3.b']));
  });
  test('sequential consistency called TSO, TSO called PSO, PSO called TSO', () => {
    const as = (run: Model, told: Model) => TESTS.filter((t) => ask(t, run).verdict !== t.verdicts[told]).length;
    expect([as('sc', 'tso'), as('tso', 'pso'), as('pso', 'tso')].every((n) => n >= 10)).toBe(true);
  });
  test('a locked instruction that does not drain', () => {
    const t = parsed(
      'X86 xchg-drains\n{ x=0; y=0; z=0; 0:EAX=1; 1:EAX=1; }\n P0 | P1 ;\n MOV [x],$1 | MOV [y],$1 ;\n XCHG [z],EAX | XCHG [z],EAX ;\n MOV EBX,[y] | MOV EBX,[x] ;\nexists (0:EBX=0 /\\ 1:EBX=0)',
    );
    expect(litmus(m, t, 'pso').verdict).toBe('Forbidden');
    expect(litmus(m, t, 'pso', blind([L.LIT_XCHG])).verdict).toBe('Allowed');
  });
});

describe('programs that nobody wrote', () => {
  test('500 of them end as the axioms say, under each model', { timeout: 60_000 }, () => {
    let tso = 0,
      pso = 0;
    for (let seed = 1; seed <= 500; seed++) {
      const t = parsed(random(seed)),
        of = MODELS.map((model) => {
          const { outcomes } = litmus(m, t, model);
          expect(outcomes, `${model}\n${t.text}`).toEqual(byAxioms(t, model));
          return outcomes.length;
        });
      if (of[1] !== of[0]) tso++;
      if (of[2] !== of[1]) pso++;
    }
    expect(tso).toBeGreaterThan(20); // or the programs are too tame to tell the models apart
    expect(pso).toBeGreaterThan(10);
  });

  test('the free build, an access at a time, ends as sequential consistency says', () => {
    const free = wasmFile('free');
    for (const t of TESTS) {
      const a = litmus(m, t, 'sc', (machine, th) => machine.freeInstance(free, th).run_free(th, 1));
      expect(a, t.name).toEqual(ask(t, 'sc'));
    }
  });

  test('the machine is given back', () => {
    const frames = m.ld32(L.MACHINE + L.M_FRAMES),
      steps = m.steps;
    litmus(m, named('n2'), 'pso');
    expect(m.ld32(L.MACHINE + L.M_FRAMES)).toBe(frames);
    expect([m.ld32(L.MACHINE + L.M_TSO), m.ld32(L.MACHINE + L.M_DRAIN_ANY), m.steps]).toEqual([0, 0, steps]);
    for (let i = 0; i < m.threads; i++) expect(m.status(m.block(i))).toBe(L.TS_FREE);
  });
});

describe('ringside litmus', () => {
  const build = new URL('../build/', import.meta.url);
  function ran(...args: string[]): { status: number; out: string; err: string } {
    const said = { out: '', err: '' },
      into = (to: 'out' | 'err') => (s: string | Uint8Array) => {
        said[to] += String(s);
        return true;
      },
      out = vi.spyOn(process.stdout, 'write').mockImplementation(into('out')),
      err = vi.spyOn(process.stderr, 'write').mockImplementation(into('err'));
    try {
      const status = litmusCommand(args, build);
      return { status, ...said };
    } finally {
      out.mockRestore();
      err.mockRestore();
    }
  }
  test('the table, one test with its ends, JSON', () => {
    const all = ran('--all');
    expect(all.status).toBe(0);
    expect(all.out).toMatch(/^SB +sc Forbidden +tso Allowed +pso Allowed$/m);
    expect(all.out.trim().split('\n')).toHaveLength(TESTS.length);
    const n6 = ran(fileURLToPath(new URL('../labs/litmus/n6.litmus', import.meta.url)));
    expect(n6.out).toContain('n6 under tso: Allowed, 5 ends');
    expect(n6.out).toContain('  * 0:EAX=1; 0:EBX=0; x=1; y=2;');
    expect(JSON.parse(ran('--all', '--json').out)).toHaveLength(TESTS.length);
  });
  test('into a pipe all of it is written', { timeout: 60_000 }, () => {
    const bin = fileURLToPath(new URL('../bin/ringside.mjs', import.meta.url)),
      n2 = fileURLToPath(new URL('../labs/litmus/n2.litmus', import.meta.url)),
      r = spawnSync(process.execPath, [bin, 'litmus', ...new Array(60).fill(n2), '--json'], { encoding: 'utf8' });
    expect(r.stdout.length).toBeGreaterThan(100_000);
    expect(JSON.parse(r.stdout)).toHaveLength(60);
  });
  test('a verdict that is not the published one is told, and the status says so', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'litmus-')), 'wrong.litmus');
    writeFileSync(file, named('SB').text.replace('TSO=Allowed', 'TSO=Forbidden'));
    const r = ran(file);
    expect(r.status).toBe(1);
    expect(r.out).toContain('SB under tso: Allowed (published: Forbidden)');
    writeFileSync(file, named('SB').text.replace('MOV [y]', 'INC [y]'));
    expect(ran(file)).toMatchObject({ status: 2, err: expect.stringMatching(/line 9: no instruction/) });
    rmSync(dirname(file), { recursive: true });
    expect(ran(file)).toMatchObject({ status: 2, err: `ringside: ${file}: No such file or directory\n` });
    expect(ran()).toMatchObject({ status: 2, err: expect.stringContaining('usage: ringside litmus') });
  });
});

const SB = named('SB').text;
describe('texts', () => {
  test.each([
    ['', /^line 1: the initial state/],
    [SB.replace('X86', 'ARM'), /^line 1: the first line is X86 and a name/],
    [SB.replace('MOV [y],$1', 'INC [y]'), /^line 9: no instruction "INC \[y\]"; there are MOV, XCHG, MFENCE, SFENCE and LFENCE/],
    [SB.replace('MOV [y],$1', 'MOV [y],[x]'), /^line 9: .* has two words of memory/],
    [SB.replace('MOV [y],$1', 'MOV EAX,EBX'), /^line 9: .* moves a register to a register/],
    [SB.replace('MOV [y],$1', 'XCHG EAX,EBX'), /^line 9: .* exchanges no word of memory/],
    [SB.replace('MOV [y],$1', 'MOV [y],$9999999999'), /^line 9: "9999999999" is not a number/],
    [SB.replace('MOV EAX,[x]', 'MOV EIP,[x]'), /^line 10: no register "EIP"/],
    [SB.replace('MOV EAX,[x] ;', 'MOV EAX,[x]'), /^line 10: a row of the program ends with ;/],
    [SB.replace('MOV EAX,[y] |', ''), /^line 10: 1 columns, and there are 2 threads/],
    [SB.replace('P1', 'P2'), /^line 8: "P2" stands where P1 should/],
    [SB.replace('x=0;', 'x;'), /^line 7: "x" sets nothing/],
    [SB.replace('x=0;', '7:EAX=0;'), /^line 7: no thread 7/],
    [SB.replace('1:EAX=0', '2:EAX=0'), /^line 11: no thread 2/],
    [SB.replace('1:EAX=0', 'q=0'), /^line 11: no word "q"/],
    [SB.replace('1:EAX=0)', '1:EAX=0'), /^line 11: a \) is missing/],
    [SB.replace('1:EAX=0)', '1:EAX=0))'), /^line 11: "\)" is one too many/],
    [SB.replace('exists', 'for all'), /: the condition, exists/],
    [SB.replace('TSO=Allowed', 'TSO=maybe'), /^line 1: TSO is Allowed or Forbidden/],
    [SB.replace('SC=Forbidden', 'nonsense'), /^line 3: "nonsense" is neither/],
    [SB.replace(' MOV EAX', `${' MOV [x],$1 | ;\n'.repeat(L.SB_MAX)} MOV EAX`), /P0 stores more than 8 times/],
  ])('what is wrong is said with its line: %#', (text, words) => {
    const t = parseLitmus(text);
    expect(isBad(t) ? t.error : 'nothing wrong').toMatch(words);
  });

  test('comments, lower case, registers that are set, ~exists, or and not', () => {
    const t = parsed(
      'X86 forms\n"about" \n(* a comment\n of two lines *)\n{ [x]=3; 0:EBX=4;\n y=5 }\nP0;\nmov [x],ebx; (* here too *)\nMOV ECX,$7;\nxchg ecx,[y];\n~exists ([x]=4 /\\ ~(y=5 \\/ 0:ECX=0))',
    );
    expect(t.about).toBe('about');
    expect(litmus(m, t, 'sc')).toMatchObject({ outcomes: ['0:EBX=4; 0:ECX=5; x=4; y=7;'], verdict: 'Allowed' });
  });

  test('forall: the ends that deny it; locations, LFENCE and registers in lower case as other files have them', () => {
    const t = parsed(
      'X86 forms\nPrefetch=0:x=F,1:x=T\n{ x=0; y=0; 1:ebx=3; }\n P0 | P1 ;\n MOV [x],$1 | MOV [y],EBX ;\n LFENCE | lfence ;\n mov eax,[y] | MOV EAX,[x] ;\nlocations [x;y;0:EAX;]\nforall (0:eax=3 \\/ 1:EAX=1)',
    );
    expect(litmus(m, t, 'sc')).toMatchObject({ verdict: 'Forbidden', meeting: [] });
    expect(litmus(m, t, 'tso')).toMatchObject({ verdict: 'Allowed', meeting: ['0:EAX=0; 1:EAX=0; 1:EBX=3; x=1; y=3;'] });
  });

  test('20,000 damaged texts: a sentence or a test, and what is a test can be written down', () => {
    let s = 1;
    const lot = (n: number) => {
      s = (Math.imul(s, 1103515245) + 12345) >>> 0;
      return (s >>> 8) % n;
    };
    let good = 0;
    for (let i = 0; i < 20_000; i++) {
      let text = TESTS[lot(TESTS.length)]?.text ?? '';
      for (let k = lot(4); k >= 0; k--) {
        const at = lot(text.length);
        text = lot(2)
          ? text.slice(0, at) + text.slice(at + 1 + lot(6))
          : text.slice(0, at) + '[]{}();|/\\~=$\n0x"P'.charAt(lot(20)) + text.slice(at);
      }
      const t = parseLitmus(text);
      if (isBad(t)) expect(t.error).toMatch(/^line \d+: ./);
      else good++;
    }
    expect(good).toBeGreaterThan(1000);
  });
});
