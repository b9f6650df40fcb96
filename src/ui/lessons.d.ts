// What tools/lessons.mjs makes of labs/hazard-*.lab.
declare module 'virtual:lessons' {
  export const lessons: readonly { file: string; title: string; about: string; recording: string }[];
}
