/** Draws whole numbers below an end, the same ones for one seed. */
export function drawing(seed) {
  let state = (Math.imul(seed, 2_654_435_761) + 12_345) >>> 0;
  return (end) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * end);
  };
}
