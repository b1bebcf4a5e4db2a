/** The mark: a grid of tiles, one of them found, one missing. */
export function Logo({ size }: { size: number }) {
  return (
    <svg className="logo" width={size} height={size} viewBox="0 0 32 32" aria-hidden>
      <rect width="32" height="32" rx="7" fill="#24282c" />
      <g fill="#24506e">
        <rect x="6" y="6" width="6" height="6" rx="1.2" />
        <rect x="20" y="6" width="6" height="6" rx="1.2" />
        <rect x="6" y="20" width="6" height="6" rx="1.2" />
      </g>
      <g fill="#3a8cc0">
        <rect x="13" y="6" width="6" height="6" rx="1.2" />
        <rect x="6" y="13" width="6" height="6" rx="1.2" />
      </g>
      <g fill="#7cc4f0">
        <rect x="20" y="13" width="6" height="6" rx="1.2" />
        <rect x="13" y="20" width="6" height="6" rx="1.2" />
      </g>
      <rect x="13" y="13" width="6" height="6" rx="1.2" fill="#f2d94e" />
      <rect
        x="20.7"
        y="20.7"
        width="4.6"
        height="4.6"
        rx="1"
        fill="none"
        stroke="#e0529c"
        strokeWidth="1.4"
      />
    </svg>
  );
}
