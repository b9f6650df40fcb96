// bhyve(8): options, life cycle, exits to userspace. Mirrors bhyverun.c of the GSoC tree (facts bhyve 1.2 to 1.4).
// The process is the terminal's program while it runs: COM1 is its standard input and output.

import * as L from '../../../wasm/layout.ts';
import type { Proc, Program } from '../../sh/proc.ts';
import { getopt } from '../../sh/getopt.ts';
import type { HostSys } from '../kernel/sys.ts';
import type { VmEntry } from '../kernel/vmm.ts';
import { NO_FD } from '../../bin/sys.ts';
import { type BhyveCtx, type BhyveState, SEGV } from './ctx.ts';
import { Pci, inOrder, newPciTree, parseSlot } from './pci_emul.ts';
import { memdevInit, memdevIo } from './pci_ptnetmap_memdev.ts';
import { released } from './teardown.ts';
import { resetsDone, sayQueueErrors, startThreads, virtioNetInit, virtioNetIo, virtioNetMsix } from './pci_virtio_net.ts';
import { setStatus } from './pci_virtio_ptnetmap.ts';
import { lpcInit, uartIo } from './pci_lpc.ts';

const OPTIONS = 'abehwxACHIPWYp:g:c:s:m:l:U:';
const EX_USAGE = 64;
export const USAGE = `Usage: bhyve [-abehwxACHPWY] [-c vcpus] [-g <gdb port>] [-l <lpc>]
             [-m mem] [-p vcpu:hostcpu] [-s <pci>] [-U uuid] <vm>
       -a: local apic is in xAPIC mode (deprecated)
       -A: create ACPI tables
       -c: # cpus (default 1)
       -C: include guest memory in core file
       -e: exit on unhandled I/O access
       -g: gdb port
       -h: help
       -H: vmexit from the guest on hlt
       -l: LPC device configuration
       -m: memory size in MB
       -p: pin 'vcpu' to 'hostcpu'
       -P: vmexit from the guest on pause
       -s: <slot,driver,configinfo> PCI slot config
       -U: uuid
       -w: ignore unimplemented MSRs
       -W: force virtio to use single-vector MSI
       -x: local apic is in x2APIC mode
       -Y: disable MPtable generation
`;

/** vm_parse_memsize: bytes, or undefined. A bare number below 1 Mi is MiB. */
export function parseMemsize(s: string): number | undefined {
  const m = /^(\d+)([kmgt]?)$/i.exec(s);
  if (!m?.[1]) return undefined;
  const n = Number(m[1]),
    unit = (m[2] ?? '').toLowerCase();
  if (!unit) return n < 1024 * 1024 ? n * 1024 * 1024 : n;
  return n * 1024 ** ('kmgt'.indexOf(unit) + 1);
}

/** The context of a running bhyve, made anew at each call: nothing of it outlives the action. */
export function bhyveCtx(p: Proc, vm: VmEntry, sys: HostSys): BhyveCtx {
  const st = p.st as BhyveState;
  return {
    m: sys.m,
    vmm: sys.vmm,
    vm,
    netmap: sys.netmap,
    ptn: sys.ptn,
    taps: sys.taps,
    st,
    pci: new Pci(sys.m, st.pci),
    pid: p.pid,
    out: (line) => sys.os.write(p, `${line}\n`),
    console: (data) => {
      const tty = sys.os.tty(p.tty);
      if (tty) sys.os.put(tty, data);
    },
    startThread: (name, fd, op, setup) => sys.startThread(p, fd || NO_FD, op, setup, undefined, name),
    poke: (h) => {
      sys.poke(h);
    },
  };
}

export const bhyve: Program<HostSys> = {
  run(p, sys) {
    const st = p.st as BhyveState;
    st.phase ??= 'start';
    if (st.phase === 'start') {
      if (!start(p, sys)) return;
      if (st.phase === 'start') st.phase = 'run';
    }
    if (st.phase === 'run') running(p, sys);
    if (st.phase === 'ending') ending(p, sys);
  },
};

