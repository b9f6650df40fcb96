// bhyve(8): its life. Mirrors main(), fbsdrun_addcpu() and vmexit_suspend() of bhyverun.c of the GSoC tree (facts bhyve 1.1 to 1.4):
// options, vm_open, CPUs, memory, devices, the vCPU; then it waits until the VM ends, and its status says why.
// The process is its terminal's program while it runs: a UART on stdio is that terminal.

import * as L from '../../../wasm/layout.ts';
import { fileOf } from '../../sh/file.ts';
import type { Proc, Program } from '../../sh/proc.ts';
import { nmdmClose, nmdmOpen, nmdmRead, nmdmWrite } from '../kernel/nmdm.ts';
import type { HostSys } from '../kernel/sys.ts';
import { diskBytes } from '../kernel/images.ts';
import type { VmEntry } from '../kernel/vmm.ts';
import { NO_FD } from '../../bin/sys.ts';
import { type BhyveCtx, type BhyveState, SEGV } from './ctx.ts';
import { PWRBTN, sciUpdate } from './exits.ts';
import { applyLabOptions, newLabOptions, startTxPolls } from './lab_options.ts';
import { type Refusal, readOptions } from './options.ts';
import { initDevice } from './pci_devices.ts';
import { Pci, inOrder, newPciTree } from './pci_emul.ts';
import { routePins } from './pci_irq.ts';
import { resetsDone, sayQueueErrors, startThreads } from './pci_virtio_net.ts';
import { setStatus } from './pci_virtio_ptnetmap.ts';
import { released } from './teardown.ts';

export { bhyveIo, bhyveMmio } from './exits.ts';

const SIGABRT = 6,
  SIGTERM = 15;
