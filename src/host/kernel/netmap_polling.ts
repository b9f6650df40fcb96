// Polling of an attached NIC: kernel threads do the work of its RX interrupts for the switch, the NIC's own are masked. Mirrors
// nm_bdg_polling, get_polling_cfg and netmap_bwrap_polling of 2015 (facts netmap 1.7, 1.9, 3.6). A thread runs as long as its port
// is polled and never sleeps. The request: nr_flags says ALL_NIC (one thread, all rings) or ONE_NIC (a thread a ring), nr_ringid
// the first CPU, of ONE_NIC also the first ring, nr_arg1 how many. CPUs are checked and named; threads are not bound to them here.

import * as L from '../../../wasm/layout.ts';
import * as R from '../../bin/nmreq.ts';
import type { Machine } from '../../sim/machine.ts';
import { MP_NCPUS } from './mp.ts';
import { HOST_RINGS } from '../../net/netmap_na.ts';
import type { HostNetmap } from './netmap.ts';
import { type AdapterEntry, type Errno, type HostTree, logLine } from './tree.ts';

interface Config {
  /** RX rings of each thread: first, and the one after the last. */
  queues: [number, number][];
  cpu: number;
}

export class Polling {
  constructor(
    private readonly m: Machine,
    private readonly tree: () => HostTree,
    private readonly netmap: HostNetmap,
  ) {}

  /** nm_bdg_polling. */
  ctl(r: R.Nmreq): Errno | 'ERESTART' | undefined {
    if (!r.nr_name.startsWith('vale')) return 'EINVAL';
    const port = this.netmap.nas.find(r.nr_name);
    if (!port?.bridge) return 'ENXIO';
    if (port.kind !== 'bwrap') return 'EOPNOTSUPP';
    return r.nr_cmd === R.NETMAP_BDG_POLLING_ON ? this.#start(r, port) : this.#stop(port);
  }

  #log(line: string) {
    logLine(this.tree(), line);
  }
  #hw(port: AdapterEntry): AdapterEntry | undefined {
    return this.netmap.nas.at(this.m.ld32(port.addr + L.NA_HWNA));
  }

  /** get_polling_cfg. */
  #config(r: R.Nmreq, hw: AdapterEntry): Config | undefined {
    const n = r.nr_arg1,
      rings = this.netmap.nas.count(hw.addr, false) - HOST_RINGS,
      reg = r.nr_flags & R.NR_REG_MASK,
      i = r.nr_ringid & R.NETMAP_RING_MASK;
    const no = (why: string) => {
      this.#log(why);
      return undefined;
    };
    if (n === 0) return no('req_cpus must be > 0');
    if (n >= MP_NCPUS) return no('for safety, we need at least one core left in the system');
    if (reg === R.NR_REG_ONE_NIC) {
      if (i + n > rings) return no(`only ${rings} rings exist (ring ${i}-${i + n} is given)`);
      this.#log(`REG_ONE_NIC qfirst ${i} qlast ${i + n} cpu_from ${i} ncpus ${n}`);
      return { cpu: i, queues: Array.from({ length: n }, (_, k) => [i + k, i + k + 1] as [number, number]) };
    }
    if (reg !== R.NR_REG_ALL_NIC) return no('reg must be ALL_NIC or ONE_NIC');
    if (n !== 1) return no(`ncpus must be 1 not ${n} for REG_ALL_NIC`);
    this.#log(`REG_ALL_NIC qfirst 0 qlast ${rings} cpu_from ${i} ncpus 1`);
    return { cpu: i, queues: [[0, rings]] };
  }

  #start(r: R.Nmreq, port: AdapterEntry): Errno | undefined {
    const { m } = this,
      hw = this.#hw(port);
    if (port.polling) {
      this.#log('ERROR adapter already in polling mode');
      return 'EFAULT';
    }
    const c = hw && this.#config(r, hw);
    if (!hw || !c || port.name.endsWith('^')) return 'EINVAL';
    // a CPU that the host has not: nothing can be bound to it
    if (c.cpu + c.queues.length > MP_NCPUS) {
      this.#log(`cannot set affinity to cpu ${c.cpu + c.queues.length - 1}`);
      return 'EINVAL';
    }
    if (!m.threadLeft()) return 'ENOMEM';
    port.polling = c.queues.map(([first, end], k) => {
      this.#log(`kthread ${k} a:${c.cpu + k} qf:${first} ql:${end}`);
      const nbk = m.alloc(L.NBK_SIZE);
      m.st32(nbk + L.NBK_RUN, 1);
      m.st32(nbk + L.NBK_HWNA, hw.addr);
      m.st32(nbk + L.NBK_QFIRST, first);
      m.st32(nbk + L.NBK_QLAST, end);
      return { nbk, block: m.newThread({ kind: L.TK_KTHREAD, fn: L.OP_BWRAP_POLLING, arg: nbk, vtime: m.clock }) };
    });
    this.netmap.ix.intr(hw, false);
    return undefined;
  }

  /** nm_bdg_ctl_polling_stop: asks the threads to end and waits for them. */
  #stop(port: AdapterEntry): Errno | 'ERESTART' | undefined {
    const { m } = this,
      hw = this.#hw(port),
      threads = port.polling;
    if (!threads) {
      this.#log('ERROR adapter is not in polling mode');
      return 'EFAULT';
    }
    for (const t of threads) Atomics.store(m.u32, (t.nbk + L.NBK_RUN) >>> 2, 0);
    if (threads.some((t) => m.status(t.block) !== L.TS_DEAD)) return 'ERESTART';
    for (const t of threads) {
      m.freeThread(t.block);
      m.release(t.nbk, L.NBK_SIZE);
    }
    delete port.polling;
    if (hw) this.netmap.ix.intr(hw, true);
    return undefined;
  }
}
