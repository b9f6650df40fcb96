// The design's table of empty and error words (where, words, button): each as written, with numbers put in. Where the machine says
// more exactly what happened, that stands here. The states themselves: test/situation.test.ts, test/page/guidance.spec.ts, trouble.spec.ts.
import { expect, test } from 'vitest';
import type { ExploreJob } from '../../lab/protocol';
import { newerWords } from '../../lab/share_schema';
import { rowWords } from '../explore/verdict_row';
import { memoryWords } from '../panels/memory_words';
import { trouble } from '../trouble_words';
import { say } from '../words';
import { copyWords } from './gallery_words';
import { limitWords } from './limit_words';
import { situationWords as s } from './situation_words';

const job = (verdict: Partial<NonNullable<ExploreJob['verdict']>>): Pick<ExploreJob, 'state' | 'verdict'> => ({
  state: 'done',
  verdict: { expanded: 0, moves: 0, depth: 0, ms: 100, terminal: 0, bad: 0, complete: false, bytes: 0, states: 0, ...verdict },
});
const found = { promise: 'deadlock', why: '', moves: 14 };

test.each([
  ['no VM', say.noVm.title, 'No virtual machine is running. The host is ready.', say.noVm.type, 'Type the bhyve line'],
  [
    'port not open',
    say.noRing.title,
    'vtnet0 is an ordinary virtio device until a netmap program opens it.',
    say.noRing.button,
    'Type pkt-gen',
  ],
  [
    'port without passthrough',
    `vale0:1 ${copyWords.says}`,
    'vale0:1 copies packets through bhyve, so it has no CSB.',
    copyWords.compare,
    'Compare with ptvale1:1',
  ],
  ['no traffic', s.idle('nm-kthread-1'), 'Both sides sleep. nm-kthread-1 waits on nmk_event for a kick.', s.send, 'Send one packet'],
  [
    'nobody can run',
    s.stuck(4, 5, 8),
    'Every thread is asleep and 4 packets wait in slots 5 to 8. Nobody will wake anybody. This is the deadlock.',
    s.who,
    'Who should have?',
  ],
  [
    'time-out hides it',
    s.timeout('nm-kthread-1', 'second', true),
    'Everyone slept; the 1 s time-out woke nm-kthread-1. Without it the port would hang.',
    s.lost,
    'Go to the lost kick',
  ],
  [
    'prologue failed',
    `${s.prologue('h 21', 21, 16)} ${s.wrote('vCPU 0', 1290)} ${s.reset}`,
    '(h 21) head 21 is outside the ring’s 16 slots. vCPU 0 wrote it at step 1,290. netmap reset the ring.',
    s.go(1290),
    'Go to step 1,290',
  ],
  [
    'guest wrote nonsense',
    s.nonsense('tx', 21),
    'The guest wrote tx_ring.head = 21 into the CSB. Revision 2015 does not check it: a real host would now read past the ring. The lab stopped this port; the host runs on.',
    s.check,
    'Show the check of 2019',
  ],
  ['unmapped access', s.unmapped(0xdf000000), 'EPT fault: nothing is mapped at guest address 0xdf000000.', s.map, 'Show the map'],
  [
    'the same in Memory',
    memoryWords.fault('0xdf000000'),
    'EPT fault: nothing is mapped at guest address 0xdf000000.',
    memoryWords.showMap,
    'Show the map',
  ],
  [
    'explorer, clean',
    rowWords(job({ states: 18_329, complete: true }), ''),
    '18,329 states: every promise holds in all of them.',
    say.explore.remove,
    'Remove a protection',
  ],
  [
    'explorer, bounded',
    rowWords(job({ states: 1_200_000, expanded: 1_158_993 }), ''),
    'No failure in 1,200,000 states; 41,007 were not visited. This is not a proof.',
    say.explore.goOn,
    'Go on',
  ],
  [
    'explorer, failure',
    rowWords(job({ states: 3376, found }), ''),
    'Deadlock in 14 steps. Found in 3,376 states, 0.1 s.',
    say.explore.view,
    'View in stepper',
  ],
  [
    'recording full',
    trouble.full(64),
    'The recording reached its limit of 64 MiB. The oldest checkpoints are further apart now; going back there takes longer.',
    trouble.limit,
    'Change the limit',
  ],
  [
    'not isolated',
    say.notIsolated,
    'This page may not use several CPUs here, so full speed is off. Everything else works on the step engine.',
    limitWords.why,
    'Why?',
  ],
  [
    'worker stopped',
    `${trouble.at} 88,213 ${trouble.safe}`,
    'The lab was stopped at step 88,213 and the recording is safe.',
    trouble.goOn,
    'Go on from there',
  ],
  [
    'storage refused',
    limitWords.refused,
    'This browser does not let the lab save. Your work lives until you close the tab.',
    trouble.save,
    'Save to a file',
  ],
  [
    'newer link',
    newerWords('link', 16),
    'This link was made by version 16 of the lab; this is version 2.',
    trouble.newer(16),
    'Open in version 16',
  ],
  ['bad link', '', '', trouble.scenario, 'Open the scenario'],
  ['second tab', limitWords.elsewhere, 'This lab is open in another tab, and that one saves.', trouble.here, 'Save here instead'],
])('%s', (_, words, asWritten, button, named) => {
  expect([words, button]).toEqual([asWritten, named]);
});
