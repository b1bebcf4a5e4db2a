/** The middle of the view, where keys set points. */
export function Crosshair() {
  const lines = 'M-16 0H-4M4 0H16M0 -16V-4M0 4V16';
  return (
    <svg className="drawing-crosshair" viewBox="-20 -20 40 40" aria-hidden>
      <path d={lines} className="drawing-crosshair-rim" />
      <path d={lines} className="drawing-crosshair-line" />
    </svg>
  );
}
