// Lessons for the page: each labs/hazard-*.lab, run to the moment that it is about, as a recording that the page opens.
// So are labs/first-sixty.lab and the gallery's; scenarios of the explorer, labs/explore/*.lab, are run whole. That moment is before the comment "# 2.", or before
// "# The page opens it here." where a file has that.
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildRunner } from './runner.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const TOUR = 'labs/first-sixty.lab';
const HERE = /^# The page opens it here\.$/m,
  SECOND = /^# 2\. /m;

/** Its name, what it is about, and the lines up to its moment. */
export function lesson(file, text) {
  const end = HERE.exec(text) ?? SECOND.exec(text);
  if (!end) throw new Error(`${file}: neither "# 2." nor "# The page opens it here."`);
  const about = [];
  for (const line of text.split('\n')) {
    if (!line.startsWith('# ')) break;
    about.push(line.slice(2));
  }
  const [, title, rest] = /^(.*?[.])(?: (.*))?$/.exec(about.join(' ')) ?? [];
  if (!title) throw new Error(`${file}: its first comment is no sentence`);
  return { file, title: title.slice(0, -1), about: rest ?? '', lines: text.slice(0, end.index) };
}

/** A scenario of the explorer: the search begins where the file ends, or at the same mark as a lesson. */
export function scenario(file, text) {
  return lesson(file, HERE.test(text) || SECOND.test(text) ? text : `${text}\n# The page opens it here.\n`);
}

/** [{ file, title, about, recording }], made anew when a file of labs/ or the lab itself has changed. */
export const lessons = async () => (await recordings()).filter((l) => l.file.startsWith('labs/hazard-'));
/** The recording of the first sixty seconds. */
export const tour = async () => (await recordings()).find((l) => l.file === TOUR)?.recording ?? '';
/** The other files of labs/ that say where the page opens them, by their names. */
export const scenes = async () =>
  Object.fromEntries(
    (await recordings()).filter((l) => /^labs\/(?!hazard-)[^/]+$/.test(l.file) && l.file !== TOUR).map((l) => [l.file, l.recording]),
  );
/** The same of labs/explore/, and the files' texts. */
export const scenarios = async () =>
  (await recordings())
    .filter((l) => l.file.startsWith('labs/explore/'))
    .map((l) => ({ ...l, text: readFileSync(join(root, l.file), 'utf8') }));

async function recordings() {
  await buildRunner();
  const folder = join(root, 'labs', 'explore');
  const hazards = readdirSync(join(root, 'labs'))
    .filter((f) => /^hazard-.*\.lab$/.test(f))
    .sort((a, b) => Number(/\d+/.exec(a)) - Number(/\d+/.exec(b)) || a.length - b.length)
    .map((f) => lesson(`labs/${f}`, readFileSync(join(root, 'labs', f), 'utf8')));
  const others = readdirSync(join(root, 'labs'))
    .filter((f) => f.endsWith('.lab') && !f.startsWith('hazard-'))
    .sort()
    .map((f) => [`labs/${f}`, readFileSync(join(root, 'labs', f), 'utf8')])
    .filter(([, text]) => HERE.test(text))
    .map(([f, text]) => lesson(f, text))
    // a gallery's moment is after an access, which the stage tells, not after a stretch of waiting
    .map((l) => (l.file === TOUR ? l : { ...l, lines: `${l.lines}lab step\n` }));
  const found = [
    ...hazards,
    ...others,
    ...(existsSync(folder) ? readdirSync(folder) : [])
      .filter((f) => f.endsWith('.lab'))
      .sort()
      .map((f) => scenario(`labs/explore/${f}`, readFileSync(join(folder, f), 'utf8'))),
  ];
  const hash = createHash('sha256')
    .update(readFileSync(join(root, 'build', 'runner.stamp')))
    .update(JSON.stringify(found))
    .digest('hex');
  const kept = join(root, 'build', 'lessons.json');
  const old = existsSync(kept) ? JSON.parse(readFileSync(kept, 'utf8')) : {};
  if (old.hash === hash) return old.lessons;
  const dir = mkdtempSync(join(tmpdir(), 'ringside-'));
  try {
    const made = found.map(({ lines, ...l }) => {
      const [script, out] = [join(dir, 'x.lab'), join(dir, 'x.ringside')];
      writeFileSync(script, lines);
      const run = spawnSync(process.execPath, [join(root, 'bin', 'ringside.mjs'), 'run', script, '--json', '--save', out], {
        encoding: 'utf8',
      });
      if (!existsSync(out)) throw new Error(`${l.file}: ${run.stderr || run.stdout}`);
      const recording = readFileSync(out, 'utf8');
      rmSync(out);
      return { ...l, recording };
    });
    writeFileSync(kept, JSON.stringify({ hash, lessons: made }));
    return made;
  } finally {
    rmSync(dir, { recursive: true });
  }
}
