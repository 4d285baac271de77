/** What the camera marks in its picture, and where the user wants the focus. */
import type { Frame } from '../../../src/api/schemas.ts';

/** Where the body sends no coordinates there are no rectangles either. */
const PLAIN = { width: 3, height: 2 };

export function Overlay({
  frame,
  mark,
}: {
  frame: Frame;
  mark: { x: number; y: number } | undefined;
}) {
  const { width, height } = frame.coordinates ?? PLAIN;
  const size = width / 24;
  return (
    <svg
      class="overlay"
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="xMidYMid meet"
      aria-hidden="true"
    >
      {frame.focusFrames.map((each) => (
        <rect
          key={`${each.x} ${each.y} ${each.width}`}
          class={`focus-frame ${each.state ?? 'idle'}`}
          x={each.x}
          y={each.y}
          width={each.width}
          height={each.height}
        />
      ))}
      {mark && (
        <rect
          class="mark"
          x={mark.x * width - size / 2}
          y={mark.y * height - size / 2}
          width={size}
          height={size}
          rx={size / 8}
        />
      )}
    </svg>
  );
}
