// Time as the lab's worker has it: a turn for others.

export const delay = (ms: number) =>
  new Promise((r) => {
    setTimeout(r, ms);
  });
