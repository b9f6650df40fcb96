// The name of a picture's file. Pure.
/** A file's name: what it shows, and of which step. */
export function fileName(name: string, step: number | undefined, ext: string): string {
  const plain = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .split('-')
    .filter((part, i, all) => part && part !== all[i - 1])
    .join('-');
  return `ringside-${plain || 'picture'}${step === undefined ? '' : `-step-${step}`}.${ext}`;
}
