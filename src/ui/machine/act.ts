// Puts a command at a prompt of one side, not run: what the empty boxes offer.
import { lab } from '../store';
import { consoleTty, hostTty, typeAt } from '../term/type_at';

export function typeAtSide(side: 'guest' | 'host', line: string): void {
  const { state } = lab.get();
  typeAt(side === 'guest' ? consoleTty(state) : hostTty(state), line);
}
