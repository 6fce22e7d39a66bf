/** What part of a timeline is shown. */
export interface Camera {
  readonly from: number;
  readonly to: number;
}

/** Fewest counts that are shown: each is then wide enough to be clicked. */
const LEAST = 10;

/** Everything. */
export function whole({ from, to }: Camera): Camera {
  return { from, to: Math.max(to, from + LEAST) };
}

/**
 * What is shown when there is more, or less, than `before`: who has looked at everything still does, everybody else at
 * the same part, unless `count` is elsewhere.
 */
export function followed(camera: Camera, before: Camera, all: Camera, count: number): Camera {
  const old = whole(before);
  if (camera.from <= old.from && camera.to >= old.to) return whole(all);
  const same = moved(camera, all, 0);
  return count >= same.from && count <= same.to ? same : moved(same, all, count - (same.from + same.to) / 2);
}

/** Nearer (factor below 1) or farther, around a count; never beyond what there is. */
export function zoomed(camera: Camera, all: Camera, factor: number, around: number): Camera {
  const most = whole(all);
  const wanted = (camera.to - camera.from) * factor;
  const size = Math.min(Math.max(wanted, LEAST), most.to - most.from);
  const share = (around - camera.from) / (camera.to - camera.from);
  return moved({ from: around - share * size, to: around + (1 - share) * size }, all, 0);
}

/** To the right by so many counts, as far as there is something. */
export function moved({ from, to }: Camera, all: Camera, counts: number): Camera {
  const most = whole(all);
  const size = Math.min(to - from, most.to - most.from);
  const start = Math.min(Math.max(from + counts, most.from), most.to - size);
  return { from: start, to: start + size };
}
