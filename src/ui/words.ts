// Every word on the screen. Names of things are those of the source; a gloss stands beside a name, never in its place.
import type { Access, EngineName, PolicyName, RunState, Side, ThreadView } from '../lab/protocol';

export const say = {
  name: 'ringside',
  skip: 'Skip to the terminals',
  starting: 'The lab is starting.',
  isolating: 'The page reloads once, so that it may use several CPUs.',
  failed: { title: 'The lab did not start.', crashed: 'The lab’s worker stopped.', back: 'Start again', why: 'The browser says' },
  slow: 'The lab is still starting. Its machine is loaded and compiled on the first visit.',

  regions: { top: 'Lab', stage: 'Ring', threads: 'Who runs next', transport: 'Time', inspector: 'Inspector', guest: 'Guest terminal', host: 'Host terminal', tabs: 'Views' },

  top: {
    memory: 'memory', peak: 'peak', seed: 'seed', theme: 'Theme', light: 'Light', dark: 'Dark', auto: 'As the system',
    reset: 'Start over', resetSure: 'Start over: all is lost', help: 'Keys', limits: 'Limits here', panel: 'Inspector',
  },

  noVm: {
    title: 'No virtual machine is running. The host is ready.',
    host: 'The host is ready.',
    typed: 'The bhyve line stands at the host’s prompt. Enter runs it.',
    boot: 'Boot the VM',
    type: 'Type the bhyve line',
    guest: 'The guest’s console appears here when the VM runs.',
    waiting: 'The host prepares the VM.',
  },
  noRing: {
    title: 'vtnet0 is an ordinary virtio device until a netmap program opens it.',
    button: 'Type pkt-gen',
    other: 'and the other end, on the host',
    booting: 'The VM is booting. Its console is the guest terminal.',
  },
  noCsb: 'No port has a CSB yet. A guest’s netmap program makes one when it opens a ptnetmap port.',
  noCounters: 'Nothing is counted yet.',
  noThreads: 'No thread runs in the data plane yet.',
  noSource: 'No thread is parked in front of a shared access.',
  sourceRunning: 'Running. The line is shown when the lab is parked.',
  hostTerminal: 'A second host terminal opens when the first becomes the VM’s console.',

  ring: {
    choose: 'Ring', exact: 'exact', sampled: 'sampled', torn: 'torn looks skipped', order: 'in order', from: 'from hwcur',
    law: 'hwcur ≤ head ≤ cur ≤ tail ≤ hwtail', lens: 'lens', follows: 'Lens follows', fixed: 'fixed', first: 'First slot',
    sheet: 'sheet', aRow: 'a row', slot: 'slot', buf: 'buf_idx', len: 'len', flags: 'flags', kept: 'kept', twin: 'In words',
    picture: 'As a picture', lastSecond: 'last second', earlier: 'Lens: earlier slots', later: 'Lens: later slots',
    between: 'Between these two accesses the order does not hold:',
    noSample: 'No look at this ring yet.', guestAt: 'in the guest', hostAt: 'on the host',
  },
  know: {
    title: 'Who knows what', gloss: 'the same four indices in the places that hold them',
    program: 'program', guestKernel: 'guest kernel', csb: 'CSB', hostKernel: 'host kernel', index: 'index',
    right: 'travels →', left: '← travels', behind: 'behind', none: '–', written: 'just written', read: 'just read',
  },

  time: {
    run: 'Run', park: 'Park', step: 'Step', back: 'Back', stepNo: 'step', clock: 'lab clock', modelled: 'modelled',
    full: 'Full speed', slow: 'Step engine', speed: 'Engine', repeat: 'Hold to repeat',
    start: 'Nothing has run yet.', going: 'The lab runs. Park it to read the ring slot by slot.', cpus: 'the CPUs decide',
  },
  threads: { title: 'Who runs next', running: 'Park the lab to choose who runs next.', asleep: 'asleep', since: 'since', until: 'until', on: 'on', waits: 'waits on', draws: 'store buffer', none: 'cannot run' },

  panels: { source: 'Source', csb: 'CSB', threads: 'Threads', counters: 'Counters', keys: 'Keys', close: 'Close', open: 'Open' },
  csb: { guest: 'written by the guest', host: 'written by the host', shared: 'written by both', guestAt: 'guest', hostAt: 'host' },
  table: { thread: 'thread', state: 'state', on: 'waits on', since: 'since', until: 'until', counter: 'counter', value: 'value' },
  source: { next: 'next', in: 'in' },

  term: {
    guest: 'GUEST', host: 'HOST', console: 'console', tabType: 'Tab goes to the terminal', tabMove: 'Tab moves focus', ctrlM: 'Ctrl+M switches',
    find: 'Find', findNext: 'Next', findPrev: 'Previous', findNone: 'not found', close: 'Close', reader: 'Screen reader', fresh: 'New terminal', paste: 'Paste', copy: 'Copy',
    columns: 'columns', tryThis: 'Try', keys: 'Keys', sessions: 'Terminals',
  },
  phone: { ring: 'Ring', guest: 'Guest', host: 'Host', source: 'Source', more: 'More' },
  splitTerm: 'Height of the terminals', splitPanel: 'Width of the inspector',
  notIsolated: 'This page may not use several CPUs here, so full speed is off. Everything else works on the step engine.',
  refused: 'The lab refused',
  runIdle: 'Every thread sleeps.',
} as const;

