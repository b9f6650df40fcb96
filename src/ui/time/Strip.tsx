// The timeline: a lane a thread, what they did at each step, and what went between them.
import { say } from '../words';

export function Strip() {
  return <section className="strip" data-region="strip" aria-label={say.regions.strip} tabIndex={-1} />;
}
