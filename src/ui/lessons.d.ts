// What tools/lessons.mjs makes of labs/hazard-*.lab, and of the explorer's labs/explore/*.lab.
declare module 'virtual:lessons' {
  export const lessons: readonly { file: string; title: string; about: string; recording: string }[];
  export const scenarios: readonly ((typeof lessons)[number] & { text: string })[];
}
declare module 'virtual:scenes' {
  /** Recordings of the gallery, by the names of their files. */
  export const scenes: Readonly<Record<string, string>>;
}
declare module 'virtual:tour' {
  export const recording: string;
}
