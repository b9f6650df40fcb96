// The guest's sysctl tree: kern, hw, dev, in the order in which its kernel registers them (facts bhyve 6.5). Of each device the
// five names that newbus gives it; of vtnet its counters; of netmap the variables of 2015. Its memory pools are those of ports that
// are not passed through: the memory of the others is the host's.

import type { IfInfo } from '../../bin/sys.ts';
import { kernSysctls } from '../../bin/sysctl_kern.ts';
import type { GuestCpu } from '../../hw/vcpu.ts';
import { applySysctl, readOnly } from '../../net/netmap_sysctl.ts';
import type { VtnetEnv } from './if_vtnet.ts';
import { setVector, vectorSysctl } from './msix.ts';
import type { GuestTree, PciDev } from './tree.ts';

type Vars = Record<string, number | string>;

/** Tunables: the loader's environment sets them before the kernel looks. */
const TUNABLES: Record<string, number> = {
  'hw.virtio.pci.disable_msix': 0,
  'hw.vtnet.csum_disable': 0,
  'hw.vtnet.tso_disable': 0,
  'hw.vtnet.lro_disable': 0,
  'hw.vtnet.mq_disable': 0,
  'hw.vtnet.mq_max_pairs': 8,
  'hw.vtnet.rx_process_limit': 512,
};
const VTNET_STATS = [
  'mbuf_alloc_failed',
  'rx_frame_too_large',
  'rx_enq_replacement_failed',
  'rx_mergeable_failed',
  'rx_csum_bad_ethtype',
  'rx_csum_bad_ipproto',
  'rx_csum_bad_offset',
  'rx_csum_bad_proto',
  'tx_csum_bad_ethtype',
  'tx_tso_bad_ethtype',
  'tx_tso_not_tcp',
  'tx_defragged',
  'tx_defrag_failed',
  'rx_csum_offloaded',
  'rx_csum_failed',
  'rx_task_rescheduled',
  'tx_csum_offloaded',
  'tx_tso_offloaded',
  'tx_task_rescheduled',
];

interface Device {
  name: string;
  desc: string;
  location: string;
  pnpinfo: string;
  parent: string;
}
const hex = (n: number, digits: number) => `0x${n.toString(16).padStart(digits, '0')}`;
const pnp = (d: PciDev) =>
  `vendor=${hex(d.vendor, 4)} device=${hex(d.device, 4)} subvendor=${hex(d.card & 0xffff, 4)} subdevice=${hex(d.card >>> 16, 4)} class=${hex(d.cls, 6)}`;

/** device_sysctl_init. */
function device(d: Device): Vars {
  const m = /^(.*?)(\d+)$/.exec(d.name),
    at = `dev.${m?.[1]}.${m?.[2]}`;
  return {
    [`${at}.%desc`]: d.desc,
    [`${at}.%driver`]: m?.[1] ?? '',
    [`${at}.%location`]: d.location,
    [`${at}.%pnpinfo`]: d.pnpinfo,
    [`${at}.%parent`]: d.parent,
  };
}

function vtnet(unit: number, parent: string, i: IfInfo | undefined): Vars {
  const at = `dev.vtnet.${unit}`,
    n = (k: number) => i?.stats?.[k] ?? 0;
  const rx = { ipackets: n(0), ibytes: n(3), iqdrops: n(2), ierrors: n(1), csum: 0, csum_failed: 0, rescheduled: 0 },
    tx = { opackets: n(4), obytes: n(6), omcasts: 0, csum: 0, tso: 0, rescheduled: 0 };
  return {
    ...device({ name: `vtnet${unit}`, desc: 'VirtIO Networking Adapter', location: '', pnpinfo: '', parent }),
    [`${at}.max_vq_pairs`]: 1,
    [`${at}.act_vq_pairs`]: 1,
    ...Object.fromEntries(VTNET_STATS.map((s) => [`${at}.${s}`, 0])),
    ...Object.fromEntries(Object.entries(rx).map(([k, v]) => [`${at}.rxq0.${k}`, v])),
    ...Object.fromEntries(Object.entries(tx).map(([k, v]) => [`${at}.txq0.${k}`, v])),
  };
}

const kenvNumber = (env: Readonly<Record<string, string>>, name: string, otherwise: number) =>
  /^\d+$/.test(env[name] ?? '') ? Number(env[name]) : otherwise;

export function guestSysctls(cpu: GuestCpu, t: GuestTree, ifs: readonly IfInfo[]): Vars {
  const env = cpu.kenv,
    pci = t.pci.filter((d) => d.driver !== '');
  const out: Vars = {
    ...kernSysctls({ hostname: t.os.hostname, bootNs: t.bootNs, physmem: cpu.ramBytes, ncpu: 1 }),
    'kern.disks': [...(t.disks ?? []), 'md0'].join(' '),
    ...Object.fromEntries(Object.entries(TUNABLES).map(([k, v]) => [k, kenvNumber(env, k, v)])),
    ...t.sysctl,
    ...vectorSysctl(t),
  };
  Object.assign(out, device({ name: 'pci0', desc: 'ACPI PCI bus', location: '', pnpinfo: '', parent: 'pcib0' }));
  for (const d of pci)
    Object.assign(
      out,
      device({ name: d.driver, desc: d.desc, location: `slot=${d.slot} function=${d.func}`, pnpinfo: pnp(d), parent: 'pci0' }),
    );
  for (const v of t.vtnets)
    Object.assign(
      out,
      vtnet(
        v.unit,
        pci.find((d) => d.bars.some((b) => b.base === v.iobase))?.driver ?? '',
        ifs.find((i) => i.name === v.name),
      ),
    );
  return out;
}

/** Undefined: done. */
export function setGuestSysctl(e: VtnetEnv, known: Vars, name: string, value: number | string) {
  const { t } = e,
    moved = setVector(e, name, value);
  if (moved !== false) return moved;
  if (!(name in known)) return { errno: 2, text: `unknown oid '${name}'` };
  if (name === 'kern.hostname') {
    t.os.hostname = String(value).slice(0, 255);
    return undefined;
  }
  if (Object.hasOwn(TUNABLES, name))
    return {
      errno: 1,
      text: `oid '${name}' is a read only tunable`,
      why: `bhyveload -e ${name}=${value} sets it before the kernel starts.`,
    };
  if (readOnly(name) || !(name in t.sysctl)) return { errno: 1, text: `oid '${name}' is read only` };
  if (typeof value === 'string') return { errno: 22, text: `${name}: integer expected` };
  t.sysctl[name] = value;
  applySysctl(e.k, name, value);
  return undefined;
}
