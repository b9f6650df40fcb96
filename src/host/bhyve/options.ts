// bhyve's options, in the order in which they stand: the first mistake ends it, and no virtual machine is looked for before
// all are read. Mirrors main(), usage() and pincpu_parse() of bhyverun.c, lpc_device_parse() of pci_lpc.c (facts bhyve 1.2, 1.4).

import { getopt } from '../../sh/getopt.ts';
import type { BhyveState } from './ctx.ts';
import { labOption } from './lab_options.ts';
import { EMULATIONS, parseSlot } from './pci_emul.ts';
import { atoi, parseMemsize, scanInts } from './scan.ts';

const OPTIONS = 'abehwxACHIPWYp:g:c:s:m:l:U:o:';
export const EX_USAGE = 64;
const VM_MAXCPU = 16,
  CPU_SETSIZE = 256;
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

/** How it ends before it began: what stands on standard error, the status, the lab's plain words. */
export interface Refusal {
  text: string;
  status: number;
  hint?: string;
}

export const HYPHEN = /[\u2010-\u2015\u2212]/;
const MORE = 'lab explain mail takes the command line of the 2015 mail apart, mistake by mistake.';

/** Reads them into st; answers why not, or nothing. */
export function readOptions(argv: readonly string[], st: BhyveState): Refusal | undefined {
  const r = getopt(argv, OPTIONS);
  let errors = 0;
  for (const { opt, arg = '' } of r.opts)
    switch (opt) {
      case 'a':
      case 'x':
        st.flags.x2apic = opt === 'x';
        break;
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
      case 'o': {
        const hint = labOption(st.lab, arg);
        if (hint) return { text: `bhyve: illegal option -- o\n${USAGE}`, status: 1, hint };
        break;
      }
      case 'c':
        st.vcpus = atoi(arg);
        break;
      case 'h':
        return { text: USAGE, status: 0 };
      case 'p': {
        const why = pin(arg);
        if (why) return { text: `${why}\nbhyve: invalid vcpu pinning configuration '${arg}'\n`, status: EX_USAGE };
        break;
      }
      case 'm': {
        const b = parseMemsize(arg);
        if (b === undefined)
          return { text: `bhyve: invalid memsize '${arg}'\n`, status: EX_USAGE, hint: 'a number with K, M, G or T, as in -m 2G.' };
        st.memBytes = b;
        break;
      }
      case 'l':
        if (!/^com[12](,|$)/i.test(arg))
          return {
            text: `bhyve: invalid lpc device configuration '${arg}'\n`,
            status: EX_USAGE,
            hint: 'the LPC bridge has com1 and com2: -l com1,stdio.',
          };
        st.lpcdev.push(arg);
        break;
      case 's': {
        const f = parseSlot(arg, st.pci.functions);
        if (typeof f === 'string') return { text: `${f}\n`, status: 1, hint: slotHint(f, arg) };
        st.pci.functions.push(f);
        break;
      }
      case '?':
        return {
          text: `${r.errors[errors++] ?? ''}\n${USAGE}`,
          status: 1,
          hint: HYPHEN.test(argv.join(' ')) ? hyphenHint(argv) : 'the letters that bhyve knows are in its usage.',
        };
      default: // b g C I U w Y: read, and no part of this machine
    }
  if (r.rest.length !== 1) return { text: USAGE, status: 1, hint: restHint(r.rest) };
  st.vmname = r.rest[0] ?? '';
  return undefined;
}

function pin(arg: string): string | undefined {
  const [vcpu, pcpu] = scanInts(arg, ':', 2);
  if (vcpu === undefined || pcpu === undefined) return `invalid format: ${arg}`;
  if (vcpu < 0 || vcpu >= VM_MAXCPU) return `vcpu '${vcpu}' outside valid range from 0 to ${VM_MAXCPU - 1}`;
  if (pcpu < 0 || pcpu >= CPU_SETSIZE) return `hostcpu '${pcpu}' outside valid range from 0 to ${CPU_SETSIZE - 1}`;
  return undefined;
}

function hyphenHint(words: readonly string[]) {
  const w = words.find((x) => HYPHEN.test(x)) ?? '',
    code = w.codePointAt(w.search(HYPHEN))?.toString(16).toUpperCase();
  return `"${w}" is written with U+${code}, a typographic hyphen: to bhyve it is a word, not an option. Type the ASCII "-".\nlab: ${MORE}`;
}

function restHint(rest: readonly string[]) {
  if (rest.some((w) => HYPHEN.test(w))) return hyphenHint(rest);
  if (rest.some((w) => w === '*/' || w === '/*'))
    return `a comment is no comment inside a command: sh made file names of /*, and each is a word too many.\nlab: ${MORE}`;
  return rest.length
    ? `only the VM's name stands after the options; here are ${rest.length} words: ${rest.join(' ')}`
    : 'the name of the VM is missing at the end.';
}

function slotHint(message: string, arg: string): string {
  if (message.includes('occupied')) return 'each slot:function can be used once; choose another function, as in -s 4:1,…';
  if (HYPHEN.test(arg)) return `the name holds a typographic hyphen (U+2010); type the ASCII "-".\nlab: ${MORE}`;
  if (message.includes('unknown device')) return `devices: ${EMULATIONS.join(' ')}.`;
  return 'a slot is given as slot, slot:function or bus:slot:function, then a comma and the device.';
}