const VM_MAXCPU = 16;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** A level-triggered interrupt that the guest has not answered yet is looked after again so soon. */
const SCI_NS = 10e6;

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
    stepwise: () => sys.hostTree().sysctl['dev.lab.regif_steps'] === 1,
    out: (line) => sys.os.write(p, `${line}\n`),
    err: (line) => sys.os.writeErr(p, `${line}\n`),
    console: (data) => {
      const tty = stdioTty(p, sys);
      if (tty) sys.os.put(tty, data);
    },
    startThread: (name, fd, op, setup) => sys.startThread(p, fd || NO_FD, op, setup, undefined, name),
    poke: (h) => {
      sys.poke(h);
    },
    serial: {
      loaded: () => sys.modules().some((f) => f.name === 'nmdm.ko'),
      open: (path) => nmdmOpen(sys, path, p.pid) === undefined,
      write: (path, data) => nmdmWrite(sys, path, data),
    },
    diskBytes: (path) => diskBytes(sys.os.tree(), p.cwd, path),
    sci: (on) => {
      if (!vm.vcpu) return;
      sys.m.st32(vm.vcpu + L.VCPU_SCI, on ? 1 : 0);
      if (on) irq(sys, vm);
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

/** The terminal that standard input is, for reading and writing alike: standard output has no part in a console. */
const stdioTty = (p: Proc, sys: HostSys) => (fileOf(sys.os.tree(), p, 0)?.k === 'tty' ? sys.os.tty(p.tty) : undefined);

/** What came in: keys, or the bytes of a pipe or a file. Nothing at its end. */
function stdin(p: Proc, sys: HostSys): string {
  const tty = stdioTty(p, sys);
  return (tty ? sys.os.read(tty) : sys.os.readFd(p, 0)) ?? '';
}

function complain(p: Proc, sys: HostSys, { text, hint }: Refusal) {
  if (text) sys.os.writeErr(p, text);
  if (hint) sys.os.writeErr(p, `lab: ${hint}\n`);
}
function refuse(p: Proc, sys: HostSys, why: Refusal): false {
  complain(p, sys, why);
  if (why.status > 128) p.killed ??= why.status - 128;
  sys.os.exit(p, why.status);
  return false;
}

/** assert(3) of the original: a line, and abort(). */
const asserts = (fn: string, hint: string): Refusal => ({
  text: `Assertion failed: (error == 0), function ${fn}, file /usr/src/usr.sbin/bhyve/bhyverun.c.\n`,
  status: 128 + SIGABRT,
  hint,
});

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
    pm1: null,
    pending: null,
    resetting: [],
    started: false,
    threads: [],
    flags: { hlt: false, pause: false, acpi: false, msix: true, strictio: false, x2apic: false },
    lab: newLabOptions(),
    memBytes: 256 * 1024 * 1024,
    vcpus: 1,
  } satisfies Partial<BhyveState>);
  const wrong = readOptions(p.argv, st);
  if (wrong) return refuse(p, sys, wrong);
  const vm = sys.vmm.find(st.vmname);
  if (!vm)
    return refuse(p, sys, {
      text: 'vm_open: No such file or directory\n',
      status: 1,
      hint: sys.modules().some((f) => f.name === 'vmm.ko')
        ? `create the VM first: bhyveload -m 2G -d mfsroot.img ${st.vmname}`
        : 'vmm.ko is not loaded: kldload vmm',
    });
  if (st.vcpus > VM_MAXCPU) return refuse(p, sys, { text: `${st.vcpus} vCPUs requested but only ${VM_MAXCPU} available\n`, status: 1 });
  const cannot = setCapabilities(st, sys);
  if (cannot) return refuse(p, sys, cannot);
  if (vm.memBytes && st.memBytes > vm.memBytes)
    return refuse(p, sys, {
      text: 'Unable to setup memory (-1)\n',
      status: 1,
      hint: `bhyveload gave ${st.vmname} ${vm.memBytes / 1048576}M: -m must be the same here.`,
    });
  if (vm.block)
    return refuse(
      p,
      sys,
      asserts('fbsdrun_addcpu', `a bhyve already runs ${st.vmname}, and its CPU is active. (Modelled: the devices are not made before.)`),
    );
  for (const line of applyLabOptions(sys, vm, st.lab)) sys.os.writeErr(p, `${line}\n`);
  const c = bhyveCtx(p, vm, sys);
  if (!makeDevices(p, sys, c)) return true;
  const uuid = uuidOf(p.argv);
  const late =
    uuid !== undefined && !UUID.test(uuid)
      ? asserts('main', `-U takes a UUID; "${uuid}" is none, and smbios_build fails.`)
      : vm.loaded
        ? undefined
        : vm.memBytes
          ? asserts(
              'fbsdrun_addcpu',
              `the CPU of ${st.vmname} is as its last bhyve left it: load again, bhyveload -m 2G -d mfsroot.img ${st.vmname}`,
            )
          : nothingLoaded(st.vmname);
  if (late) {
    fail(p, sys, late);
    return true;
  }
  if (st.vcpus > 1) sys.os.writeErr(p, 'lab: the guest of this lab runs on one vCPU; the others stay idle.\n');
  if (st.memBytes < vm.memBytes)
    sys.os.writeErr(
      p,
      `lab: bhyveload gave ${st.vmname} ${vm.memBytes / 1048576}M, and its loader said so to the guest: that is what it has.\n`,
    );
  st.started = true;
  sys.vmm.startVcpu(vm);
  sys.vmm.setCapability(vm, L.VM_CAP_HALT_EXIT, st.flags.hlt);
  sys.vmm.setCapability(vm, L.VM_CAP_PAUSE_EXIT, st.flags.pause);
  startTxPolls(p, sys);
  startThreads(c, inOrder(st.pci.functions));
  sys.m.st32(vm.vcpu + L.VCPU_CTL_PENDING, 1);
  claimTerminal(p, sys);
  return true;
}

/** fbsdrun_set_capabilities: what -H and -P ask of the host's CPU. */
function setCapabilities(st: BhyveState, sys: HostSys): Refusal | undefined {
  const has = (cap: string) => sys.sysctl()[`hw.vmm.vmx.cap.${cap}`] !== 0;
  const hint = (o: string, cap: string) => `this host's CPU has it not: dev.lab.vmx.${cap}=1, or no ${o}.`;
  if (st.flags.hlt && !has('halt_exit')) return { text: 'VM exit on HLT not supported\n', status: 1, hint: hint('-H', 'halt_exit') };
  if (st.flags.pause && !has('pause_exit'))
    return { text: 'SMP mux requested, no pause support\n', status: 1, hint: hint('-P', 'pause_exit') };
  return undefined;
}

/** The argument of the last -U. */
function uuidOf(argv: readonly string[]): string | undefined {
  const at = argv.findLastIndex((w) => w === '-U');
  return at < 0 ? undefined : argv[at + 1];
}

/** The reset vector of a VM without a boot ROM is in the hole below 4 GB: the first fetch cannot be emulated. */
const nothingLoaded = (name: string): Refusal => ({
  text: 'vm exit[0]\n\treason\t\tVMX\n\trip\t\t0x000000000000fff0\n\tinst_length\t0\n\tstatus\t\t0\n\texit_reason\t48\n\tqualification\t0x0000000000000784\n\tinst_type\t\t0\n\tinst_error\t\t0\n',
  status: 128 + SIGABRT,
  hint: `${name} was created, but nothing was loaded into it: bhyveload -m 2G -d mfsroot.img ${name}`,
});