function quit(p: Proc, sys: HostSys, text: string, status: number, hint?: string): false {
  if (text) sys.os.write(p, text.endsWith('\n') ? text : `${text}\n`);
  if (hint) sys.os.write(p, `lab: ${hint}\n`);
  sys.os.exit(p, status);
  return false;
}

const HYPHEN = /[\u2010-\u2015\u2212]/;

function start(p: Proc, sys: HostSys): boolean {
  const st = p.st as BhyveState;
  Object.assign(st, {
    vmname: '',
    pci: newPciTree(),
    memdevs: [],
    uarts: {},
    lpc: false,
    backends: {},
    lpcdev: [],
    suspend: null,
    pending: null,
    resetting: [],
    started: false,
    threads: [],
    flags: { hlt: false, pause: false, acpi: false, msix: true, strictio: false },
    memBytes: 256 * 1024 * 1024,
    vcpus: 1,
  } satisfies Partial<BhyveState>);
  const r = getopt(p.argv, OPTIONS);
  let errors = 0;
  for (const { opt, arg = '' } of r.opts)
    switch (opt) {
      case 'A':
        st.flags.acpi = true;
        break;
      case 'H':
        st.flags.hlt = true;
        break;
      case 'P':
        st.flags.pause = true;
        break;
      case 'W':
        st.flags.msix = false;
        break;
      case 'e':
        st.flags.strictio = true;
        break;
      case 'c':
        st.vcpus = Number.parseInt(arg, 10) || 0;
        break;
      case 'h':
        return quit(p, sys, USAGE, 0);
      case 'p': {
        const m = /^(\d+):(\d+)$/.exec(arg),
          bad = (why: string) => quit(p, sys, `${why}\nbhyve: invalid vcpu pinning configuration '${arg}'`, EX_USAGE);
        if (!m) return bad(`invalid format: ${arg}`);
        if (Number(m[1]) > 15) return bad(`vcpu '${m[1]}' outside valid range from 0 to 15`);
        if (Number(m[2]) > 255) return bad(`hostcpu '${m[2]}' outside valid range from 0 to 255`);
        break;
      }
      case 'm': {
        const b = parseMemsize(arg);
        if (b === undefined) return quit(p, sys, `bhyve: invalid memsize '${arg}'`, EX_USAGE, 'a number with K, M, G or T, as in -m 2G.');
        st.memBytes = b;
        break;
      }
      case 'l': {
        if (!/^com[12](,.*)?$/i.test(arg))
          return quit(
            p,
            sys,
            `bhyve: invalid lpc device configuration '${arg}'`,
            EX_USAGE,
            'the LPC bridge has com1 and com2: -l com1,stdio.',
          );
        st.lpcdev.push(arg);
        break;
      }
      case 's': {
        const f = parseSlot(arg, st.pci.functions);
        if (typeof f === 'string') return quit(p, sys, f, 1, slotHint(f, arg));
        st.pci.functions.push(f);
        break;
      }
      case '?':
        return quit(p, sys, `${r.errors[errors++] ?? ''}\n${USAGE}`, 1, 'the letters that bhyve knows are in its usage.');
      default:
    }
  if (r.rest.length !== 1) {
    const hyphen = r.rest.find((w) => HYPHEN.test(w));
    return quit(
      p,
      sys,
      USAGE,
      1,
      hyphen
        ? `"${hyphen}" is written with U+${hyphen.codePointAt(hyphen.search(HYPHEN))?.toString(16).toUpperCase()}, a typographic hyphen: to bhyve it is a word, not an option. Type the ASCII "-".`
        : r.rest.length
          ? `only the VM's name stands after the options; here are ${r.rest.length} words: ${r.rest.join(' ')}`
          : 'the name of the VM is missing at the end.',
    );
  }
  st.vmname = r.rest[0] ?? '';
  const vm = sys.vmm.find(st.vmname);
  if (!vm) return quit(p, sys, 'vm_open: No such file or directory', 1, `create the VM first: bhyveload -m 2G -d mfsroot.img ${st.vmname}`);
  if (vm.block) return quit(p, sys, 'vm_open: Device busy', 1, `a bhyve already runs ${st.vmname}.`);
  if (st.vcpus > 16) return quit(p, sys, `${st.vcpus} vCPUs requested but only 16 available`, 1);
  if (!vm.loaded)
    return quit(p, sys, `bhyve: vm ${st.vmname} has no kernel loaded`, 1, `load it again: bhyveload -m 2G -d mfsroot.img ${st.vmname}`);
  if (st.vcpus > 1) sys.os.write(p, 'lab: the guest of this lab runs on one vCPU; the others stay idle.\n');
  const c = bhyveCtx(p, vm, sys);
  for (const f of inOrder(st.pci.functions)) {
    f.page = sys.m.alloc(L.PAGE);
    if (initDevice(c, f)) {
      st.suspend = 1;
      st.phase = 'ending';
      return true;
    }
  }
  st.started = true;
  sys.vmm.startVcpu(vm);
  startThreads(c, inOrder(st.pci.functions));
  sys.m.st32(vm.vcpu + L.VCPU_CTL_PENDING, 1);
  if (Object.values(st.uarts).some((u) => u.backend)) {
    let tty = sys.os.tty(p.tty);
    if (tty?.fg !== p.pgid) {
      // in the background it cannot read its terminal: the console gets one of its own
      p.tty = `vm:${st.vmname}`;
      tty = sys.os.tty(p.tty) ?? sys.os.openTty(p.tty);
      tty.fg = p.pgid;
    }
    sys.os.mode(tty, 'raw');
  }
  return true;
}

