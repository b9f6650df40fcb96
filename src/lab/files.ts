// Files of the lab: a recording from the fresh lab on, or, where something ran freely before, with the machine it began at.

import { goOn, keep } from './keep.ts';
import type { Lab } from './lab.ts';
import type { Answer, Saved } from './protocol.ts';
import { fromFile, toFile } from './share.ts';
import { isBad } from './share_schema.ts';
import { fromSnapshot, isSnapshot, toSnapshot } from './snapshot.ts';

const MOST = 128 * 1024 * 1024;

/** This moment as a file. `build`: the name of this machine's build; wall: the time of day in ms. */
export async function saved(lab: Lab, build: string, wall: number, layout?: unknown): Promise<Saved> {
  const name = `ringside-${lab.world.m.steps}.ringside`,
    { first, fresh, branches, present, end } = lab.timeline;
  if (!fresh || branches.length || present.id > 0 || end > lab.world.m.steps || lab.breaks.list.length)
    return { ok: true, text: await toSnapshot(keep(lab, build, 1, wall, layout), fresh ? undefined : first), name };
  const r = lab.record(layout);
  return isBad(r) ? { ok: false, text: r.error, name: '' } : { ok: true, text: toFile(r), name };
}

/** Opens a file's text; a sentence when it cannot, and then the lab is as it was. */
export async function opened(lab: Lab, text: string, build: string, more: () => boolean): Promise<Answer & { layout?: unknown }> {
  if (text.length > MOST) return { ok: false, text: `This file is too large: more than ${MOST / 1024 / 1024} MiB.` };
  let json: unknown;
  try {
    json = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch {
    json = undefined;
  }
  let why: string | undefined, layout: unknown;
  if (isSnapshot(json)) {
    const s = await fromSnapshot(json);
    why = isBad(s) ? s.error : goOn(lab, s.kept, build, s.root, more)?.replace('What was kept', 'What this file holds');
    if (!isBad(s)) layout = s.kept.layout;
  } else {
    const r = fromFile(text);
    why = isBad(r) ? r.error : lab.open(r, more);
    if (!isBad(r)) layout = r.layout;
  }
  if (why !== undefined) return { ok: false, text: why };
  return { ok: true, text: `Opened at step ${lab.world.m.steps}.`, ...(layout === undefined ? {} : { layout }) };
}
