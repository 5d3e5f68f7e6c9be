// Points moved apart as little as needed, so that things drawn around them do not cover each other.

const ROUNDS = 200;
const ASIDE = 0.2; // radians
const SLACK = 0.5; // pixels, against rounding

// Returns the points [x, y] at least `size` apart and half of it from the edges of a plane of
// `width` by `height`, as far as there is room; their order and what is far enough apart stay.
export function separate(points, size, width, height) {
  const within = (value, side) => Math.min(Math.max(value, size / 2), Math.max(size / 2, side - size / 2));
  const moved = points.map(([x, y]) => [within(x, width), within(y, height)]);
  const apart = size + SLACK;
  for (let round = 0; round < ROUNDS; round += 1) {
    let isCrowded = false;
    for (let first = 0; first < moved.length; first += 1) {
      for (let second = first + 1; second < moved.length; second += 1) {
        const [a, b] = [moved[first], moved[second]];
        const distance = Math.hypot(b[0] - a[0], b[1] - a[1]);
        if (distance >= size) continue;
        isCrowded = true;
        // Pushed a little aside, too, so that a row of points in a corner finds the free side.
        const straight = distance ? Math.atan2(b[1] - a[1], b[0] - a[0]) : first + 2 * second;
        const [across, down] = [Math.cos(straight + ASIDE), Math.sin(straight + ASIDE)];
        const step = (apart - distance) / 2;
        moved[first] = [within(a[0] - across * step, width), within(a[1] - down * step, height)];
        moved[second] = [within(b[0] + across * step, width), within(b[1] + down * step, height)];
      }
    }
    if (!isCrowded) break;
  }
  return moved;
}
