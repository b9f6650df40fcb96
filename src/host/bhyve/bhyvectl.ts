// bhyvectl(8): looks at a VM, changes it, ends it. Mirrors main() and setup_options() of bhyvectl.c: long options only, actions in a
// fixed order whatever the order of the words (facts bhyve 6.6). Registers and VMCS fields are known by name and not modelled.

import type { Proc, Program } from '../../sh/proc.ts';
import type { HostSys } from '../kernel/sys.ts';
import type { VmEntry } from '../kernel/vmm.ts';
import { VM_ERRNO, vmCreate, vmDestroy } from '../kernel/vmm_create.ts';
import { vmStats } from '../kernel/vmm_stat.ts';
import type { BhyveState } from './ctx.ts';
import { atoi } from './scan.ts';

const SEGMENTS = ['ds', 'es', 'gs', 'fs', 'cs', 'ss', 'tr', 'ldtr', 'gdtr', 'idtr'];
const words = (text: string) => text.trim().split(/\s+/);
/** In the order of the usage; what follows = is the argument that an option takes. */
const OPTIONS = [
  ...words('cpu=<vcpu_number> create destroy get-all get-stats'),
  ...SEGMENTS.flatMap((s) => [`set-desc-${s}`, `get-desc-${s}`]),
  ...words(`run capname=<capname> getcap setcap=<0|1> desc-base=<BASE> desc-limit=<LIMIT> desc-access=<ACCESS>
    set-cr0=<CR0> get-cr0 set-cr3=<CR3> get-cr3 set-cr4=<CR4> get-cr4 set-dr7=<DR7> get-dr7 set-rsp=<RSP> get-rsp
    set-rip=<RIP> get-rip get-rax set-rax=<RAX> get-rbx get-rcx get-rdx get-rsi get-rdi get-rbp get-r8 get-r9 get-r10
    get-r11 get-r12 get-r13 get-r14 get-r15 set-rflags=<RFLAGS> get-rflags set-cs get-cs set-ds get-ds set-es get-es
    set-fs get-fs set-gs get-gs set-ss get-ss get-tr get-ldtr set-x2apic-state=<state> get-x2apic-state
    unassign-pptdev=<bus/slot/func> set-mem=<memory> get-lowmem get-highmem get-gpa-pmap assert-lapic-lvt=<pin>
    inject-nmi force-reset force-poweroff get-active-cpus get-suspended-cpus get-intinfo get-eptp get-exit-reason`),
];
const USAGE = `Usage: bhyvectl --vm=<vmname>\n${OPTIONS.map((o) => `       [--${o.replace('<memory>', '<memory in units of MB>')}]\n`).join('')}`;
const CAPS = ['hlt_exit', 'mtrap_exit', 'pause_exit', 'unrestricted_guest', 'enable_invpcid'];
const BUILT = words(`vm cpu create destroy get-all get-stats get-lowmem get-highmem getcap capname force-reset force-poweroff
  get-active-cpus get-suspended-cpus get-x2apic-state`);

interface CtlState {
  ending?: boolean;
}

/** getopt_long(3): names may be cut short where only one fits. Answers the options, or its message. */
function longOptions(argv: readonly string[]): Map<string, string> | string {
  const all = ['vm=<vmname>', ...OPTIONS],
    out = new Map<string, string>();
  for (let i = 1; i < argv.length; i++) {
    const w = argv[i] ?? '';
    if (!w.startsWith('-')) continue; // it permutes: a bare word is no mistake
    if (w === '--') break;
    if (!w.startsWith('--')) return `bhyvectl: invalid option -- ${w[1] ?? '-'}`;
    const [typed = '', value] = w.slice(2).split(/=(.*)/s),
      exact = all.filter((o) => o.split('=')[0] === typed),
      fits = exact.length ? exact : all.filter((o) => o.startsWith(typed));
    if (fits.length === 0) return `bhyvectl: unrecognized option \`--${typed}'`;
    if (fits.length > 1) return `bhyvectl: option \`--${typed}' is ambiguous`;
    const [name = '', takes] = (fits[0] ?? '').split('=');
    if (takes === undefined && value !== undefined) return `bhyvectl: option \`--${name}' doesn't allow an argument`;
    const arg = takes !== undefined && value === undefined ? argv[++i] : (value ?? '');
    if (arg === undefined) return `bhyvectl: option \`--${name}' requires an argument`;
    out.set(name, arg);
  }
  return out;
}

