// One operating system without a machine around it, for tests of shells and programs: a terminal, a clock that goes on when
// nobody is ready. Never part of a lab.

import { type BaseSys, Os, type OsTree, type Program } from './proc.ts';
import { type ShellState, atPrompt, shell } from './shell.ts';

export class Alone implements BaseSys {
  tree: OsTree = { hostname: 'host', nextPid: 700, procs: [], ttys: [], files: {} };
  clock = 0;
  runs = 0;
  os: Os<this>;
  constructor(programs: Record<string, Program<never>>, interactive = false) {
    const all = { ...(programs as Record<string, Program<this>>) };
    // A parent that keeps the dead child until its status has been read.
    all.wait = {
      run: (p) => {
        this.os.pause(p);
      },
    };
    all.sh = shell<this>({ prompt: () => '# ', complete: () => ({ from: 0, candidates: [] }) });
    this.os = new Os<this>(
      () => this.tree,
      all,
      () => this,
    );
    this.os.openTty('ttyv0', 4000);
    if (interactive) {
      this.os.spawn('sh', ['sh'], 'ttyv0', 1);
      this.settle();
    }
  }
  now() {
    return this.clock;
  }
  commands() {
    return Object.keys(this.os.programs);
  }

  /** Until nobody is ready and nothing is due before `until` (lab ns). Throws when that takes too long. */
  settle(until = Number.POSITIVE_INFINITY, most = 200_000) {
    for (let i = 0; i < most; i++) {
      if (this.os.runOne()) {
        this.runs++;
        continue;
      }
      const d = this.os.deadline();
      if (d === undefined || d > until) {
        if (Number.isFinite(until)) this.clock = Math.max(this.clock, until);
        return;
      }
      this.clock = Math.max(this.clock, d);
      this.os.expire(this.clock);
    }
    throw new Error('does not come to rest');
  }
  /** The tree as a checkpoint has it. */
  reload() {
    this.tree = JSON.parse(JSON.stringify(this.tree)) as OsTree;
  }

  /** Runs `sh -c` to its end: what it wrote to 1 and 2, and its status. `each`: the tree is saved and loaded after each run. */
  script(text: string, each = false): { out: string; err: string; status: number } {
    const waits = this.os.spawn('wait', ['wait'], 'ttyv0', 1);
    this.tree.files['/tmp/.out'] = '';
    this.tree.files['/tmp/.err'] = '';
    const p = this.os.spawn('sh', ['sh', '-c', text], 'ttyv0', waits.pid);
    this.os.tty('ttyv0')!.fg = p.pgid;
    const f = (path: string) => ({
      id: this.tree.nextOpen!++,
      refs: 0,
      k: 'file' as const,
      path,
      pos: 0,
      append: true,
      read: false,
      write: true,
    });
    for (const [fd, path] of [
      [1, '/tmp/.out'],
      [2, '/tmp/.err'],
    ] as const) {
      const file = f(path);
      this.tree.open!.push(file);
      this.os.install(p, fd, file);
    }
    if (each)
      for (let i = 0; i < 100_000 && this.os.proc(p.pid)?.state !== 'zombie'; i++) {
        if (!this.os.runOne()) this.settle(this.os.deadline(), 1);
        this.reload();
      }
    this.settle();
    const dead = this.os.proc(p.pid);
    this.os.exit(waits, 0);
    const { '/tmp/.out': out = '', '/tmp/.err': err = '', ...files } = this.tree.files;
    this.tree.files = files;
    this.tree.procs = this.tree.procs.filter((x) => x.pid !== p.pid && x.pid !== waits.pid);
    return { out, err, status: dead?.state === 'zombie' ? dead.status : -1 };
  }

  get shell(): ShellState {
    return this.tree.procs.find((p) => p.prog === 'sh')?.st as ShellState;
  }
  get atPrompt(): boolean {
    const p = this.tree.procs.find((x) => x.prog === 'sh');
    return p !== undefined && atPrompt(p);
  }
  get screen(): string {
    return (this.os.tty('ttyv0')?.out ?? '').replaceAll('\r', '');
  }
  /** Types, and answers what the terminal showed since; lab time goes on for `ns`, or until nothing is due. */
  type(text: string, ns = Number.POSITIVE_INFINITY): string {
    const before = this.screen.length;
    this.os.type('ttyv0', text);
    this.settle(this.clock + ns);
    return this.screen.slice(before);
  }
}