function slotHint(message: string, arg: string): string {
  if (message.includes('occupied')) return 'each slot:function can be used once; choose another function, as in -s 4:1,…';
  if (HYPHEN.test(arg)) return 'the name holds a typographic hyphen (U+2010); type the ASCII "-".';
  if (message.includes('unknown device')) return 'devices here: hostbridge, lpc, virtio-net, ptnetmap-memdev.';
  return 'a slot is given as slot, slot:function or bus:slot:function, then a comma and the device.';
}

function initDevice(c: BhyveCtx, f: BhyveState['pci']['functions'][number]): number {
  switch (f.emul) {
    case 'hostbridge':
      c.pci.identify(f, 0x1275, 0x1275, 0x0600, 0, 0);
      c.m.st8(f.page + 0x0e, c.m.ld8(f.page + 0x0e) | 1);
      return 0;
    case 'amd_hostbridge':
      c.pci.identify(f, 0x1022, 0x7432, 0x0600, 0, 0);
      c.m.st8(f.page + 0x0e, c.m.ld8(f.page + 0x0e) | 1);
      return 0;
    case 'lpc':
      return lpcInit(c, f);
    case 'virtio-net':
      return virtioNetInit(c, f);
    case 'ptnetmap-memdev':
      return memdevInit(c, f);
    case 'dummy':
      c.pci.identify(f, 0x10dd, 0x0001, 0x0000, 0, 0);
      c.pci.allocBar(f, 0, 'io', 16);
      c.pci.allocBar(f, 1, 'mem32', 4096);
      return 0;
    default:
      c.out(`lab: the device "${f.emul}" is not built yet.`);
      return 1;
  }
}

function running(p: Proc, sys: HostSys) {
  const st = p.st as BhyveState,
    vm = sys.vmm.find(st.vmname),
    tty = sys.os.tty(p.tty);
  if (!vm) {
    st.phase = 'ending';
    return;
  }
  if (p.signals.length) {
    st.suspend ??= 128 + (p.signals[0] ?? 15);
    p.signals = [];
  }
  const typed = tty && st.uarts.com1?.backend ? sys.os.read(tty) : null;
  if (typed && st.uarts.com1) {
    st.uarts.com1.rx += bytes(typed);
    irq(sys, vm);
  }
  if (st.pending) {
    const entry = sys.ptn.find(st.pending.fd),
      fd = sys.netmap.fd(st.pending.fd),
      f = st.pci.functions.find((x) => x.page === st.pending?.page);
    if (entry && !sys.ptn.stopped(entry)) {
      sys.os.sleep(p, sys.now() + 1000);
      return;
    }
    if (entry && fd) sys.ptn.finish(entry, fd);
    if (f) setStatus(bhyveCtx(p, vm, sys), f, 0);
    st.pending = null;
    if (!st.resetting.length) sys.vmResume(vm);
  }
  const c = bhyveCtx(p, vm, sys);
  sayQueueErrors(c);
  if (st.suspend !== null) {
    st.phase = 'ending';
    return;
  }
  if (st.resetting.length) {
    if (!resetsDone(c)) {
      sys.os.sleep(p, sys.now() + 1000);
      return;
    }
    sys.vmResume(vm);
  }
  sys.os.pause(p);
}

