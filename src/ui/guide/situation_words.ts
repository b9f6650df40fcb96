// What is said when the machine stands still, and what can be done about it.
import { count } from '../format';

export const situationWords = {
  idle: (thread: string) => `Both sides sleep. ${thread} waits on nmk_event for a kick.`,
  send: 'Send one packet',
  stuck: (packets: number, first: number, last: number) =>
    packets
      ? `Every thread is asleep and ${count(packets)} ${packets === 1 ? `packet waits in slot ${first}` : `packets wait in slots ${first} to ${last}${last < first ? ', round the end of the ring' : ''}`}. Nobody will wake anybody. This is the deadlock.`
      : 'Every thread is asleep and work waits. Nobody will wake anybody. This is the deadlock.',
  timer: 'Only a program of the guest may give up after a while, and kick.',
  who: 'Who should have?',
  timeout: (thread: string, bound: 'tick' | 'second', alone: boolean) =>
    `${alone ? 'Everyone slept' : 'Packets waited'}; the ${bound === 'second' ? '1 s' : 'one-tick'} time-out woke ${thread}. Without it the port would hang.`,
  lost: 'Go to the lost kick',
  prologue: (said: string, index: number, slots: number) =>
    `${said && `(${said}) `}${index >= slots ? `head ${count(index)} is outside the ring’s ${count(slots)} slots.` : `head ${count(index)} and cur are out of order.`}`,
  wrote: (who: string, step: number) => `${who} wrote it at step ${count(step)}.`,
  somebody: 'Somebody',
  reset: 'netmap reset the ring.',
  go: (step: number) => `Go to step ${count(step)}`,
  nonsense: (dir: string, head: number) =>
    `The guest wrote ${dir}_ring.head = ${count(head)} into the CSB. Revision 2015 does not check it: a real host would now read past the ring. The lab stopped this port; the host runs on.`,
  check: 'Show the check of 2019',
  unmapped: (addr: number) => `EPT fault: nothing is mapped at guest address 0x${addr.toString(16)}.`,
  map: 'Show the map',
} as const;