/** init_pci: bus, slot, function ascending, whatever the order of the options. */
function makeDevices(p: Proc, sys: HostSys, c: BhyveCtx): boolean {
  const all = inOrder(c.st.pci.functions);
  for (const [i, f] of all.entries()) {
    if (i > 0 && f.bus !== all[i - 1]?.bus) c.pci.busDone();
    f.page = sys.m.alloc(L.PAGE);
    if (initDevice(c, f)) {
      fail(p, sys, { text: '', status: 1 });
      return false;
    }
  }
  routePins(sys.m, all, c.st.lpc);
  return true;
}

/** It ends before its CPU ran: says why, and gives back what its devices have opened and mapped. */
function fail(p: Proc, sys: HostSys, why: Refusal) {
  const st = p.st as BhyveState;
  complain(p, sys, why);
  st.suspend = why.status;
  st.phase = 'ending';
}

/** A UART on stdio makes its terminal raw. In the background it could not read it: the console gets one of its own. */
function claimTerminal(p: Proc, sys: HostSys) {
  const st = p.st as BhyveState;
  if (!Object.values(st.uarts).some((u) => u.dev === 'stdio')) return;
  let tty = stdioTty(p, sys);
  if (!tty) return;
  if (tty.fg !== p.pgid) {
    p.tty = `vm:${st.vmname}`;
    tty = sys.os.tty(p.tty) ?? sys.os.openTty(p.tty);
    tty.fg = p.pgid;
  }
  sys.os.mode(tty, 'raw');
}

function running(p: Proc, sys: HostSys) {
  const st = p.st as BhyveState,
    vm = sys.vmm.find(st.vmname);
  if (!vm) {
    st.phase = 'ending';
    return;
  }
  signals(p, sys, vm);
  for (const u of Object.values(st.uarts)) {
    const typed = u.dev === '' ? '' : u.dev === 'stdio' ? bytes(stdin(p, sys)) : nmdmRead(sys, u.dev);
    u.rx += typed;
    if (typed) irq(sys, vm);
  }
  if (st.pending) {
    const entry = sys.ptn.find(st.pending.fd),
      fd = sys.netmap.fd(st.pending.fd),
      f = st.pci.functions.find((x) => x.page === st.pending?.page);
    if (entry && fd && !sys.ptn.step(entry, fd)) {
      sys.os.sleep(p, sys.now() + 1000);
      return;
    }
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
  if (st.pm1 && st.pm1.sts & st.pm1.en) {
    irq(sys, vm);
    sys.os.sleep(p, sys.now() + SCI_NS);
  } else sys.os.pause(p);
}

/** SIGTERM is the power button once the guest has enabled ACPI, as pm.c arranges it. Every other signal ends the process. */
function signals(p: Proc, sys: HostSys, vm: VmEntry) {
  const st = p.st as BhyveState;
  for (const sig of p.signals) {
    if (sig !== SIGTERM || !st.pm1) {
      st.suspend ??= 128 + sig;
      continue;
    }
    st.pm1.sts |= PWRBTN;
    sciUpdate(bhyveCtx(p, vm, sys));
  }
  p.signals = [];
}

/** The bytes of typed text, one a character. */
const bytes = (text: string) => String.fromCharCode(...new TextEncoder().encode(text));

/** An interrupt of the UARTs or the SCI: the guest kernel's control plane gets the CPU. */
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
  nmdmClose(sys, p.pid);
  for (const f of st.pci.functions)
    if (f.page) {
      sys.m.release(f.page, L.PAGE);
      f.page = 0;
    }
  if (!st.started && vm?.userbufs.length) {
    // its CPU never ran: what was loaded stays
    const { loaded } = vm;
    sys.vmm.reinit(vm);
    vm.loaded = loaded;
  }
  const tty = st.started && Object.values(st.uarts).some((u) => u.dev === 'stdio') ? stdioTty(p, sys) : undefined;
  if (tty) {
    sys.os.mode(tty, 'cooked');
    sys.os.put(tty, '\r\n');
  }
  if (st.suspend === 0) sys.os.writeErr(p, 'lab: the guest asked for a reset; load and start it again (bhyve exits with 0).\n');
  const status = st.suspend ?? 1;
  if (status === SEGV) sys.os.coreDump(p, SEGV - 128);
  if (status > 128) p.killed ??= status - 128;
  sys.os.exit(p, status);
}
