// if_bridge, control plane: members, the limits of the table, what ifconfig shows. Mirrors bridge_ioctl of if_bridge.c (FreeBSD
// 10); spanning tree is not built. The data plane is wasm/host/if_bridge.ts.

import * as L from '../../../wasm/layout.ts';
import type { BridgeInfo, IfReq } from '../../bin/sys.ts';
import { type IfAnswer, type IfEntry, errno } from '../../net/if_table.ts';
import type { Kmem } from '../../net/kmem.ts';
import type { Interfaces } from '../../net/ifnet.ts';

const PRUNE_NS = 300e9;
/** As ifconfig numbers them: what the lab has, and what it only names. */
const LEARNING = 1,
  DISCOVER = 2;

export class Bridges {
  constructor(
    private readonly m: Kmem,
    private readonly ifs: Interfaces,
  ) {}

  create(e: IfEntry) {
    const { m } = this;
    e.softc = m.alloc(L.BR_SIZE);
    m.st32(e.softc + L.BR_IFP, e.addr);
    m.st64(e.softc + L.BR_PRUNE, m.clock + PRUNE_NS);
    for (let i = 1; i <= L.BR_RT_MAX; i++) m.st32(this.#entry(e.softc, i) + L.BRT_NEXT, i < L.BR_RT_MAX ? i + 1 : 0);
    m.st32(e.softc + L.BR_FREE, 1);
    this.#limits(e);
  }
  #entry(br: number, i: number) {
    return br + L.BR_RT + (i - 1) * L.BRT_SIZE;
  }
  #limits(e: IfEntry) {
    this.m.st32(e.softc + L.BR_TIMEOUT, e.timeout ?? 0);
    this.m.st32(e.softc + L.BR_MAX, Math.min(e.maxaddr ?? 0, L.BR_RT_MAX));
  }

  ioctl(b: IfEntry, r: IfReq): IfAnswer {
    if (b.kind !== 'bridge') return errno('EINVAL');
    const { ifs } = this;
    let said: IfAnswer;
    const done = ifs.locked(() => {
      said = this.#ioctl(b, r);
    });
    if (!done) return 'again';
    ifs.show(b);
    return said;
  }
  #ioctl(b: IfEntry, r: IfReq): IfAnswer {
    const { m, ifs } = this;
    switch (r.k) {
      case 'addm':
      case 'deletem':
      case 'learn': {
        const x = ifs.find(r.member);
        if (!x || x.kind === 'lo' || x.kind === 'bridge') return x ? errno('EINVAL') : errno('ENOENT');
        if (r.k === 'addm') {
          if (x.bridge) return x.bridge === b.name ? errno('EEXIST') : errno('EBUSY');
          if ((b.members?.length ?? 0) >= L.BR_MEMBER_MAX) return errno('ENOMEM');
          if (x.mtu !== b.mtu) return errno('EINVAL');
          this.#join(b, x);
          return undefined;
        }
        if (x.bridge !== b.name) return errno('ENOENT');
        if (r.k === 'deletem') this.leave(x);
        else if (r.k === 'learn') {
          const at = b.softc + L.BR_MEMBERS + (b.members ?? []).indexOf(x.name) * 8 + 4,
            f = m.ld32(at);
          m.st32(at, r.on ? f | LEARNING : f & ~LEARNING);
        }
        return undefined;
      }
      case 'timeout':
        b.timeout = r.n;
        break;
      case 'maxaddr':
        b.maxaddr = r.n;
        break;
      case 'flush':
        this.#forget(b, () => true);
        break;
      default:
        return errno('EINVAL');
    }
    this.#limits(b);
    return undefined;
  }

  #join(b: IfEntry, x: IfEntry) {
    const { m, ifs } = this,
      i = b.members?.length ?? 0;
    ifs.use(x);
    m.st32(b.softc + L.BR_MEMBERS + i * 8, x.addr);
    m.st32(b.softc + L.BR_MEMBERS + i * 8 + 4, LEARNING | DISCOVER);
    m.st32(b.softc + L.BR_NMEMBERS, i + 1);
    b.members?.push(x.name);
    x.bridge = b.name;
    x.flags |= L.IFF_PROMISC;
    ifs.show(x);
  }
  /** As the writer of the stack's lock: a member goes, and what was learnt behind it. */
  leave(x: IfEntry) {
    const { m, ifs } = this,
      b = ifs.find(x.bridge ?? '');
    delete x.bridge;
    x.flags &= ~L.IFF_PROMISC;
    ifs.show(x);
    if (!b?.members) return;
    const i = b.members.indexOf(x.name),
      at = b.softc + L.BR_MEMBERS,
      n = b.members.length;
    b.members.splice(i, 1);
    m.u8.copyWithin(at + i * 8, at + (i + 1) * 8, at + n * 8);
    m.u8.fill(0, at + (n - 1) * 8, at + n * 8);
    m.st32(b.softc + L.BR_NMEMBERS, n - 1);
    this.#forget(b, (ifp) => ifp === x.addr);
  }
  #forget(b: IfEntry, which: (ifp: number) => boolean) {
    const { m } = this,
      br = b.softc;
    for (let h = 0; h < L.BR_HASH_SIZE; h++) {
      let at = br + L.BR_HASH + h * 4;
      for (let i = m.ld32(at); i; i = m.ld32(at)) {
        const e = this.#entry(br, i);
        if (!which(m.ld32(e + L.BRT_IFP))) {
          at = e + L.BRT_NEXT;
          continue;
        }
        m.st32(at, m.ld32(e + L.BRT_NEXT));
        m.u8.fill(0, e, e + L.BRT_SIZE);
        m.st32(e + L.BRT_NEXT, m.ld32(br + L.BR_FREE));
        m.st32(br + L.BR_FREE, i);
        m.st32(br + L.BR_COUNT, m.ld32(br + L.BR_COUNT) - 1);
      }
    }
  }

  info(b: IfEntry): BridgeInfo {
    const { m, ifs } = this,
      addrs: BridgeInfo['addrs'] = [];
    for (let h = 0; b.softc && h < L.BR_HASH_SIZE; h++)
      for (let i = m.ld32(b.softc + L.BR_HASH + h * 4); i; i = m.ld32(this.#entry(b.softc, i) + L.BRT_NEXT)) {
        const e = this.#entry(b.softc, i),
          expire = m.ld64(e + L.BRT_EXPIRE);
        addrs.push({
          mac: Array.from({ length: 6 }, (_, k) =>
            m
              .ld8(e + L.BRT_MAC + k)
              .toString(16)
              .padStart(2, '0'),
          ).join(':'),
          member: ifs.at(m.ld32(e + L.BRT_IFP))?.name ?? '',
          left: expire ? Math.max(0, Math.ceil((expire - m.clock) / 1e9)) : 0,
        });
      }
    return {
      timeout: b.timeout ?? 0,
      maxaddr: b.maxaddr ?? 0,
      members: (b.members ?? []).map((name, i) => {
        const x = ifs.find(name);
        return {
          name,
          flags: m.ld32(b.softc + L.BR_MEMBERS + i * 8 + 4) | 0x140,
          port: x?.index ?? 0,
          cost: x?.kind === 'em' ? 20000 : 2000000,
        };
      }),
      addrs,
    };
  }
}
