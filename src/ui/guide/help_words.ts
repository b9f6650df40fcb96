// The words of the Help menu.
export const helpWords = {
  title: 'Help',
  tour: 'The first sixty seconds',
  gallery: 'Scenarios and lessons',
  keys: 'All keys',
  words: 'Words and what they mean',
} as const;
