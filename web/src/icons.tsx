/** Drawn here, so that nothing is fetched: 24 by 24, in the colour of the text. */
const PATHS = {
  add: 'M12 5v14M5 12h14',
  card: 'M7 3h8l4 4v14H7a1 1 0 0 1-1-1V4a1 1 0 0 1 1-1zM10 4v4M13 4v4M16 6v3',
  close: 'M6 6l12 12M18 6L6 18',
  download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  eject: 'M12 5l7 8H5zM5 18h14',
  eye: 'M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12zM12 9a3 3 0 1 1 0 6 3 3 0 0 1 0-6z',
  focus:
    'M4 9V5a1 1 0 0 1 1-1h4M15 4h4a1 1 0 0 1 1 1v4M20 15v4a1 1 0 0 1-1 1h-4M9 20H5a1 1 0 0 1-1-1v-4M12 11v2M11 12h2',
  folder: 'M3 6h6l2 2h10v11H3z',
  histogram: 'M4 20V12l4-5 4 8 3-4 5 9z',
  keyboard: 'M3 7h18v10H3zM6 10h.01M9 10h.01M12 10h.01M15 10h.01M18 10h.01M8 14h8',
  left: 'M15 5l-7 7 7 7',
  movie: 'M4 6h11v12H4zM15 10l5-3v10l-5-3z',
  near: 'M12 20v-8M8 15l4-4 4 4M5 5h14',
  far: 'M12 4v8M8 9l4 4 4-4M5 20h14',
  right: 'M9 5l7 7-7 7',
  trash: 'M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13M10 11v5M14 11v5',
  warning: 'M12 4l9 16H3zM12 10v4M12 17h.01',
} as const;

export type IconName = keyof typeof PATHS;

export const Icon = ({ name }: { name: IconName }) => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    <path d={PATHS[name]} />
  </svg>
);