/** The bytes of typed text, one a character. */
const bytes = (text: string) => String.fromCharCode(...new TextEncoder().encode(text));

/** An ISA interrupt of the UART: the guest kernel's control plane gets the CPU. */
function irq(sys: HostSys, vm: VmEntry) {
  const { m } = sys;
  Atomics.store(m.u32, (vm.vcpu + L.VCPU_CTL_PENDING) >>> 2, 1);
  m.wakeup(vm.vcpu);
}

/** The VM has ended: vCPU, threads, descriptors, devices; then the exit status. */
function ending(p: Proc, sys: HostSys) {
  const st = p.st as BhyveState,
    vm = sys.vmm.find(st.vmname);
  if (!released(p, sys, vm, vm && bhyveCtx(p, vm, sys))) {
    sys.os.sleep(p, sys.now() + 100000);
    return;
  }
  for (const f of st.pci.functions)
    if (f.page) {
      sys.m.release(f.page, L.PAGE);
      f.page = 0;
    }
  const tty = st.started ? sys.os.tty(p.tty) : undefined;
  if (tty) {
    sys.os.mode(tty, 'cooked');
    sys.os.put(tty, '\r\n');
  }
  if (st.suspend === 0) sys.os.write(p, 'lab: the guest asked for a reset; load and start it again (bhyve exits with 0).\n');
  if (st.suspend === SEGV) sys.os.coreDump(p, SEGV - 128);
  sys.os.exit(p, st.suspend ?? 1);
}

/** An access to a port that ended in userspace. */
export function bhyveIo(c: BhyveCtx, port: number, bytes: number, value: number | undefined): number {
  if (port === 0xcf8 || (port >= 0xcfc && port < 0xd00)) return c.pci.cfgPort(port, bytes, value);
  if (c.st.lpc && port >= 0x3f8 && port < 0x400) return uartIo(c, 'com1', port - 0x3f8, value);
  if (c.st.lpc && port >= 0x2f8 && port < 0x300) return uartIo(c, 'com2', port - 0x2f8, value);
  if (port === 0x404 && value !== undefined) {
    if (value & 0x2000) c.st.suspend = 1;
    return 0;
  } // PM1_CNT: SLP_EN
  if (port === 0xcf9 && value !== undefined) {
    if (value & 4) c.st.suspend = 0;
    return 0;
  } // reset
  const d = c.pci.decode('io', port);
  if (d) {
    if (d.f.emul === 'virtio-net') return virtioNetIo(c, d.f, d.offset, bytes, value);
    if (d.f.emul === 'ptnetmap-memdev') return memdevIo(c, d.f, d.offset, value);
    return 0;
  }
  if (c.st.flags.strictio && c.st.suspend === null) {
    c.out(
      `Unhandled ${value === undefined ? 'in' : 'out'}${bytes === 1 ? 'b' : bytes === 2 ? 'w' : 'l'} 0x${port.toString(16).padStart(4, '0')}`,
    );
    c.st.suspend = 1; // -e: fatal
  }
  return 0xffffffff;
}

/** An access to emulated memory that ended in userspace. */
export function bhyveMmio(c: BhyveCtx, gpa: number, bytes: number, value: number | undefined): number {
  const d = c.pci.decode('mem32', gpa);
  if (d?.f.emul === 'virtio-net' && d.idx === 1) return virtioNetMsix(c, d.f, d.offset, bytes, value);
  if (d?.f.emul === 'ptnetmap-memdev')
    c.out(`ptnetmap_memdev: unexpected MEM ${value === undefined ? 'read' : 'write'} - offset ${d.offset.toString(16)}`);
  return 0xffffffff;
}
