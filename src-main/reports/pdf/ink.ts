/** Colours of PDF reports: dark on white, as the HTML report is printed. */

export const ink = {
  text: '#1b1f23',
  soft: '#57606a',
  line: '#d5dade',
  fill: '#f1f3f4',
  good: '#17663d',
  goodFill: '#e8f5ee',
  warn: '#7a4f00',
  warnFill: '#fff5dc',
  bad: '#a31d28',
  badFill: '#fdeceb',
} as const;
