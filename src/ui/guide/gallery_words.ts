// The words of the gallery: what each ready-made scenario is, and what to watch in it.

export type Drawn = 'vale' | 'pipe' | 'nic' | 'two' | 'both' | 'mail' | 'tap' | 'drops' | 'lost';
export interface SceneWords {
  /** Its file below labs/, whose recording the page opens. */
  file: string;
  title: string;
  about: string;
  watch: string;
  drawn: Drawn;
  /** It opens at the machine, both paths one over the other. */
  compare?: true;
}

export const scenes: readonly SceneWords[] = [
  {
    file: 'labs/vale.lab',
    title: 'Over a VALE switch',
    about: 'A VM sends to a program of its host through one switch, with no copy on the way to it.',
    watch: 'Watch “packets copied in” of vale1:2: the one copy that passthrough keeps.',
    drawn: 'vale',
  },
  {
    file: 'labs/pipe.lab',
    title: 'Over a netmap pipe',
    about: 'The same, over a pipe: the two ends exchange their buffers, so nothing is copied at all.',
    watch: 'Watch buf_idx of a slot while the host syncs.',
    drawn: 'pipe',
  },
  {
    file: 'labs/nic.lab',
    title: 'A 10G NIC, passed through',
    about: 'The VM’s rings are those of ix0, and in place of a switch there is the wire.',
    watch: 'Watch hwcur: the host hands slots to TDT, the hardware follows.',
    drawn: 'nic',
  },
  {
    file: 'labs/two-vms.lab',
    title: 'Two virtual machines',
    about: 'One VM sends to the other; the switch between them is on the host.',
    watch: 'Watch the four kernel threads: two run txsync, two rxsync.',
    drawn: 'two',
  },
  {
    file: 'labs/copy-and-passthrough.lab',
    title: 'Copying beside passthrough',
    about: 'The same packets, 40,000 a second, through both paths of one VM: vtnet0 is passed through, vtnet1 copies.',
    watch: 'Compare what a packet costs: copies, and exits that reach bhyve.',
    drawn: 'both',
    compare: true,
  },
  {
    file: 'labs/mail.lab',
    title: 'The mail’s own line',
    about: 'The bhyve line of the mail of 2015, mended step by step until its VM boots with four ports.',
    watch: 'Watch the host’s terminal: each answer of bhyve says what was still wrong.',
    drawn: 'mail',
  },
  {
    file: 'labs/virtio-tap.lab',
    title: 'The classic path: a tap in a bridge',
    about: 'Pings between the guest and its host over virtio-net, a tap and a bridge.',
    watch: 'Watch the exits: each packet that the guest sends goes down to bhyve and is copied there.',
    drawn: 'tap',
  },
  {
    file: 'labs/vale-drops.lab',
    title: 'A switch that drops',
    about: 'A receiver that is slower than the guest sends: VALE never holds its sender back.',
    watch: 'Watch “RX dropped (ring full)” of vale1:2 in Counters.',
    drawn: 'drops',
  },
];

export const galleryWords = {
  title: 'Scenarios',
  open: 'Scenarios and lessons',
  lead: 'Each opens booted, with its packets under way or just sent, and can be stepped back to its beginning.',
  hazards: 'Hazards: schedules that go wrong',
  hazardsLead: 'Each stands at the moment at which the protocol breaks, and says why.',
  button: 'Open',
  tour: 'The first sixty seconds',
  close: 'Close the scenarios',
  none: 'The recordings could not be loaded.',
} as const;

/** Of a port without passthrough, where its CSB would be. */
export const copyWords = {
  says: 'copies packets through bhyve, so it has no CSB.',
  compare: 'Compare with ptvale1:1',
} as const;
