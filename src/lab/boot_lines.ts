// Command lines that the lab has ready: those that boot its VM, as they are put at the host's prompt, and others to choose from.

export const BHYVELOAD = 'bhyveload -m 2G -d mfsroot.img netmapvm';
export const BHYVE =
  "bhyve -s 0,hostbridge -s 1,lpc -s 3:0,ptnetmap-memdev -s 3:1,virtio-net,ptvale1:1 -s 4:0,ptnetmap-memdev -s '4:1,virtio-net,ptvale2{1' -l com1,stdio -A -H -P -m 2G netmapvm";

const HEAD = 'bhyve -s 0,hostbridge -s 1,lpc';
const END = '-l com1,stdio -A -H -P -m 2G netmapvm';

/** The command line that the mail of 2015 meant (facts bhyve 1.5): the largest memory first, function 0 in every slot. */
export const GOLDEN = `${HEAD} -s 2:0,ptnetmap-memdev -s 2:1,virtio-net,ptnetmap:ix0 -s 3:0,ptnetmap-memdev -s 3:1,virtio-net,ptvale1:1 -s 4:0,ptnetmap-memdev -s '4:1,virtio-net,ptvale2{1' -s 5,virtio-net,vale0:1 -s 6,virtio-blk,/vm/netmapvm.img ${END}`;
/** What the host needs before it: a global allocator that fits below 4 GB, one ring pair on the NIC. */
export const GOLDEN_FIRST = ['sysctl dev.netmap.buf_num=32768', 'sysctl hw.ix.num_queues=1'];

export interface Ready {
  words: string;
  /** Run before; then the line that is left at the prompt. */
  first: readonly string[];
  line: string;
}

export const READY: readonly Ready[] = [
  { words: 'two passed-through VALE ports', first: [BHYVELOAD], line: BHYVE },
  {
    words: 'a passed-through port and a copied one (vale0:1)',
    first: [BHYVELOAD],
    line: `${HEAD} -s 3:0,ptnetmap-memdev -s 3:1,virtio-net,ptvale1:1 -s 5,virtio-net,vale0:1 ${END}`,
  },
  {
    words: 'a passed-through port and a tap in a bridge with the host (10.0.0.1)',
    first: ['ifconfig tap0 create', 'sysctl net.link.tap.up_on_open=1', 'ifconfig bridge0 create addm tap0 inet 10.0.0.1/24', BHYVELOAD],
    line: `${HEAD} -s 3:0,ptnetmap-memdev -s 3:1,virtio-net,ptvale1:1 -s 5,virtio-net,tap0 ${END}`,
  },
  {
    words: 'a copied NIC (netmap:ix0)',
    first: [...GOLDEN_FIRST, 'ifconfig ix0 promisc', BHYVELOAD],
    line: `${HEAD} -s 5,virtio-net,netmap:ix0 ${END}`,
  },
  {
    words: 'the two ports by protocol revision 2019, without 2015’s hazards',
    first: [BHYVELOAD],
    line: BHYVE.replace('bhyve ', 'bhyve -o lab.protocol=2019 '),
  },
  { words: 'the 2015 mail’s four ports, as they work', first: [...GOLDEN_FIRST, BHYVELOAD], line: GOLDEN },
];
