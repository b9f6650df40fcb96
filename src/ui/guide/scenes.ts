// Opens a scenario of the gallery at its moment; what was there can be had back.
import { openLesson } from '../recording';
import { page } from '../store';
import { scenes } from './gallery_words';

export async function openScene(file: string): Promise<void> {
  page.set({ gallery: false });
  const scene = scenes.find((s) => s.file === file),
    { scenes: recordings } = await import('virtual:scenes');
  if (!scene) return;
  await openLesson({ file, title: scene.title, about: scene.watch, recording: recordings[file] ?? '' });
  if (scene.compare) page.set({ level: 'machine', looked: 'machine', paths: true, panel: 'ledger' });
}
