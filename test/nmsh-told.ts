// What nmsh -j says, as objects.

export interface Told {
  n: number;
  cmd: string;
  args: string[];
  fd: number;
  ok: boolean;
  errno: number;
  error: string;
  result: Record<string, unknown> | null;
}
export const lines = (text: string) =>
  text
    .split('\n')
    .filter((l) => l.startsWith('{'))
    .map((l) => JSON.parse(l) as Told);
