// @ts-check

/**
 * @typedef {object} Bar What a benchmark has to reach.
 * @property {string} name
 * @property {number} value
 * @property {number} [atLeast]
 * @property {number} [atMost]
 * @property {string | undefined} [void] Why the value says nothing.
 */

/**
 * @typedef {object} Section
 * @property {string} title
 * @property {readonly string[]} text
 * @property {readonly string[]} [header]
 * @property {readonly (readonly string[])[]} [rows]
 * @property {readonly Bar[]} bars
 */

/** @param {Bar} bar @returns {'pass' | 'fail' | 'void'} */
export function verdictOf({ value, atLeast = -Infinity, atMost = Infinity, void: why }) {
  if (why !== undefined) return 'void';
  return value >= atLeast && value <= atMost ? 'pass' : 'fail';
}

/** @param {Section} section */
export function print({ title, text, header = [], rows = [], bars }) {
  console.log(`\n${title}`);
  for (const line of text) console.log(`  ${line}`);
  const widths = header.map((_name, i) =>
    Math.max(...[header, ...rows].map((row) => row[i]?.length ?? 0)),
  );
  for (const row of [header, ...rows]) {
    console.log(`  ${row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ')}`.trimEnd());
  }
  for (const bar of bars) {
    const { name, value, atLeast, atMost, void: why } = bar;
    const limit = atLeast === undefined ? `at most ${atMost}` : `at least ${atLeast}`;
    const shown = Number.isNaN(value) ? '-' : value.toFixed(2);
    console.log(
      `  ${verdictOf(bar).toUpperCase()}  ${name}: ${shown} (${limit})${why ? `: ${why}` : ''}`,
    );
  }
}