export const commands = {
  tx: 'pkt-gen -i vtnet0 -f tx',
  rx: 'pkt-gen -i vale1:2 -f rx',
  guest: ['pkt-gen -i vtnet0 -f tx', 'pkt-gen -i vtnet0 -f rx', 'ifconfig vtnet0', 'dmesg | grep vtnet0'],
  host: ['pkt-gen -i vale1:2 -f rx', 'pkt-gen -i vale1:2 -f tx', 'vale-ctl', 'sysctl dev.netmap'],
} as const;

export const runWords: Record<RunState, string> = { stopped: 'parked', running: 'running', idle: 'idle: every thread sleeps' };
export const engineWords: Record<EngineName, string> = { step: 'step engine', free: 'full speed' };
export const policyWords: Record<PolicyName, string> = { student: 'you choose', rr: 'round robin', random: 'at random', lvt: 'least virtual time' };
export const stateWords: Record<ThreadView['state'], string> = { running: 'running', ready: 'ready', asleep: 'asleep', blocked: 'blocked', waiting: 'waiting', dead: 'dead' };
export const accessWords: Record<Access, string> = {
  ld: 'load', st: 'store', rmw: 'read-modify-write', fence: 'fence', sleep: 'sleep', wakeup: 'wakeup', lock: 'lock', unlock: 'unlock', plain: 'plain access',
};
export const sideWords: Record<Side, string> = { guest: 'guest', host: 'host' };

/** Keys and what they do, as the help shows them. */
export const keyHelp: readonly (readonly [string, string])[] = [
  ['Space', 'run or park'],
  ['. or →', 'step: one shared access'],
  [', or ←', 'back: undo one shared access'],
  ['1 … 9', 'let thread n make its next access'],
  ['T', 'the ring in words, or as a picture'],
  ['?', 'these keys'],
  ['Esc', 'close what is open'],
  ['F6 / Shift+F6', 'next / previous region, also from terminals'],
  ['Ctrl+Shift+Space', 'run or park, also from terminals'],
  ['Ctrl+Shift+F', 'find in the terminal'],
  ['Ctrl+Shift+C', 'copy from the terminal'],
  ['Ctrl+M', 'in a terminal: Tab types, or moves focus'],
];
export const keyNote = 'Single keys work only when no terminal or text field has focus. Space, Enter and arrows belong to the control that has focus; . and , always step.';
