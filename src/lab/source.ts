// The data plane's own source text, for the line that is about to run: the very files that were compiled.
const files = import.meta.glob<string>('../../wasm/**/*.ts', { query: '?raw', import: 'default' });

/** Text of a source file by its path below the project's root, '' if there is none. */
export async function sourceText(file: string): Promise<string> {
  return (await files[`../../${file}`]?.()) ?? '';
}
