// The object that a word in prose lights: an index by its name, or a field of the CSB. '' when none is looked at.
import { createStore, useStore } from '../store';

const lights = createStore({ word: '' });
export const light = (word: string): void => {
  if (lights.get().word !== word) lights.set({ word });
};
/** Whether the thing of this name is lit. A field of the CSB answers to its last part. */
export const useLit = (name: string): boolean =>
  useStore(lights, (v) => v.word !== '' && (name === v.word || name.split('.').at(-1) === v.word));
/** For what is painted: the lit word, and when it changes. */
export const litWord = (): string => lights.get().word;
export const onLight = lights.subscribe;
