// What the kernels of the lab call themselves: FreeBSD 10.2-STABLE as of the Summer of Code project (facts bhyve 0, 6.1), and the
// calendar that the lab's clock counts in, which is the lab's own choice.

export const OSTYPE = 'FreeBSD';
export const OSRELEASE = '10.2-STABLE';
export const OSRELDATE = 1002503;
export const IDENT = 'PTNETMAP';
export const VERSION = `FreeBSD ${OSRELEASE} #0 r287649M: Thu Aug 13 10:12:31 UTC 2015
    root@host:/usr/obj/usr/src/sys/${IDENT}
`;
export const COMPILER = 'FreeBSD clang version 3.4.1 (tags/RELEASE_34/dot1-final 208032) 20140512';
/** No processor's name: the lab's CPU is a model. */
export const MODEL = 'Ringside CPU, modelled';
/** The lab's clock is 0 at Friday, 14 August 2015, 09:00:00 UTC. */
export const EPOCH_S = Date.UTC(2015, 7, 14, 9) / 1000;