export const bhyvectl: Program<HostSys> = {
  run(p, sys) {
    const st = p.st as CtlState,
      o = longOptions(p.argv),
      quit = (status: number, err = '') => {
        sys.os.writeErr(p, err);
        sys.os.exit(p, status);
      };
    if (typeof o === 'string') return quit(1, `${o}\n${USAGE}`);
    const name = o.get('vm');
    if (name === undefined) return quit(1, USAGE);
    if (st.ending) return destroy(p, sys, name);
    if (o.has('create')) {
      const made = vmCreate(sys, name);
      if (typeof made === 'string') {
        sys.os.write(p, `errno = ${VM_ERRNO[made][0]}\n`);
        return quit(255);
      }
    }
    const vm = sys.vmm.find(name);
    if (!vm) {
      sys.os.write(p, `VM:${name} is not created.\n`);
      return quit(1);
    }
    look(p, sys, vm, o);
    for (const [word, how] of [
      ['force-reset', 0],
      ['force-poweroff', 1],
    ] as const)
      if (o.has(word)) suspend(sys, vm, how);
    const unbuilt = [...o.keys()].filter((w) => !BUILT.includes(w));
    if (unbuilt.length) sys.os.writeErr(p, `lab: not modelled: ${unbuilt.map((w) => `--${w}`).join(' ')}\n`);
    if (o.has('destroy')) {
      st.ending = true;
      return destroy(p, sys, name);
    }
    quit(unbuilt.length ? 1 : 0);
  },
};

/** vm_suspend: the bhyve of the VM finds out. */
function suspend(sys: HostSys, vm: VmEntry, how: 0 | 1) {
  const p = sys.bhyveOf(vm);
  if (!p) return;
  (p.st as BhyveState).suspend ??= how;
  sys.os.wake(p.pid);
}

function destroy(p: Proc, sys: HostSys, name: string) {
  if (vmDestroy(sys, name) === 'again') sys.os.sleep(p, sys.now() + 1e6);
  else sys.os.exit(p, 0);
}

function look(p: Proc, sys: HostSys, vm: VmEntry, o: Map<string, string>) {
  const all = o.has('get-all'),
    want = (w: string) => all || o.has(w),
    say = (text: string) => sys.os.write(p, `${text}\n`),
    cpu = atoi(o.get('cpu') ?? '0'),
    b = sys.bhyveOf(vm),
    flags = (b?.st as BhyveState | undefined)?.flags;
  if (want('get-lowmem')) say(`lowmem\t\t0x0000000000000000/${vm.memBytes}`);
  if (want('get-highmem')) say('highmem\t\t0x0000000100000000/0');
  if (want('get-x2apic-state')) say(`x2apic_state[${cpu}]\t${flags?.x2apic ? 1 : 0}`);
  if (want('getcap')) {
    const set = [flags?.hlt ?? false, false, flags?.pause ?? false, true, flags !== undefined],
      one = CAPS.indexOf(o.get('capname') ?? '');
    CAPS.forEach((c, i) => {
      if (one < 0 || all || one === i) say(`Capability "${c}" is ${set[i] ? 'set' : 'not set'} on vcpu ${cpu}`);
    });
  }
  const cpus = (banner: string, is: boolean) => say(`${banner}:\t ${is ? '0' : '(none)'}`);
  if (want('get-active-cpus')) cpus('active cpus', vm.block !== 0);
  if (want('get-suspended-cpus')) cpus('suspended cpus', false);
  if (want('get-stats')) sys.os.write(p, vmStats(sys.m, vm, cpu));
  if (all) sys.os.writeErr(p, "lab: the CPU's registers are not modelled, and not all counters are kept.\n");
}
