// What is typed: bytes, lines put at a prompt, sizes of terminals. Each is a deed of the recording, except while the machine
// runs freely.

import type { Deed } from './deeds.ts';
import type { Lab } from './lab.ts';
import { isLab } from './program.ts';

/** Characters of one entry: what is pasted may be longer. */
const CHUNK = 8192;
/** Characters of an answer in a terminal: it is kept in the recording. */
const ANSWER = 8192;

export class Typing {
  constructor(private readonly lab: Lab) {}

  input(tty: string, data: string) {
    if (!this.lab.world.host.os.tty(tty)) return;
    if (this.lab.run !== 'stopped' && this.lab.engine === 'free') {
      this.lab.world.type(tty, data);
      this.#settleFree();
      return;
    }
    this.flush();
    for (let i = 0; i < data.length; i += CHUNK) {
      this.lab.timeline.do({ k: 'input', tty, data: data.slice(i, i + CHUNK) });
      this.#settle();
    }
  }

  openTerminal(): string {
    const { ttys } = this.lab.world.tree.host.os;
    if (this.lab.run !== 'stopped' && this.lab.engine === 'free') {
      this.lab.world.openTerminal();
      this.#settleFree();
    } else {
      this.lab.timeline.do({ k: 'open' });
      this.#settle();
    }
    return ttys[ttys.length - 1]?.id ?? '';
  }

  typeLine(tty: string, text: string, enter: boolean) {
    if (!this.lab.world.host.os.tty(tty)) return;
    if (this.lab.run !== 'stopped' && this.lab.engine === 'free') this.lab.world.typeLine(tty, text);
    else this.lab.timeline.do({ k: 'line', tty, text });
    if (enter) this.input(tty, '\r');
  }

  /** Sizes that windows got while the lab stood: they are told when it goes on, or something is typed. */
  #sizes = new Map<string, { cols: number; rows: number }>();
  flush() {
    if (this.lab.timeline.end > this.lab.world.m.steps) return;
    for (const [tty, { cols, rows }] of this.#sizes) {
      const t = this.lab.world.host.os.tty(tty);
      if (t && (t.cols !== cols || t.rows !== rows)) {
        this.lab.timeline.do({ k: 'resize', tty, cols, rows });
        this.#settle();
      }
    }
    this.#sizes.clear();
  }

  resize(tty: string, cols: number, rows: number) {
    const t = this.lab.world.host.os.tty(tty);
    if (!t || (t.cols === cols && t.rows === rows)) return;
    // a window's size is no reason to leave a history, nor for a moment to be another
    if (this.lab.engine === 'step' && (this.lab.run === 'stopped' || this.lab.timeline.end > this.lab.world.m.steps)) {
      this.#sizes.set(tty, { cols, rows });
      return;
    }
    this.#sizes.delete(tty);
    if (this.lab.run !== 'stopped' && this.lab.engine === 'free') {
      this.lab.world.resize(tty, cols, rows);
      this.#settleFree();
    } else {
      this.lab.timeline.do({ k: 'resize', tty, cols, rows });
      this.#settle();
    }
  }

  /** What `lab …` is told: its process, if it is there now, ends. */
  answer(d: Deed & { k: 'answer' }) {
    const { world } = this.lab;
    const os = d.vm === '' ? world.host.os.tree() : world.tree.guests[d.vm]?.os;
    const p = os?.procs.find((x) => x.pid === d.pid);
    if (!p || !isLab(p) || p.state === 'zombie' || !('asked' in p.st) || 'answer' in p.st) return;
    if (this.lab.run !== 'stopped' && this.lab.engine === 'free') {
      world.answer(d.vm, d.pid, d.text, d.status);
      this.#settleFree();
      return;
    }
    this.lab.timeline.do(d.text.length > ANSWER ? { ...d, text: `${d.text.slice(0, ANSWER)}… (cut)\n` } : d);
    this.#settle();
  }

  /** While stopped, the shells still answer: actions of host processes are done at once. */
  #settle() {
    if (this.lab.run !== 'stopped') {
      this.lab.run = 'running';
      return;
    }
    for (let i = 0; i < 1000 && this.lab.world.host.os.ready(); i++) this.lab.timeline.advance(1);
  }
  #settleFree() {
    for (let i = 0; i < 1000 && this.lab.world.act(); i++);
  }
}
