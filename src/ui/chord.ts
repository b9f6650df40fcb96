// Key presses by their names, on whatever keyboard. Pure.
/** A key press by its name: 'Space', '.', 'Shift+N', 'Ctrl+Z', 'Shift+1'. */
export function chordOf(e: Pick<KeyboardEvent, 'key' | 'code' | 'shiftKey' | 'ctrlKey' | 'metaKey' | 'altKey'>): string {
  if (e.altKey) return '';
  const shift = e.shiftKey ? 'Shift+' : '';
  if (e.ctrlKey || e.metaKey) {
    const key = e.code === 'Space' ? 'Space' : (/^Key([A-Z])$/.exec(e.code)?.[1] ?? '');
    return key && `Ctrl+${shift}${key}`;
  }
  if (e.key === ' ') return 'Space';
  if (e.key === '>' || (e.shiftKey && e.code === 'Period')) return 'Shift+.';
  if (e.key === '<' || (e.shiftKey && e.code === 'Comma')) return 'Shift+,';
  if (e.key.length > 1) return `${e.key === 'F6' ? shift : ''}${e.key}`;
  if (/^[1-9]$/.test(e.key)) return e.key;
  const digit = /^Digit([1-9])$/.exec(e.code)?.[1];
  if (e.shiftKey && digit && !/[/?]/.test(e.key)) return `Shift+${digit}`;
  const letter = e.key.toUpperCase();
  return /^[A-Z]$/.test(letter) ? `${shift}${letter}` : letter;
}
